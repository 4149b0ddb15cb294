"""What a client is asked, from the protocol in force: which data, to whom, what for (recital C, art. 3)."""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass

from django.utils.translation import gettext, gettext_lazy

from brug.core import datum
from brug.core.protocol.document import Field, Protocol
from brug.core.protocol.terms import Purpose
from brug.desks.referrals.states import Purpose as Known

WORDING = 2  # version of the question; `python -m tools.shown` keeps what it says
DATA = {row.code: gettext_lazy(row.asked) for row in datum.DATA}  # both names are one datum for people


@dataclass(frozen=True, slots=True)
class Question:
    """One question for one recipient, one set of data and one set of purposes: what the record says was agreed to."""

    recipient: str
    data: str
    purposes: str
    years: int | None

    def __str__(self) -> str:
        return gettext(
            "The client says yes: %(data)s may go to a social worker of %(recipient)s, who makes contact and looks "
            "together with the client which help fits. What for: %(purposes)s."
        ) % {"data": self.data, "recipient": self.recipient, "purposes": self.purposes}


def question(protocol: Protocol) -> Question:
    """The question under `protocol`, in the language of who reads it. `years`: how long a closed file stays."""
    kept = [rule.years_after for rule in protocol.articles.data.terms.retention if rule.keeps == "client_file"]
    return Question(
        recipient=protocol.recipient.short_name,
        data=data_in_words(protocol.fields),
        purposes=purposes_in_words(protocol.recitals.ground.terms.purposes),
        years=kept[0] if kept else None,
    )


def data_in_words(fields: Iterable[str]) -> str:
    """ "name, address and phone number"."""
    asked = set(fields)
    return _listed(dict.fromkeys(str(words) for field, words in DATA.items() if field in asked))


def withheld_in_words(protocol: Protocol, agreed: Set[Field]) -> str:
    """What the family said no to, of what the protocol agrees to; "" for nothing."""
    withheld = protocol.fields - agreed
    return data_in_words(withheld) if withheld else ""


def _plain(purpose: Purpose) -> str:
    return gettext(Known(purpose.code).words) if purpose.code in set(Known) else purpose.words


def purposes_in_words(purposes: Iterable[Purpose]) -> str:
    """Plain words of each purpose; of one that has none, those of the protocol."""
    return _listed(_plain(purpose) for purpose in purposes)


def _listed(words: Iterable[str]) -> str:
    *most, last = words
    return gettext("%(most)s and %(last)s") % {"most": ", ".join(most), "last": last} if most else last
