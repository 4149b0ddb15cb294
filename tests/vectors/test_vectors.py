"""Our own implementation against the vectors, from the files alone (art. 6)."""

from __future__ import annotations

import json
import subprocess
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from brug.core.parcel import Rejected, Rejection, unseal
from brug.core.parcel.keys import decode
from brug.core.parcel.manifest import read
from brug.office.disclosure import services as disclosure
from brug.office.post import services as post
from brug.office.post.models import Incoming

FOLDER = Path(__file__).parent
VECTORS: dict[str, Any] = json.loads((FOLDER / "vectors.json").read_text())
CASES: list[dict[str, str]] = VECTORS["cases"]


def outcome(case: dict[str, str]) -> str:
    node = VECTORS["node"]
    try:
        unseal.unseal(
            (FOLDER / case["manifest"]).read_bytes(),
            (FOLDER / case["archive"]).read_bytes(),
            at=datetime.fromisoformat(node["at"]),
            recipient=node["kbo"],
            practice=node["practice"],
            counterparties={kbo: [decode(key) for key in known] for kbo, known in node["counterparties"].items()},
            private_keys=[decode(key) for key in node["private_keys"]],
        )
    except Rejected as rejected:
        return rejected.rejection
    return "accepted"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["manifest"].removesuffix(".jws"))
def test_each_vector_gets_what_it_expects(case: dict[str, str]) -> None:
    if "after" in case:
        assert outcome(case) == "accepted", "by itself it is right: what is wrong is what came before"
    else:
        assert outcome(case) == case["expect"], case["because"]


@pytest.mark.django_db
@pytest.mark.parametrize("case", [case for case in CASES if "after" in case], ids=lambda case: case["expect"])
def test_a_second_parcel_under_the_same_id_is_refused_and_the_same_one_again_is_not(case: dict[str, str]) -> None:
    before, again = (read((FOLDER / case[name]).read_bytes()).manifest for name in ("after", "manifest"))
    mail = Incoming.objects.create(raw=b"", size=0, fetched_at=before.sent_at)
    post.accept(mail, before.id, sender=before.sender, manifest_sha256=before.digest, about=None, at=before.sent_at)
    assert disclosure._was_accepted(before)
    with pytest.raises(Rejected, match=case["expect"]):
        disclosure._was_accepted(again)


def test_every_reason_of_this_room_has_a_vector() -> None:
    the_callers = {"unknown_protocol", "other_text", "protocol_denies", "failed_here"}
    the_callers |= {"not_encrypted"}  # of an archive made by hand, which has no manifest
    assert {case["expect"] for case in CASES} == {"accepted"} | {reason.value for reason in Rejection} - the_callers


def test_every_file_belongs_to_a_vector() -> None:
    named = {case["manifest"] for case in CASES} | {case["archive"] for case in CASES}
    assert {path.name for path in FOLDER.iterdir() if path.suffix in (".jws", ".7z")} == named


@pytest.mark.parametrize("name", sorted({case["archive"] for case in CASES if case["expect"] == "accepted"}))
def test_7zip_opens_what_is_accepted(name: str) -> None:
    typed = f"{VECTORS['password']}\n".encode()
    assert subprocess.run(["7zz", "t", str(FOLDER / name)], input=typed, capture_output=True).returncode == 0
