"""What waits about connections to other software: a permission that no officer looked at yet (art. 4)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from django.utils.translation import ngettext_lazy

from brug.face.api.models import Token
from brug.office.parties.waiting import Row, Thing
from brug.office.roles import Role


def to_agree(at: datetime, _whose: Collection[int] | None) -> Iterable[Thing]:
    found = Token.objects.filter(agreed_at=None, ended_at=None, application__ended_at=None).order_by("made_at")
    return (Thing("", "", made_at) for made_at in found.values_list("made_at", flat=True))


ROWS = (
    Row(
        "connection_to_agree",
        to_agree,
        ngettext_lazy(
            "%(n)d connection to other software waits for your agreement",
            "%(n)d connections to other software wait for your agreement",
            "n",
        ),
        where="connections-to-agree",
        roles=(Role.DPO,),
        again=5,
    ),
)
