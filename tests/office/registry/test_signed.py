"""The signed document of a version: what can be verified of its signatures without a network (recital D)."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import cache

import pikepdf
import pytest
import time_machine
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko_certvalidator.registry import SimpleCertificateStore

from brug.core.identity import Invalid
from brug.core.protocol.document import Protocol
from brug.office.ledger.acts import OPERATOR
from brug.office.ledger.models import Entry
from brug.office.registry import queries, services
from brug.office.registry.models import SignedDocument
from brug.office.registry.signed import as_read, signatures
from tests.conftest import NOW


@cache
def signer(name: str) -> signers.SimpleSigner:
    """Somebody with a certificate of their own making, good for two years."""
    key = ec.generate_private_key(ec.SECP256R1())
    whose = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(whose)
        .issuer_name(whose)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(datetime(2024, 1, 1, tzinfo=UTC))
        .not_valid_after(NOW + timedelta(days=365))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return signers.SimpleSigner(
        signing_cert=asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER)),
        signing_key=asn1_keys.PrivateKeyInfo.load(private),
        cert_registry=SimpleCertificateStore(),
    )


def plain() -> bytes:
    document = pikepdf.new()
    document.add_blank_page()
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def sign(pdf: bytes, name: str) -> bytes:
    field = signers.PdfSignatureMetadata(field_name=name.replace(" ", ""))
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    with ThreadPoolExecutor(1) as apart:  # where a browser test ran before, this thread holds an event loop already
        signed: io.BytesIO = apart.submit(signers.sign_pdf, writer, field, signer=signer(name)).result()
    return signed.getvalue()


@cache
def signed_by_two() -> bytes:
    with time_machine.travel(NOW, tick=False):
        return sign(sign(plain(), "Bruno Voorbeeld"), "Jo Voorbeeld")


def test_two_signatures_are_intact_and_nobody_vouches_for_them_offline() -> None:
    first, second = signatures(signed_by_two(), at=NOW)
    assert (first.signer, second.signer) == ("Bruno Voorbeeld", "Jo Voorbeeld")
    for each in (first, second):
        assert each.holds and each.is_intact and each.covers_all and not each.changed_after
        assert not each.is_trusted and not each.has_timestamp


def test_a_document_without_signatures_has_none() -> None:
    assert signatures(plain(), at=NOW) == ()


def test_a_byte_changed_under_a_signature_is_seen() -> None:
    pdf = signed_by_two()
    place = pdf.index(b"/MediaBox")
    changed = pdf[:place] + b"/MediaBoy" + pdf[place + 9 :]
    assert not all(each.is_intact for each in signatures(changed, at=NOW))


def test_a_page_added_after_the_signatures_is_seen() -> None:
    writer = IncrementalPdfFileWriter(io.BytesIO(signed_by_two()))
    page = writer.root["/Pages"]["/Kids"][0]
    page["/Rotate"] = writer.root["/Pages"]["/Count"]
    writer.update_container(page)
    out = io.BytesIO()
    writer.write(out)
    assert not any(each.holds for each in signatures(out.getvalue(), at=NOW))


@pytest.mark.parametrize(
    ("pdf", "code"),
    [(b"PK\x03\x04", "not_a_pdf"), (b"%PDF-1.7 nothing", "pdf_unreadable"), (b"%PDF-" * 1_000_001, "pdf_too_large")],
)
def test_what_is_no_pdf_is_refused(pdf: bytes, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        signatures(pdf, at=NOW)
    assert refused.value.code == code


@pytest.mark.django_db
def test_it_is_kept_once_and_the_ledger_knows(protocol: Protocol) -> None:
    for _ in range(2):
        services.attach_signed(protocol, signed_by_two(), by=OPERATOR, at=NOW)
    kept = SignedDocument.objects.get()
    assert bytes(kept.pdf) == signed_by_two()
    assert [each.signer for each in as_read(kept.signatures)] == ["Bruno Voorbeeld", "Jo Voorbeeld"]
    assert list(queries.signed_documents(protocol)) == [kept]
    assert Entry.objects.filter(act="signed_document_attached").count() == 1
