"""May this disclosure happen? One rule a function (recital C, art. 1 to art. 6, art. 8, art. 11)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from brug.core.calendar import legal_day
from brug.core.datum import NAMES, WAYS_TO_REACH
from brug.core.identity import Invalid
from brug.core.kind import Kind
from brug.core.protocol import life
from brug.core.protocol.municipalities import is_served
from brug.core.protocol.operate import Reason as Reason
from brug.core.protocol.operate import Why as Why
from brug.core.protocol.operate import obstacles
from brug.core.words import Words
from brug.core.words import marked as _

if TYPE_CHECKING:
    from brug.core.protocol.document import Field, Protocol


@dataclass(frozen=True, slots=True)
class Consent:
    """What the client was told and said yes to; legal days, KBO digits, field names. Holds no personal data."""

    informed_on: date | None
    given_on: date | None
    recipient: str
    purposes: frozenset[str]
    fields: frozenset[Field]
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """One disclosure of one client's data, as asked for: facts only, nothing copied from the protocol it is put to.

    `discloser` and `recipient` are KBO numbers (ten digits), `team` the code of the notifier's team, `residence` a
    REFNIS code, `secrecy_through` the last day on which the sender's attestation of professional secrecy holds,
    `transport` and `mailbox` how and where it would go. `met_on_duty` and `judged_with_client` are what the notifier
    states for this one referral: she met the family in the course of her duties (recital C), and judged with the
    client that it is called for (art. 5). `has_one_name`: the client has no other, which the notifier states as well.
    Holds no personal data of the client itself.
    """

    discloser: str
    team: str
    recipient: str
    purposes: frozenset[str]
    fields: frozenset[Field]
    residence: str
    consent: Consent
    secrecy_through: date | None
    transport: str
    mailbox: str
    met_on_duty: bool
    judged_with_client: bool
    has_one_name: bool = False


@dataclass(frozen=True, slots=True)
class OnwardRequest:
    """One client's data to a partner of integrated broad intake (art. 2, art. 4): facts only, as asked for.

    `sender` and `partner` are KBO numbers (ten digits), `category` what kind of helper the partner is, `is_proven`
    whether there is a document that it belongs to the partnership, `also_allowed` the categories that the sender's own
    policy adds, `need` one of `Need`. `wants_help`: the client said so, and has a client file. `secrecy_through`: of
    the social worker who asks. Holds no personal data of the client itself.
    """

    sender: str
    partner: str
    category: str
    is_proven: bool
    also_allowed: frozenset[str]
    need: str
    wants_help: bool
    fields: frozenset[Field]
    consent: Consent
    secrecy_through: date | None
    has_one_name: bool = False


Asked = Request | OnwardRequest | None


@dataclass(frozen=True, slots=True)
class Permit:
    """Permission to send a message of `kind` with exactly these fields, under exactly this version, as of this instant.

    Made by `decide` (a disclosure), by `decide_onward` (to a partner), by `duty` (what is owed) and by `answer` (that
    something arrived: answering.py) and nowhere else. `protocol_sha256`: which text it is (core/protocol/digest.py).
    """

    protocol_id: str
    protocol_version: int
    kind: str
    article: str
    discloser: str
    recipient: str
    fields: frozenset[Field]
    at: datetime
    protocol_sha256: str


@dataclass(frozen=True, slots=True)
class Denial:
    """Every reason at once, so that a person can mend them in one go."""

    reasons: tuple[Reason, ...]


class Denied(Exception):
    """The protocol says no; nothing has changed and nothing has left. Carries the `Denial`."""

    def __init__(self, denial: Denial) -> None:
        super().__init__(", ".join(f"{r.code} ({r.article})" for r in denial.reasons))
        self.denial = denial


def decide(protocol: Protocol, request: Request, at: datetime) -> Permit | Denial:
    """Whether `protocol` allows `request` at the instant `at` (aware, any zone), after what had happened by then."""
    protocol = protocol.as_known(at)
    reasons = tuple(reason for rule in RULES for reason in rule(protocol, request, at))
    if reasons:
        return Denial(reasons)
    who = (request.discloser, request.recipient, request.fields, at)
    return Permit(protocol.id, protocol.version, "referral", protocol.cites("duration"), *who, protocol.sha256)


def decide_onward(protocol: Protocol, request: OnwardRequest, at: datetime) -> Permit | Denial:
    """Whether the recipient may involve a partner at the instant `at`: needed, wanted, allowed (art. 2, art. 4)."""
    protocol = protocol.as_known(at)
    reasons = tuple(reason for rule in ONWARD_RULES for reason in rule(protocol, request, at))
    if reasons:
        return Denial(reasons)
    who = (request.sender, request.partner, request.fields, at)
    return Permit(protocol.id, protocol.version, "onward", protocol.cites("onward"), *who, protocol.sha256)


def duty(
    protocol: Protocol,
    code: str,
    kind: Kind,
    *,
    sender: str,
    recipient: str,
    at: datetime,
    fields: frozenset[Field] = frozenset(),
    residences: frozenset[str] = frozenset(),
) -> Permit:
    """The permit of what is owed, of `kind` by its `code`. Duties stay after the end of the protocol (art. 3, 7).

    `fields` of the client, agreed ones, may stand in a correction by the discloser and nowhere else (art. 7).
    `residences`: the REFNIS codes that an address among them may lie in. Raises `Invalid` when the recipient serves
    none of those, and `ValueError` for a kind that is no duty or not the sender's, when the two are not the parties of
    the protocol, or when the fields may not go along.
    """
    if {sender, recipient} != {protocol.discloser.kbo.digits, protocol.recipient.kbo.digits}:
        raise ValueError("A duty is owed between the parties of the protocol only.")
    side = "discloser" if sender == protocol.discloser.kbo.digits else "recipient"
    if not kind.ground or kind.sender not in ("either", side):
        raise ValueError("The protocol decides on each one of this kind, or the other party sends it.")
    is_correction = kind.corrects and side == "discloser"
    if fields and not (is_correction and fields <= protocol.fields):
        raise ValueError("Fields of the client go along with a correction by the discloser only, and agreed ones.")
    if "address" in fields and not any(_serves(protocol, residence, at) for residence in residences):
        raise Invalid("residence_not_served", "An address in a municipality that the protocol serves (art. 2).")
    article = kind.ground if kind.ground.startswith("GDPR") else protocol.cites(kind.ground)
    return Permit(protocol.id, protocol.version, code, article, sender, recipient, fields, at, protocol.sha256)


def client_said_yes(protocol: Protocol, request: Request, at: datetime) -> Iterator[Reason]:
    """«De cliënt moet voldoende geïnformeerd zijn en moet ook zijn toestemming … gegeven hebben.»"""
    yield from _said_yes(request.consent, at, protocol.cites("ground"))


def _said_yes(consent: Consent, at: datetime, article: str) -> Iterator[Reason]:
    today = legal_day(at)
    if consent.informed_on is None or consent.informed_on > today:
        yield Reason(article, "client_not_informed")
    if consent.withdrawn:
        yield Reason(article, "consent_withdrawn")
    elif consent.given_on is None or consent.given_on > today:
        yield Reason(article, "no_consent")
    elif consent.informed_on is not None and consent.given_on < consent.informed_on:
        yield Reason(article, "consent_before_information")


def consent_covers_this(protocol: Protocol, request: Request, at: datetime) -> Iterator[Reason]:
    """«… zijn toestemming tot het delen van deze gegevens»: these fields, this recipient, this purpose."""
    consent = request.consent
    if consent.given_on is None or consent.withdrawn:
        return
    if consent.recipient != request.recipient:
        yield Reason(protocol.cites("ground"), "consent_for_another_recipient")
    if request.fields - consent.fields:
        yield Reason(protocol.cites("ground"), "consent_for_other_fields")
    if request.purposes - consent.purposes:
        yield Reason(protocol.cites("ground"), "consent_for_another_purpose")


def sender_keeps_secrets(protocol: Protocol, request: Request, at: datetime) -> Iterator[Reason]:
    """«… lokale teamleden … die gebonden zijn aan het beroepsgeheim»"""
    if request.secrecy_through is None or request.secrecy_through < legal_day(at):
        yield Reason(protocol.cites("ground"), "sender_not_bound_by_secrecy")


def family_was_met_on_duty(protocol: Protocol, request: Request, at: datetime) -> Iterator[Reason]:
    """«… gezinnen waarmee ze in uitvoering van hun taken in contact komen»"""
    if not request.met_on_duty:
        yield Reason(protocol.cites("ground"), "not_met_on_duty")


def referral_was_judged_with_the_client(protocol: Protocol, request: Request, at: datetime) -> Iterator[Reason]:
    """«… telkens wanneer een lokaal teamlid … in samenspraak met … de cliënt oordeelt»: one by one, by a person."""
    if not request.judged_with_client:
        yield Reason(protocol.cites("duration"), "not_judged_with_the_client")


def parties_are_those_of_the_protocol(protocol: Protocol, request: Request, at: datetime) -> Iterator[Reason]:
    """One direction only: from the discloser's local team to the recipient."""
    if request.discloser != protocol.discloser.kbo.digits or request.recipient != protocol.recipient.kbo.digits:
        yield Reason(protocol.cites("subject"), "other_parties")
    if request.team not in protocol.team_codes:
        yield Reason(protocol.cites("ground"), "team_not_named")


