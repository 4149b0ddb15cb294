"""What a form accepts, `message.parse` accepts, and so does a reader of version 1 that knows the specification only.

No number plan, list of places or mail rule of a receiver's copy may refuse what a sender took: version 1 is frozen, and
a reader of it is as old as it is (docs/spec/parcel.md).
"""

from __future__ import annotations

import json
import subprocess
from typing import Any

import hypothesis
from hypothesis import strategies as st

from brug.core import message
from brug.core.protocol.document import load
from brug.kit.client_forms import ClientForm
from tests import examples
from tests.conftest import NOW, PROTOCOL_TEXT, ROOT
from tests.core.parcel.samples import REFERRAL
from tests.core.test_mending import lines

AGREED = load(PROTOCOL_TEXT).fields
TYPED = {
    "given_name": "Amal",
    "family_name": "Haddou",
    "phone": "0470 00 00 01",
    "street": "Polderstraat",
    "number": "14",
    "postal_code": "2260",
}
READS = """
import { isMessage } from "./message.mjs";
import { readFileSync } from "node:fs";
for (const line of readFileSync(0, "utf8").split("\\n").filter(Boolean))
  if (isMessage(Buffer.from(line)) == null) console.log(line);
"""
ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
LETTERS = st.text(st.characters(categories=["L", "M"]), min_size=1, max_size=20)


def accepted(**typed: str) -> bytes | None:
    """The referral of what was typed, as it is written; None where the form refuses it."""
    form = ClientForm(TYPED | typed, today=NOW, agreed=AGREED)
    if not form.is_valid():
        return None
    whole = message.dump(REFERRAL) | {"client": message.dump(form.client())}  # type: ignore[arg-type]  # a part of one
    return json.dumps(whole, ensure_ascii=False).encode()


def older_refuses(written: list[bytes]) -> list[str]:
    """Those that the second end, made from docs/spec alone, does not read."""
    command = ["node", "--input-type=module", "--eval", READS]
    folder = ROOT / "tests" / "independent"
    done = subprocess.run(command, cwd=folder, input=b"\n".join(written), capture_output=True, check=True)
    return done.stdout.decode().splitlines()


def test_what_people_type() -> None:
    rows: list[Any] = lines("fields.tsv")
    names = {"name": "family_name"}
    fields = set(ClientForm(today=NOW, agreed=AGREED).fields)
    told = [accepted(**{names.get(row[0], row[0]): row[1]}) for row in rows if names.get(row[0], row[0]) in fields]
    written = [each for each in told if each]
    assert len(written) > 50
    for each in written:
        message.parse(each)
    assert older_refuses(written) == []


def test_whatever_a_form_accepts() -> None:
    """Anything at all in every field; one process reads what came through."""
    written: list[bytes] = []

    @hypothesis.settings(max_examples=examples(150))
    @hypothesis.given(ANY | LETTERS, ANY | LETTERS, ANY | st.just("Weg"), ANY | st.just("1"), st.booleans())
    @hypothesis.example("Amal", "Haddou", "Weg", "1", False)  # of what is drawn a form may accept nothing
    def draw(given: str, family: str, street: str, number: str, one: bool) -> None:
        typed = {"given_name": given, "family_name": family, "street": street, "number": number}
        if each := accepted(**typed, **({"has_one_name": "on"} if one else {})):
            message.parse(each)
            written.append(each)

    draw()
    assert written and older_refuses(written) == []
