"""The message for eyes: `bericht.pdf`, tagged and in Dutch, with what the message holds and nothing else (art. 3)."""

from __future__ import annotations

from datetime import date
from importlib.resources import files
from typing import Any

from brug.core import datum, message, press
from brug.core.identity import municipality, write_phone_abroad
from brug.core.parcel import letters
from brug.core.parcel.letters import Rows, instant, part
from brug.core.protocol.decide import Permit
from brug.core.protocol.terms import Field

NOT_GIVEN, NOT_DRAWN = "niet meegedeeld", "zie bericht.json"
ONE_NAME = "heeft maar één naam"


def render(content: message.Message, *, permit: Permit, practice: bool, team_name: str | None = None) -> bytes:
    """The PDF (PDF/UA-1) of a message that `permit` allows.

    `team_name` is the notifier's team in words; its code stands there otherwise. The same message gives the same bytes.
    """
    if not content.row.for_eyes:  # what two mail rooms say to each other
        raise ValueError("What is for no eyes has no paper.")
    if isinstance(content, message.Referral):
        page = _referral(content, team_name)
    elif isinstance(content, message.Onward):
        page = _onward(content)
    elif isinstance(content, message.Receipt):
        page = _receipt(content)
    elif isinstance(content, message.Retraction):
        page = _retraction(content)
    else:
        page = letters.page(content)
    protocol = f"{permit.protocol_id}, versie {permit.protocol_version}"
    if isinstance(content, message.Onward):  # a partner is not told where the family came from (art. 4)
        protocol = ""
    return _printable({**page, "protocol": protocol}, practice)


def _referral(referral: message.Referral, team_name: str | None) -> dict[str, Any]:
    client, notifier = referral.client, referral.notifier
    agreed = client.fields_given() | referral.attestation.fields
    return {
        "title": "Aanmelding",
        "notice": "Vertrouwelijk. Verwijder dit bestand en elke afdruk na verwerking.",
        "parts": [
            part("Cliënt", _client(client, agreed, referral.residence, referral.attestation.consented_on), strong=True),
            part("Aanmelder", _notifier(notifier, team_name), "Klopt een gegeven niet? Laat het deze persoon weten."),
        ],
    }


def _onward(onward: message.Onward) -> dict[str, Any]:
    client = onward.client
    rows = _client(client, client.fields_given(), "", onward.consented_on)
    return {
        "title": "Doorverwijzing",
        "notice": "Vertrouwelijk. De cliënt stemde in. Verwijder dit bestand en elke afdruk na verwerking.",
        "parts": [
            part("Cliënt", rows, strong=True),
            part("Maatschappelijk werker", _notifier(onward.worker, None)),
        ],
    }


def _client(client: message.Client, codes: frozenset[Field], residence: str, on: date) -> Rows:
    """A row for each datum of `codes`: what was given, or that it was not."""
    printed: Rows = []
    for row in datum.rows(codes):
        if row.typed is datum.Typed.ADDRESS:
            lines = _address(client.address, residence, on)
        elif client.has_one_name and row.is_name and not client.given(row.code):
            lines = [ONE_NAME]
        else:
            lines = [row.write(client.given(row.code)) if client.given(row.code) else NOT_GIVEN]
        printed.append((row.printed, lines))
    return printed


def _notifier(notifier: message.Notifier, team_name: str | None) -> Rows:
    rows = [("Naam", [notifier.name]), ("Team", [team_name or notifier.team])]
    if notifier.phone:
        rows.append(("Telefoon", [write_phone_abroad(notifier.phone)]))
    if notifier.email:
        rows.append(("E-mail", [notifier.email]))
    return rows


def _address(address: message.Address | None, residence: str, on: date) -> list[str]:
    if address is None:
        return [NOT_GIVEN]
    box = f"bus {address.box}" if address.box else None
    street = " ".join(part for part in (address.street, address.number, box) if part)
    served = municipality(residence, on)
    place = f"{address.postal_code} {served.name}" if served else address.postal_code
    return [street, place] if street else [place]


def _receipt(receipt: message.Receipt) -> dict[str, Any]:
    accepted = receipt.result == "accepted"
    rows = [("Nummer", [str(receipt.parcel_id)]), ("Ontvangen", [instant(receipt.received_at)])]
    return {
        "title": "Ontvangstbewijs",
        "notice": f"De zending is aangekomen en {'aanvaard' if accepted else 'wordt nagekeken'}.",
        "parts": [part("Zending", rows)],
    }


def _retraction(retraction: message.Retraction) -> dict[str, Any]:
    rows = [("Nummer", [str(retraction.referral_id)]), ("Ingetrokken", [instant(retraction.withdrawn_at)])]
    return {
        "title": "Intrekking",
        "notice": "De cliënt heeft de toestemming ingetrokken. Wis de aanmelding met dit nummer.",
        "parts": [part("Aanmelding", rows)],
    }


def _printable(page: dict[str, Any], practice: bool) -> bytes:
    """The PDF of `page`. What the letters here cannot draw is left to `bericht.json` rather than drawn wrong."""
    template = files("brug.core.parcel").joinpath("bericht.typ").read_bytes()
    return press.press(template, page, practice=practice, instead=NOT_DRAWN)