def purpose_was_agreed(protocol: Protocol, request: Request, at: datetime) -> Iterator[Reason]:
    if not request.purposes or request.purposes - protocol.purposes:
        yield Reason(protocol.cites("grounds"), "other_purpose")


def fields_were_agreed(protocol: Protocol, request: Request | OnwardRequest, at: datetime) -> Iterator[Reason]:
    """«Gegeven 1: Voornaam en naam van de cliënt. Gegeven 2: Contactgegevens.»"""
    if request.fields - protocol.fields:
        yield Reason(protocol.cites("data"), "field_not_agreed")
    names = request.fields & NAMES
    if not names or not (names == NAMES or request.has_one_name):
        yield Reason(protocol.cites("data"), "client_without_name")
    if request.has_one_name and names == NAMES:
        yield Reason(protocol.cites("data"), "one_name_and_two")
    if not request.fields & WAYS_TO_REACH:
        yield Reason(protocol.cites("data"), "client_cannot_be_reached")


def client_lives_where_the_recipient_serves(protocol: Protocol, request: Request, at: datetime) -> Iterator[Reason]:
    """«… het OCMW van de gemeente waarin de cliënt verblijft»; a former municipality is served by the merged one."""
    if not _serves(protocol, request.residence, at):
        yield Reason(protocol.cites("grounds"), "residence_not_served")


