"""A draft with gaps made whole by answers: each goes where it belongs, in terms and words alike."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from brug.core.protocol import reading, standard
from brug.core.protocol.completing import filled, gaps, read_as_standard
from brug.core.protocol.document import load
from brug.core.protocol.text import text
from brug.office.registry.commands import STANDARD
from tests.core.protocol.samples import WESTERLO

RAW = STANDARD.read_text(encoding="utf-8")
ANSWERS: dict[str, Any] = {
    "place": "Westerlo", "kbo": "0212.181.956", "street": "Kasteel de Merodestraat", "number": "1",
    "postal_code": "2260", "municipality": "Westerlo", "residences": ["13049"], "mailbox": "info.ocmw@westerlo.be",
    "recipient_dpo": "dpo@westerlo.example", "chair": "Eva Claes", "director": "Jan Maes", "team": "Zuiderkempen",
    "agreement_on": date(2024, 1, 2), "in_force_from": date(2024, 2, 1),
}  # fmt: skip


@pytest.mark.parametrize("left_out", sorted(standard.NEEDED))
def test_what_was_left_out_is_a_gap_and_its_answer_makes_the_same_document(left_out: str) -> None:
    whole = standard.draft(RAW, {**ANSWERS, "id": "opgroeien-ocmw-westerlo"})
    told = {slot: answer for slot, answer in ANSWERS.items() if slot != left_out}
    draft = standard.draft(RAW, {**told, "id": "opgroeien-ocmw-westerlo"})
    assert gaps(draft, RAW).slots == (left_out,)
    made = filled(draft, RAW, {left_out: ANSWERS[left_out]})
    assert load(standard.written(made)) == load(standard.written(whole))
    assert not gaps(made, RAW)


def test_a_clause_with_words_of_its_own_is_read_as_the_standard_when_a_person_says_so() -> None:
    changed = text(WESTERLO).replace("schriftelijk opzeggen", "per brief opzeggen")
    found = reading.read(changed, RAW)
    values = found.draft
    for clause in gaps(values, RAW).clauses:
        values = read_as_standard(values, RAW, clause)
    assert not gaps(values, RAW).clauses
    for clause in (*values["recitals"], *values["articles"]):
        for added in clause.get("added", []):
            added["looked_on"] = "2026-11-23"
    made = load(standard.written(values))
    assert "per brief opzeggen" in text(made) and made.articles.life.terms.notice_months == 6


def test_who_reads_an_unknown_clause_is_told() -> None:
    with pytest.raises(KeyError):
        read_as_standard(standard.draft(RAW, ANSWERS), RAW, "art. 99")
