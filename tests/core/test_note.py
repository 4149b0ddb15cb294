"""Signed notes: the examples of C2SP and of others, and that nothing else passes for one."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from brug.core import note
from brug.core.identity import Invalid

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
LOG = note.Key("brug/0886886638/ledger", KEY.public_key().public_bytes_raw())
WITNESS_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
WITNESS = note.Key("brug/0212181956/ledger", WITNESS_KEY.public_key().public_bytes_raw(), note.COSIGNED)
TEXT = str(note.Checkpoint(LOG.name, 3, bytes(32)))
AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
NOTE = note.sign(TEXT, LOG.name, KEY) + note.cosign(TEXT, WITNESS.name, WITNESS_KEY, AT)

GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
GO_LINE = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
C2SP_EXAMPLE = """example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
"""  # noqa: E501
REAL = """arche2025h1.staging.ct.transparency.dev
1432088532
U7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=

— arche2025h1.staging.ct.transparency.dev zTM8sQAAAZ5W0WdjBAMARjBEAiBjW5IQf9pvsYLfQFX6hoGREPMHbdQ3urbllzalApkptQIgIpwtEroeW2BXaHAI4kJXFbon5Ch9MNL5zRNZ55lvGt0=
— arche2025h1.staging.ct.transparency.dev ui8GwCF1+kWqZrxGdhj4aX3gcw7XUlXQQabg/27lefwhUkzbC3NygNI75MdhL1bfTW9g8Ei59RA23oHP7Ry1k3ZFWwQ=
— transparency.dev/DEV:witness-little-garden 2AQqhwAAAABqEiEgzgFIqqhbUoDwjMWE6UP8nd8/KYTzwZ2rhIgcqoXHAwVkjZr4AscylP3v7sEodkRAErumC2q44vdgJY096st5BQ==
— remora.n621.de 2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sXTynk5XeU/zZ0WBxtqB0DrAWfBw==
— witness.stagemole.eu Z/euoAAAAABqEiEgw0i+7g2ENfDAWHmtRzCfKTHSDwYDJA2NmKeGi9Y8FtEyOUvVr+AJmIY/2TUFucgKi7lI7cUiOvKFYe/TmN9DAg==
"""  # noqa: E501 — a checkpoint of a public log, cosigned by public witnesses
REAL_KEYS = [
    "arche2025h1.staging.ct.transparency.dev+ba2f06c0+AU0vHmlGCS/PdN8b2OaGmKprLI8HKM+dJ472xgFYh15f",
    "transparency.dev/DEV:witness-little-garden+d8042a87+BCtusOxINQNUTN5Oj8HObRkh2yHf/MwYaGX4CPdiVEPM",
    "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2",
    "witness.stagemole.eu+67f7aea0+BEqSG3yu9YrmcM3BHvQYTxwFj3uSWakQepafafpUqklv",
]


def test_the_note_of_the_go_project_verifies_and_is_what_we_would_have_written() -> None:
    key = note.Key.parse(GO_KEY)
    text, (signature,) = note.verify(f"{GO_TEXT}\n{GO_LINE}", [key])
    assert (text, signature.key, signature.at, signature.line) == (GO_TEXT, key, None, GO_LINE)
    seed = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]  # its published test key
    assert note.sign(GO_TEXT, "PeterNeumann", Ed25519PrivateKey.from_private_bytes(seed)) == f"{GO_TEXT}\n{GO_LINE}"
    assert str(key) == GO_KEY


def test_the_example_of_c2sp_has_the_shape_of_a_checkpoint() -> None:
    told = note.Checkpoint.parse(note.read(C2SP_EXAMPLE))
    assert (told.origin, told.size) == ("example.com/behind-the-sofa", 20_852_163)
    assert note.read(C2SP_EXAMPLE) == str(told)
    with pytest.raises(Invalid):
        note.verify(C2SP_EXAMPLE, [LOG, WITNESS])


def test_the_log_and_the_witnesses_of_a_public_checkpoint_are_recognised() -> None:
    text, signatures = note.verify(REAL, [note.Key.parse(key) for key in REAL_KEYS])
    assert note.Checkpoint.parse(text).size == 1_432_088_532
    assert [str(signature.key) for signature in signatures] == REAL_KEYS
    assert [signature.at for signature in signatures] == [None, *[datetime(2026, 5, 23, 21, 50, 24, tzinfo=UTC)] * 3]


def test_a_log_and_its_witness_sign_one_text_at_one_time() -> None:
    text, (signed, cosigned) = note.verify(NOTE, [LOG, WITNESS])
    assert (text, signed.key, signed.at, cosigned.key, cosigned.at) == (TEXT, LOG, None, WITNESS, AT)


def test_unknown_signatures_are_passed_over_but_not_alone() -> None:
    assert [signature.key for signature in note.verify(NOTE, [WITNESS])[1]] == [WITNESS]
    with pytest.raises(Invalid) as refused:
        note.verify(NOTE, [note.Key("brug/0212181956/ledger", LOG.public)])
    assert refused.value.code == "unsigned_note"


def test_one_wrong_signature_by_a_known_key_refuses_the_whole_note() -> None:
    forged = note.sign(TEXT, LOG.name, KEY) + note.cosign(TEXT.replace("3", "4"), WITNESS.name, WITNESS_KEY, AT)
    assert note.verify(forged, [LOG])
    with pytest.raises(Invalid) as refused:
        note.verify(forged, [LOG, WITNESS])
    assert refused.value.code == "bad_signature"


def test_no_bit_of_a_note_can_be_changed() -> None:
    raw = NOTE.encode()
    for place in range(len(raw)):
        for bit in range(8):
            changed = raw[:place] + bytes([raw[place] ^ (1 << bit)]) + raw[place + 1 :]
            try:
                signatures = note.verify(changed.decode(), [LOG, WITNESS])[1]
            except ValueError:  # `Invalid`, or no UTF-8 at all
                continue
            assert len(signatures) == 1, "a changed line may at most become a stranger's"


@given(st.text(), st.binary())
def test_whatever_comes_in_is_a_note_or_invalid(text: str, raw: bytes) -> None:
    for candidate in (text, raw.decode("latin-1"), f"{TEXT}\n— {text} {base64.b64encode(raw).decode()}\n"):
        with pytest.raises(Invalid):
            note.verify(candidate, [LOG, WITNESS])
        with pytest.raises(Invalid):
            note.Key.parse(candidate)


@pytest.mark.parametrize(
    "changed",
    [
        NOTE.replace("\n— ", "\n- ", 1),
        NOTE.removesuffix("\n"),
        NOTE.replace("\n\n", "\n"),
        NOTE.replace("=\n— ", "\n— ", 1),
        NOTE.replace("=\n— ", "= \n— ", 1),
        NOTE.replace("\n— ", "\r\n— ", 1),
        NOTE + "— stranger AAAA\n",
        NOTE + "— a+b AAAAAAAAAAA=\n",
        NOTE + "—  AAAAAAAAAAA=\n",
        NOTE + "\ud800",
        NOTE + "— x AAAAAAAAAAA=\n" * 1000,
    ],
)
def test_a_note_out_of_shape_is_refused(changed: str) -> None:
    with pytest.raises(Invalid):
        note.verify(changed, [LOG, WITNESS])


def test_base64_has_one_spelling() -> None:
    """The last character of a padded group has bits that decoding drops: they must be zero."""
    line = NOTE.splitlines()[-1]
    assert line.endswith("==")
    for other in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/":
        if other != line[-3]:
            with pytest.raises(Invalid):
                note.verify(NOTE.replace(line, f"{line[:-3]}{other}=="), [LOG, WITNESS])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "log\n3\n",
        f"log\n03\n{base64.b64encode(bytes(32)).decode()}\n",
        f"log\n-3\n{base64.b64encode(bytes(32)).decode()}\n",
        f"log\n٣\n{base64.b64encode(bytes(32)).decode()}\n",
        f"log\n3\n{base64.b64encode(bytes(31)).decode()}\n",
        f"\n3\n{base64.b64encode(bytes(32)).decode()}\n",
        f"log\n3\n{base64.b64encode(bytes(32)).decode()}\nextension\n",
        f"log\n{'9' * 25}\n{base64.b64encode(bytes(32)).decode()}\n",
    ],
)
def test_a_checkpoint_out_of_shape_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        note.Checkpoint.parse(text)


@pytest.mark.parametrize("key", ["", "a", "a+b", "a+00000000+AAAA", GO_KEY.replace("c74f", "c74e"), GO_KEY[1:]])
def test_a_key_out_of_shape_is_refused(key: str) -> None:
    with pytest.raises(Invalid):
        note.Key.parse(key)
