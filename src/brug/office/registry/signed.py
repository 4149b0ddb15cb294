"""The electronic signatures in a signed document: what can be verified without a network, and what cannot (recital D).

Verified here: that each signature fits the bytes it covers, which part of the file that is, and what was changed after
it. Not verified: that the certificate belongs to who it names (this node keeps no list of trusted authorities) and that
it had not been revoked (that needs the network). A person looks at those two.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.general import SigningError, UnacceptableSignerError
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError, ValidationInfoReadingError
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.errors import PathError, ValidationError

from brug.core.identity import Invalid
from brug.core.words import marked as _

LARGEST = 5_000_000  # bytes, of a signed document
WHOLE = frozenset({SignatureCoverageLevel.ENTIRE_FILE, SignatureCoverageLevel.ENTIRE_REVISION})


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature. `signed_at` is what the signer's own clock said, ISO; "" when it says nothing.

    `is_intact`: the signature fits the bytes it covers. `covers_all`: these were the whole document when it was signed.
    `changed_after`: something other than a further signature was added later. `problem` is "" or "unreadable".
    """

    signer: str
    issuer: str
    signed_at: str
    is_intact: bool
    covers_all: bool
    changed_after: bool
    has_timestamp: bool
    is_trusted: bool
    problem: str = ""

    @property
    def holds(self) -> bool:
        """Whether everything that can be verified here is as it should be."""
        return self.is_intact and self.covers_all and not self.changed_after and not self.problem


UNREADABLE = Signature("", "", "", False, False, False, False, False, problem="unreadable")


def signatures(pdf: bytes, *, at: datetime) -> tuple[Signature, ...]:
    """Every signature in `pdf`, in the order in which they were put, judged at the instant `at`; fetches nothing.

    Raises `Invalid` for what is no PDF of at most five megabytes.
    """
    if len(pdf) > LARGEST:
        raise Invalid("pdf_too_large", _("A signed document has at most five megabytes."))
    if not pdf.startswith(b"%PDF-"):
        raise Invalid("not_a_pdf", _("Choose the signed document as a PDF."))
    try:
        found = list(PdfFileReader(io.BytesIO(pdf)).embedded_signatures)
    except Exception as error:
        # a reader of foreign bytes raises whatever comes; to us that is one thing
        raise Invalid("pdf_unreadable", _("This PDF cannot be read; ask for it again.")) from error
    return tuple(_judged(each, at) for each in found if each.sig_object_type != "/DocTimeStamp")


REFUSED = (
    *(SigningError, UnacceptableSignerError, SignatureValidationError, ValidationInfoReadingError),
    *(PathError, ValidationError, ValueError, KeyError, TypeError, NotImplementedError),
)


def _judged(embedded: Any, at: datetime) -> Signature:
    context = ValidationContext(trust_roots=[], allow_fetching=False, moment=at)
    any_use = KeyUsageConstraints(key_usage=set())
    try:
        with ThreadPoolExecutor(1) as apart:  # pyHanko runs an event loop of its own, and one thread holds only one
            judging = apart.submit(validate_pdf_signature, embedded, context, key_usage_settings=any_use)
            status = judging.result()
        certificate = embedded.signer_cert
    except REFUSED:
        return UNREADABLE
    signed_at = status.signer_reported_dt
    return Signature(
        signer=_name(certificate.subject),
        issuer=_name(certificate.issuer),
        signed_at=signed_at.isoformat() if signed_at else "",
        is_intact=bool(status.intact and status.valid),
        covers_all=status.coverage in WHOLE,
        changed_after=not status.docmdp_ok,
        has_timestamp=status.timestamp_validity is not None,
        is_trusted=bool(status.trusted),
    )


def _name(subject: Any) -> str:
    names = subject.native
    found = names.get("common_name") or names.get("organization_name") or ""
    return found if isinstance(found, str) else " ".join(found)


def as_stored(found: tuple[Signature, ...]) -> list[dict[str, Any]]:
    """As they are kept with the document."""
    return [asdict(each) for each in found]


def as_read(stored: list[dict[str, Any]]) -> Iterator[Signature]:
    """As they were when the document was attached."""
    return (Signature(**each) for each in stored)