def _serves(protocol: Protocol, residence: str, at: datetime) -> bool:
    return is_served(protocol.residences, residence, legal_day(at))


def transport_was_agreed(protocol: Protocol, request: Request, at: datetime) -> Iterator[Reason]:
    """«AES 256 encryptie via 7-zip … naar volgende mailadres»"""
    if request.transport != protocol.transport.method:
        yield Reason(protocol.cites("security"), "other_transport")
    if request.mailbox.casefold() != protocol.mailbox_for(request.residence).casefold():
        yield Reason(protocol.cites("security"), "other_mailbox")


def agreement_was_concluded(protocol: Protocol, request: Request | None, at: datetime) -> Iterator[Reason]:
    """«… voor de duur van deze samenwerkingsovereenkomst»: not before it was concluded."""
    agreement = protocol.agreement
    if agreement is not None and legal_day(at) < agreement.concluded_on:
        yield Reason(protocol.cites("duration"), "agreement_not_concluded_yet")


def brug_can_do_it(protocol: Protocol, request: Request, at: datetime) -> Iterator[Reason]:
    """What was agreed is no referral as Brug brings one."""
    yield from obstacles(protocol)


def protocol_is_signed(protocol: Protocol, request: Asked, at: datetime) -> Iterator[Reason]:
    """Retroactive entry into force permits nothing before the signatures (art. 11 and the day of the signatures)."""
    if protocol.signed_at is None or at < protocol.signed_at:
        yield Reason(protocol.cites("life"), "not_signed_yet")
    elif protocol.holds_from is None or protocol.holds_from > at >= life.first_moment(protocol.in_force_from):
        yield Reason(protocol.cites("life"), "not_accepted_yet")


def protocol_is_in_force(protocol: Protocol, request: Asked, at: datetime) -> Iterator[Reason]:
    """«… treedt in werking op …», and each of its ends by the article that knows it."""
    if legal_day(at) < protocol.in_force_from:
        yield Reason(protocol.cites("life"), "not_in_force_yet")
    if protocol.ends and at >= protocol.ends[0].at:
        yield Reason(protocol.ends[0].article, protocol.ends[0].phase.value)


