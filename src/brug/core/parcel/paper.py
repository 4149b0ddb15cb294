"""The message for eyes: `bericht.pdf`, tagged and in Dutch, with what the message holds and nothing else (art. 3)."""

from __future__ import annotations

from importlib.resources import files

from brug.core import message, press
from brug.core.protocol.decide import Permit

NOT_DRAWN = "zie bericht.json"


def render(content: message.Message, *, permit: Permit, practice: bool) -> bytes:
    """The PDF (PDF/UA-1) of a message that `permit` allows; the same one gives the same bytes.

    What the letters here cannot draw is left to `bericht.json` rather than drawn wrong. Raises `ValueError` for what is
    for no eyes.
    """
    page = {"title": content.title, "notice": content.notice, "parts": content.parts()}
    # a partner is not told where the family came from (art. 4)
    is_onward = isinstance(content, message.Onward)
    page["protocol"] = "" if is_onward else f"{permit.protocol_id}, versie {permit.protocol_version}"
    template = files("brug.core.parcel").joinpath("bericht.typ").read_bytes()
    return press.press(template, page, practice=practice, instead=NOT_DRAWN)
