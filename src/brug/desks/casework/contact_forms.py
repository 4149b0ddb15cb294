"""What the worker notes of a contact: how, what came of it, and when it was (art. 2)."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from brug.desks.casework.forms import CaseForm
from brug.desks.casework.states import Channel, Result
from brug.kit.fields import one_of, tick
from brug.kit.forms import choices
from brug.office.parties.fields import MomentField, moment_field
from brug.office.plug import windows

_TALKING = frozenset({Channel.PHONE, Channel.HOME_VISIT, Channel.TEXT_BY_HAND, Channel.EMAIL})


def happened_field(label: Any) -> MomentField:
    """The day and the hour of a contact; not filled in: just now."""
    field = moment_field(label, required=False, help_text=_("Change it when it was earlier than now."))
    field.is_conditional = True  # type: ignore[attr-defined]  # the page fills it in
    return field


class ReachedForm(CaseForm):
    """The client was spoken with: how, and whether she heard what GDPR 14 asks."""

    channel = one_of(
        _("How did you speak with the client?"),
        choices(each for each in Channel if each in _TALKING),
        missing=_("Choose how."),
    )
    happened_at = happened_field(_("When was that?"))
    told = tick(
        _(
            "I have told from whom we have the data (with the client’s consent), "
            "why, how long we keep them, and which rights the client has."
        ),
        help_text=_("The client must hear this at the first contact (GDPR 14)."),
    )
    window = tick(
        _("The family wants its own window: a code on paper, without a name"),
        help_text=_("Only when the client asks for it, and nobody at home reads along."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not windows().is_open():
            del self.fields["window"]

    def facts(self) -> dict[str, Any]:
        """What `services.record_attempt` wants to know."""
        cleaned = self.cleaned_data
        return {
            "channel": Channel(cleaned["channel"]),
            "result": Result.REACHED,
            "told": cleaned["told"],
            "happened_at": cleaned["happened_at"],
        }

    def entry(self) -> dict[str, Any]:
        return _entry_of(self.facts())


class AttemptForm(CaseForm):
    """Somebody tried and did not speak with the client: how, and what happened."""

    channel = one_of(_("How did you try?"), choices(Channel), missing=_("Choose how."))
    result = one_of(
        _("What happened?"),
        choices(each for each in Result if each is not Result.REACHED),
        missing=_("Choose what happened."),
    )
    happened_at = happened_field(_("When was that?"))

    def facts(self) -> dict[str, Any]:
        """What `services.record_attempt` wants to know."""
        cleaned = self.cleaned_data
        return {
            "channel": Channel(cleaned["channel"]),
            "result": Result(cleaned["result"]),
            "told": False,
            "happened_at": cleaned["happened_at"],
        }

    def entry(self) -> dict[str, Any]:
        return _entry_of(self.facts())


def _entry_of(facts: dict[str, Any]) -> dict[str, Any]:
    """An attempt as the history has it; without its moment when that was not filled in."""
    moment = facts.pop("happened_at")
    return {"kind": "attempt"} | facts | ({"happened_at": moment.isoformat()} if moment else {})