Rule = Callable[["Protocol", Request, datetime], Iterator[Reason]]
RULES: tuple[Rule, ...] = (  # in the order of the articles
    client_said_yes,
    consent_covers_this,
    sender_keeps_secrets,
    family_was_met_on_duty,
    brug_can_do_it,
    parties_are_those_of_the_protocol,
    purpose_was_agreed,
    fields_were_agreed,
    client_lives_where_the_recipient_serves,
    referral_was_judged_with_the_client,
    transport_was_agreed,
    agreement_was_concluded,
    protocol_is_signed,
    protocol_is_in_force,
)


class Need(Words):
    """Why a partner may be needed: a closed list, for the account; the reason itself never crosses (art. 2)."""

    OTHER_EXPERTISE = "other_expertise", _("they offer help that we do not")
    OTHER_TERRITORY = "other_territory", _("the help is given in another municipality")
    OWN_HEALTH_FUND = "own_health_fund", _("it is the service of the client’s own health fund")
    JOINT_GUIDANCE = "joint_guidance", _("we guide the family together")


PARTNERS = frozenset({"caw", "dmw", "ocmw"})  # the core actors of integrated broad intake (decree of 9 February 2018)


def partner_is_needed(protocol: Protocol, request: OnwardRequest, at: datetime) -> Iterator[Reason]:
    """«Indien noodzakelijk …»"""
    if request.need not in set(Need):
        yield Reason(protocol.cites("grounds"), "partner_not_needed")
    if "partners_if_needed_and_wanted" not in protocol.articles.grounds.terms.steps:
        yield Reason(protocol.cites("grounds"), "no_partners")


def client_wants_the_partner(protocol: Protocol, request: OnwardRequest, at: datetime) -> Iterator[Reason]:
    """«… en indien gewenst door de cliënt»: help, and this partner with these data; a consent of its own."""
    consent = request.consent
    if not request.wants_help:
        yield Reason(protocol.cites("grounds"), "help_not_wanted")
    yield from _said_yes(consent, at, protocol.cites("grounds"))
    if consent.given_on is None or consent.withdrawn:
        return
    if consent.recipient != request.partner:
        yield Reason(protocol.cites("grounds"), "consent_for_another_partner")
    if request.fields - consent.fields:
        yield Reason(protocol.cites("grounds"), "consent_for_other_fields")


def partner_is_of_the_partnership(protocol: Protocol, request: OnwardRequest, at: datetime) -> Iterator[Reason]:
    """«… de actoren die deel uitmaken van het samenwerkingsverband geïntegreerd breed onthaal»"""
    if "gbo_actor" not in {recipient.code for recipient in protocol.onward_recipients}:
        yield Reason(protocol.cites("onward"), "no_partners")
    if request.category not in PARTNERS | request.also_allowed:
        yield Reason(protocol.cites("onward"), "partner_category_not_allowed")
    if not request.is_proven:
        yield Reason(protocol.cites("onward"), "partner_not_proven")


def recipient_asks_and_no_party_gets_it(protocol: Protocol, request: OnwardRequest, at: datetime) -> Iterator[Reason]:
    """Only outward: from the recipient of the protocol to somebody else, never back to the discloser."""
    if request.sender != protocol.recipient.kbo.digits:
        yield Reason(protocol.cites("subject"), "other_parties")
    if request.partner in {protocol.discloser.kbo.digits, request.sender}:
        yield Reason(protocol.cites("onward"), "partner_is_a_party")


def worker_keeps_secrets(protocol: Protocol, request: OnwardRequest, at: datetime) -> Iterator[Reason]:
    """«de maatschappelijk werker … die door het beroepsgeheim gebonden is»"""
    if request.secrecy_through is None or request.secrecy_through < legal_day(at):
        yield Reason(protocol.cites("onward"), "sender_not_bound_by_secrecy")


OnwardRule = Callable[["Protocol", OnwardRequest, datetime], Iterator[Reason]]
ONWARD_RULES: tuple[OnwardRule, ...] = (
    recipient_asks_and_no_party_gets_it,
    partner_is_needed,
    client_wants_the_partner,
    fields_were_agreed,
    partner_is_of_the_partnership,
    worker_keeps_secrets,
    protocol_is_signed,
    protocol_is_in_force,
)
