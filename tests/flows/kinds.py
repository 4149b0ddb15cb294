"""What people at one node do so that every kind of message crosses, as `pair` has its verbs (fictional people).

Each of these is asked of a process that is the node; what crosses is what the desks themselves wrote.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

CAW = {
    "kbo": "0207.654.333",
    "name": "CAW De Kempen",
    "category": "caw",
    "mailbox": "onthaal@caw.example",
    "phone": "014 21 00 00",
    "proof": "Samenwerkingsovereenkomst GBO Kempen",
}


def people(at: datetime) -> None:
    """Who works there: a team member, a dispatcher, a social worker, all bound by secrecy."""
    from brug.core.calendar import legal_day
    from brug.office.parties.models import Member, Team

    team = Team.objects.create(code="zuiderkempen", name="Lokaal team Kind en Gezin Zuiderkempen")
    bound = {"secrecy_attested_on": legal_day(at)}
    for username, name, role in (
        ("lien", "Lien Peeters", "team_member"),
        ("hilde", "Hilde Maes", "dispatcher"),
        ("karim", "Karim Aerts", "social_worker"),
    ):
        of = team if role == "team_member" else None
        Member.objects.create(
            username=username, name=name, role=role, team=of, email=f"{username}@brug.example", **bound
        )


def canary(at: datetime) -> None:
    from brug.office.disclosure import upkeep

    upkeep.send_canaries(at)


def refer(at: datetime, version: str, client: dict[str, Any]) -> str:
    """Told, agreed, typed and sent."""
    from brug.core import message
    from brug.desks.referrals import services
    from brug.office.registry import queries

    hour = timedelta(hours=1)
    facts = services.ConsentFacts(
        informed_at=at - 2 * hour, informed_how="talk_and_leaflet", language="ar", interpreter=True,
        consented_at=at - hour, consented_how="oral", met_on_duty=True, judged_with_client=True,
    )  # fmt: skip
    protocol = queries.named(version)
    assert protocol is not None
    [residence] = protocol.residences
    by, person = _member("lien"), message.Client.model_validate_json(json.dumps(client))
    referral = services.start(residence, client["address"]["postal_code"], by=by, at=at)
    services.record_consent(referral, facts, protocol, by=by, at=at)
    services.keep_client(referral, person, residence, by=by, at=at)
    services.send(referral, by=by, at=at)
    return str(referral.reference)


def withdraw(at: datetime, referral: str) -> None:
    from brug.desks.referrals import withdrawal
    from brug.desks.referrals.models import Referral

    withdrawal.withdraw(Referral.objects.get(reference=referral), by=_member("lien"), at=at)


def rectify(at: datetime, referral: str, correction: dict[str, Any]) -> None:
    from brug.core import message
    from brug.desks.referrals import rights

    value = message.Correction.model_validate_json(json.dumps(correction))
    rights.rectify(UUID(referral), value, "", by=_member("lien"), at=at)


def restrict(at: datetime, referral: str) -> None:
    from brug.desks.referrals import rights

    rights.restrict(UUID(referral), by=_member("lien"), at=at)


def sent(at: datetime) -> dict[str, str]:
    """How each referral stands at who sent it."""
    from brug.desks.referrals.models import Referral

    return {str(each.reference): each.state for each in Referral.objects.all()}


def contact(at: datetime) -> None:
    """The newest case is given to a social worker, who speaks with the family."""
    from brug.desks.casework import services
    from brug.desks.casework.models import Intake
    from brug.desks.casework.states import Channel, Result

    case, karim = Intake.objects.latest("arrived_at"), _member("karim")
    services.assign(case, karim, by=_member("hilde"), at=at, version=case.version)
    case.refresh_from_db()
    services.record_attempt(case, Channel.PHONE, Result.REACHED, told=True, by=karim, at=at, version=case.version)


def cases(at: datetime) -> dict[str, Any]:
    """Of each referral that is here: the client as it stands in the case, and whether it is restricted."""
    from brug.desks.casework.models import Intake
    from brug.office.vault import services as vault

    found = {}
    for case in Intake.objects.exclude(record=None):
        client = vault.read(case.record)["referral"]["client"]
        found[str(case.referral_id)] = {"client": client, "restricted": case.restricted_at is not None}
    return found


def report(at: datetime, field: str, defect: str) -> None:
    from brug.core.codes import Defect
    from brug.desks.casework.models import Intake
    from brug.desks.quality import services
    from brug.office.plug import cases as desk

    karim = _member("karim")
    case = desk().open_case(Intake.objects.latest("arrived_at").reference, by=karim, at=at)
    services.report(case, field, Defect(defect), by=karim, at=at)  # type: ignore[arg-type]


def answer_report(at: datetime, correction: dict[str, Any]) -> None:
    from brug.core import message
    from brug.core.codes import Result
    from brug.desks.quality import answering
    from brug.desks.quality.models import Report

    value = message.Correction.model_validate_json(json.dumps(correction))
    asked = Report.objects.get(side="discloser")
    answering.recognise(asked, "Amal", "Haddou", by=_member("lien"), at=at)
    asked.refresh_from_db()
    answering.answer(asked, Result.CORRECTED, value, by=_member("lien"), at=at)


def involve(at: datetime, fields: list[str]) -> dict[str, str]:
    """The newest case becomes a file and goes on to a partner: the mail, and what is read out over the phone."""
    from django.conf import settings

    from brug.desks.casework import onward, partners, services
    from brug.desks.casework.models import Intake
    from brug.office import plug
    from brug.office.disclosure import calls
    from brug.office.post import mail
    from brug.office.post.models import Outgoing

    karim, case = _member("karim"), Intake.objects.latest("arrived_at")
    partner = partners.add(partners.Facts(**CAW, proven_on=at.date()), by=_member("hilde"), at=at)
    services.clarify(case, ["first_age_milk"], by=karim, at=at, version=case.version)
    case.refresh_from_db()
    file = services.accept_help(case, by=karim, at=at, version=case.version)
    wish = onward.Wish(partner, "other_expertise", frozenset(fields), at.date(), at.date(), "oral")  # type: ignore[arg-type]
    made = onward.involve(file, wish, by=karim, at=at, version=file.version)
    parcel = Outgoing.objects.get(parcel_id=made.parcel_id)
    parcel.mailbox = CAW["mailbox"]
    raw = mail.compose(parcel, sender=settings.MAILBOX).as_bytes()
    password = calls.read_password(parcel, by=karim, at=at)
    calls.tell(parcel, "de balie", by=karim, at=at)
    calls.confirm(parcel, take_receipt=plug.takes()["receipt"], by=karim, at=at)
    return {"mail": base64.b64encode(raw).decode(), "password": password}


def open_by_hand(at: datetime, raw: str, password: str) -> dict[str, Any]:
    """Whether a node takes this mail out of its mailbox, and what a person gets out of it with the phoned password."""
    from email import message_from_bytes, policy

    from brug.core import message
    from brug.core.parcel import archive
    from brug.office.post import mail

    content = base64.b64decode(raw)
    parts = message_from_bytes(content, policy=policy.default).iter_attachments()
    [packed] = [part.get_content() for part in parts if part.get_content_type() == "application/x-7z-compressed"]
    key = archive.ArchiveKey.derive(password, archive.salt_of(packed))
    opened = message.parse(archive.unpack(packed, key.derived).message)
    return {"taken": mail.is_parcel(content), "message": message.dump(opened)}


def tell_breach(at: datetime, other: str) -> None:
    from brug.core.codes import Aspect, Risk
    from brug.desks.breaches import services, telling
    from brug.desks.breaches.states import Kind

    dpo = _member("dpo")
    breach = services.suspect(Kind.MAILBOX, at, "Iemand anders was in de mailbox.", is_going_on=False, by=dpo, at=at)
    services.confirm(breach, at, by=dpo, at=at)
    services.describe(
        breach, facts="Iemand had de mailbox een uur.\nHet wachtwoord is vervangen.", aspects=[Aspect.CONFIDENTIALITY],
        consequences="Geen.", measures="Een tweede factor.", risk=Risk.UNLIKELY, by=dpo, at=at,
    )  # fmt: skip
    telling.tell(breach, other, by=dpo, at=at)


def read_breach(at: datetime, remark: str) -> None:
    """The officer reads what the other party told, and says a word back."""
    from brug.desks.breaches import telling
    from brug.desks.breaches.models import Word

    word = Word.objects.filter(is_ours=False, read_at=None).latest("pk")
    telling.read(word.breach, word.pk, by=_member("dpo"), at=at)
    telling.remark(word.breach, remark, by=_member("dpo"), at=at)


def remarks(at: datetime) -> list[str]:
    """What the other party said of breaches here."""
    from brug.desks.breaches.models import Word

    return [each.text for each in Word.objects.filter(is_ours=False).order_by("pk")]


def ask(at: datetime, about: str) -> None:
    from brug.desks.oversight import queries, telling

    [other] = queries.other_parties(at)
    telling.ask(about, other, by=_member("dpo"), at=at)  # type: ignore[arg-type]


def evidence(at: datetime) -> None:
    """The officer makes what the other party asked for, whatever it cannot prove yet."""
    from brug.desks.oversight import evidence as desk
    from brug.desks.oversight.models import Inquiry

    asked = Inquiry.objects.get(is_ours=False, about="evidence")
    desk.make(asked, despite=desk.missing(asked, at), by=_member("dpo"), at=at)


def read_evidence(at: datetime) -> str:
    from brug.desks.oversight import evidence as desk
    from brug.desks.oversight.models import Inquiry

    ours = Inquiry.objects.get(is_ours=True, about="evidence")
    desk.acknowledge(ours, by=_member("dpo"), at=at)
    return ours.pack


def processors(at: datetime, name: str) -> None:
    """One is added: the worker tells every party, also one that asked."""
    from brug.desks.oversight import processors as desk

    facts = desk.Facts(
        name=name, kbo="", country="BE", task="Het systeem laten draaien.", guarantees="ISO 27001.", subprocessors="",
        has_client_files=True, agreed_on=at.date(), agreed_through=None,
    )  # fmt: skip
    desk.add(facts, by=_member("dpo"), at=at)
    desk.tell(at)


def heard_processors(at: datetime) -> list[str]:
    from brug.desks.oversight.models import Overview

    return [each["name"] for each in Overview.objects.get().processors]


def new_keys(at: datetime) -> None:
    from brug.office.disclosure import meeting

    meeting.replace_our_keys(by=_member("beheer"), at=at)
    meeting.tell_new_keys(at)


def restored(at: datetime, backup_of: str) -> None:
    """As after a restore of the backup of then; an officer agrees."""
    from brug.office.disclosure import upkeep
    from brug.office.parties.models import Proposal

    upkeep.begin_after_restore(backup_of=datetime.fromisoformat(backup_of), at=at)
    upkeep.go_on(Proposal.objects.latest("pk"), by=_member("dpo"), at=at)


def account(at: datetime) -> dict[str, Any]:
    """What was sent and how it stands, what lies in quarantine and why, what the ledger's own check finds, and how far
    the other party cosigned."""
    from brug import __version__
    from brug.core import message
    from brug.office.ledger import queries
    from brug.office.post.models import Incoming, Outgoing

    parcels = Outgoing.objects.order_by("pk")
    return {
        "version": __version__,
        "kinds": {code: kind.row.sender for code, kind in message.KINDS.items()},
        "sent": [[each.kind, each.state, each.received_at is not None] for each in parcels.defer("archive")],
        "quarantine": list(Incoming.objects.exclude(rejection="").values_list("rejection", flat=True)),
        "waiting": Incoming.objects.filter(rejection="").count(),
        "ledger": [str(finding) for finding in queries.verify()],
        "cosigned": queries.newest_cosignature() is not None,
    }


def _member(username: str) -> Any:
    from brug.office.parties.models import Member

    return Member.objects.get(username=username)


DONE_BY_PEOPLE = (
    *(people, refer, withdraw, rectify, restrict, sent, contact, cases, report, answer_report, involve, open_by_hand),
    *(tell_breach, read_breach, remarks, ask, evidence, read_evidence, processors, heard_processors, new_keys),
)
VERBS: dict[str, Callable[..., Any]] = {verb.__name__: verb for verb in (*DONE_BY_PEOPLE, canary, restored, account)}
