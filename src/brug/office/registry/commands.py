"""What `brug protocol …` does: check, text, diff and ask from files alone; adopt into this node (recital D, art. 1)."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from datetime import date, datetime
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from brug.core.calendar import BRUSSELS, Now, legal_day
from brug.core.protocol import reading as reader
from brug.core.protocol import standard
from brug.core.protocol.accounting import account
from brug.core.protocol.check import check as notes
from brug.core.protocol.decide import Consent, Denial, Request, decide
from brug.core.protocol.document import DocumentError, Protocol, load
from brug.core.protocol.text import difference
from brug.core.protocol.text import text as printed
from brug.office.registry import uploads

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

OK, NO, FAULTY = 0, 1, 2  # exit codes; NO: a denial, notes, changes
Run = Callable[[argparse.Namespace, Now], int]


def add_verbs(protocol: argparse.ArgumentParser) -> None:
    """Add the verbs of `protocol`; each sets `run`, to be called with the arguments and with what tells the time; it
    returns the exit code. `on_node`: whether it needs this node (`adopt`); all others work on files alone."""
    group = protocol.add_subparsers(required=True, metavar="VERB")
    _verb(group, "check", check, "name every fault, and what a protocol of this kind should say", "file")
    _verb(group, "text", show, "print the Dutch text", "file")
    _verb(group, "diff", diff, "tell what changed, clause by clause", "file", "other")
    _verb(group, "adopt", adopt, "take it up in this node, whole or not at all", "file").set_defaults(on_node=True)
    _verb(group, "read", read, "make a draft from a published text: YAML out, what was found to standard error", "file")
    making = _verb(group, "new", new, "make a draft from the standard text with an OCMW; what is left out stays empty")
    for slot in (*standard.NEEDED, *standard.USUAL, *standard.LATER[:3]):
        making.add_argument(f"--{slot.replace('_', '-')}", dest=f"slot_{slot}", help=str(standard.USUAL.get(slot, "")))
    asking = _verb(group, "ask", ask, "may this be disclosed? Discloses nothing", "file")
    asking.add_argument("--as-of", metavar="DAY", help="YYYY-MM-DD, noon in Brussels; now if left out")
    for name in ("discloser", "recipient", "team", "residence", "mailbox", "transport"):
        asking.add_argument(f"--{name}", help="as in the protocol if left out")
    asking.add_argument("--fields", help="comma between; all agreed fields if left out")
    asking.add_argument("--purposes", help="comma between; all agreed purposes if left out")
    for name in ("not-informed", "no-consent", "withdrawn", "no-secrecy", "not-on-duty", "not-judged-with-client"):
        asking.add_argument(f"--{name}", action="store_true")


def _verb(group: Subparsers, name: str, run: Run, told: str, *files: str) -> argparse.ArgumentParser:
    parser = group.add_parser(name, help=told)
    for file in files:
        parser.add_argument(file, type=_document, metavar="FILE")
    parser.set_defaults(run=_telling(run), on_node=False)
    return parser


def _document(named: str) -> Path:
    """The file that is meant; a protocol that comes with Brug may be named by its id."""
    shipped = Path(str(resources.files("brug"))) / f"parts/protocols/{named}.yaml"
    return shipped if named.replace("-", "").isalnum() and shipped.is_file() else Path(named)


def _telling(run: Run) -> Run:
    """The faults of a document, and a file that cannot be read, are an answer and no crash."""

    def told(arguments: argparse.Namespace, now: Now) -> int:
        try:
            return run(arguments, now)
        except DocumentError as error:
            sys.stderr.write(f"{error}\n")
        except (OSError, UnicodeDecodeError) as error:
            sys.stderr.write(f"the file cannot be read: {type(error).__name__}\n")
        return FAULTY

    return told


def _loaded(path: Path) -> Protocol:
    return load(path.read_text(encoding="utf-8"))


def check(arguments: argparse.Namespace, now: Now) -> int:
    """Every fault to standard error, every note to standard output."""
    found = notes(_loaded(arguments.file))
    sys.stdout.writelines(f"{note}\n" for note in found)
    return NO if found else OK


def show(arguments: argparse.Namespace, now: Now) -> int:
    """The Dutch text to standard output."""
    sys.stdout.write(printed(_loaded(arguments.file)))
    return OK


def diff(arguments: argparse.Namespace, now: Now) -> int:
    """Each change on a line; exit code 1 if there is any, as `diff` does."""
    found = difference(_loaded(arguments.file), _loaded(arguments.other))
    sys.stdout.writelines(f"{change}\n" for change in found)
    return NO if found else OK


STANDARD = resources.files("brug.core.protocol") / "standard.yaml"


def read(arguments: argparse.Namespace, now: Now) -> int:
    """The draft to standard output; what was found, added, missing and left out to standard error."""
    raw = arguments.file.read_bytes()
    if document := uploads.document_of(raw):
        sys.stdout.write(standard.written(document.model_dump(mode="json", by_alias=True, exclude_defaults=True)))
        sys.stderr.write(f"the document that this PDF carries: {document.id}@{document.version}, {document.sha256}\n")
        return OK
    text, around = uploads.text_of(raw)
    reading = reader.read(text, STANDARD.read_text(encoding="utf-8"))
    sys.stdout.write(standard.written(reading.draft))
    sys.stderr.writelines(f"{finding}\n" for finding in reading.findings)
    sys.stderr.writelines(f"{added}\n" for added in reading.added)
    sys.stderr.writelines(f"{clause}: not there: {words}\n" for clause, words in reading.missing)
    sys.stderr.writelines(f"{path}: not read; fill it in\n" for path in reading.unread)
    for left_out in (*reading.left_out, *around):
        sys.stderr.write(f"left out, {left_out.why.replace('_', ' ')}: line {left_out.line}: {left_out.words}\n")
    sys.stderr.write(f"{account(text, reading, around)}\n")
    unread = any(finding.value is None for finding in reading.findings)
    return NO if reading.added or reading.missing or reading.unread or unread else OK


def new(arguments: argparse.Namespace, now: Now) -> int:
    """The draft to standard output, what is still to be told to standard error."""
    try:
        told = {slot[5:]: given for slot, given in vars(arguments).items() if slot.startswith("slot_") and given}
        values = standard.draft(STANDARD.read_text(encoding="utf-8"), {s: _answer(s, g) for s, g in told.items()})
    except ValueError:
        sys.stderr.write("a day is written as YYYY-MM-DD, a number in digits\n")
        return FAULTY
    draft = standard.written(values)
    sys.stdout.write(draft)
    load(draft)
    return OK


def _answer(slot: str, given: str) -> standard.Answer:
    if slot.endswith("_on") or slot == "in_force_from":
        return date.fromisoformat(given)
    if slot == "residences":
        return given.split(",")
    return int(given) if slot in {"version", "notice_months"} else given


def adopt(arguments: argparse.Namespace, now: Now) -> int:
    """Into the registry of this node; twice is once."""
    from brug.office.registry import services  # the other verbs need no node

    document = services.adopt(arguments.file.read_text(encoding="utf-8"), at=now())
    sys.stdout.write(f"adopted: {document.id}@{document.version}\n")
    return OK


def ask(arguments: argparse.Namespace, now: Now) -> int:
    """The decision with every reason and its article; nothing is disclosed and nothing recorded."""
    protocol = _loaded(arguments.file)
    try:
        at = _noon(arguments.as_of) if arguments.as_of else now()
    except ValueError:
        sys.stderr.write("--as-of: not a day; expected YYYY-MM-DD\n")
        return FAULTY
    decision = decide(protocol, _request(protocol, arguments, at), at)
    if isinstance(decision, Denial):
        sys.stdout.write("no\n")
        sys.stdout.writelines(f"  {reason.article}: {reason.code}\n" for reason in decision.reasons)
        return NO
    sys.stdout.write(f"yes ({decision.article}): {', '.join(sorted(decision.fields))}\n")
    return OK


def _noon(day: str) -> datetime:
    return datetime.strptime(day, "%Y-%m-%d").replace(hour=12, tzinfo=BRUSSELS)


def _request(protocol: Protocol, arguments: argparse.Namespace, at: datetime) -> Request:
    """A request as the protocol would have it, with what was asked for changed in it: a what-if, no facts."""
    today = legal_day(at)
    fields: Any = frozenset(arguments.fields.split(",")) if arguments.fields else protocol.fields
    purposes = frozenset(arguments.purposes.split(",")) if arguments.purposes else protocol.purposes
    residence = arguments.residence or min(protocol.residences)
    recipient = arguments.recipient or protocol.recipient.kbo.digits
    consent = Consent(
        informed_on=None if arguments.not_informed else today,
        given_on=None if arguments.no_consent else today,
        recipient=recipient,
        purposes=purposes,
        fields=fields,
        withdrawn=arguments.withdrawn,
    )
    return Request(
        discloser=arguments.discloser or protocol.discloser.kbo.digits,
        team=arguments.team or next((team.code for team in protocol.teams), ""),
        recipient=recipient,
        purposes=purposes,
        fields=fields,
        residence=residence,
        consent=consent,
        secrecy_through=None if arguments.no_secrecy else today,
        transport=arguments.transport or protocol.transport.method,
        mailbox=arguments.mailbox or protocol.mailbox_for(residence),
        met_on_duty=not arguments.not_on_duty,
        judged_with_client=not arguments.not_judged_with_client,
    )
