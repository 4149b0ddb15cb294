"""No untrue sentence: what says none, nothing or done on a page stands under what was computed, or has its reason."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.test_house import SRC

CLAIM = re.compile(
    r"^(no \w|nothing|nobody|none\b|no one|everything (is|was)|every family|all of (it|them) (is|was))"
    r"|need not do|\b(was|were|is|are|has been|have been) (kept|saved|erased|sent|told)\b",
    re.IGNORECASE,
)
TAGS = re.compile(
    r"\{%\s*(if|elif|else|endif|for|empty|endfor|translate|blocktranslate|empty_state|alert|card|event)\b(.*?)%\}", re.S
)
SAID_BECAUSE = {  # template → why what it says without a condition is true wherever the page is seen
    "403_csrf.html": (1, "the request went no further"),
    "405.html": (1, "the request went no further"),
    "409.html": (1, "the act raised before it wrote"),
    "413.html": (1, "the body was not read"),
    "503.html": (1, "the database refused to write"),
    "accessibility.html": (1, "the statement of the release, with its day"),
    "ask.html": (1, "the page asks the protocol and has no act"),
    "by_hand_list.html": (2, "a rule: what the sweep does, and what an archive by hand is"),
    "by_hand_take_over.html": (1, "a rule: who may read an archive"),
    "calendar.html": (1, "the feed has no field for a person (test_giving)"),
    "components.html": (2, "fictional, on the page of components"),
    "decline.html": (1, "a rule: no message is made of a no (art. 3)"),
    "departures.html": (2, "what the page is about"),
    "denied.html": (2, "shown instead of the act"),
    "erased.html": (2, "the page after the erasure"),
    "go_on.html": (1, "shown instead of the act"),
    "join.html": (1, "a rule: no message is made of it"),
    "no_protocol.html": (1, "shown where the directory names no protocol"),
    "outcome.html": (1, "what the button does"),
    "passkey_add.html": (1, "what a passkey is"),
    "quarantine.html": (3, "a rule: what the quarantine keeps is sealed"),
    "refuse.html": (1, "what the button does"),
    "restored.html": (1, "shown where something was kept"),
    "stay.html": (2, "shown by the script when it was kept, and by the session"),
    "withdraw.html": (2, "what the button does"),
    "of.html": (1, "what the paper holds (decision 30)"),
    "drafts.html": (1, "the right that the page shows"),
    "event.html": (1, "what the button does"),
    "advice.html": (1, "a rule: what an advice keeps"),
    "consent.html": (1, "what the family is told of the protocol"),
    "figures.html": (1, "how the figures are made (decision 32)"),
    "processors.html": (1, "a rule (art. 6)"),
    "processor.html": (1, "a rule (art. 6)"),
    "looked.html": (1, "a rule: what the log book forgets"),
}


def claims(path: Path) -> Iterator[tuple[bool, str]]:
    """The sentences of a template that claim something, each with whether a condition stands above it."""
    text = re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.S)
    depth = 0
    for found in TAGS.finditer(text):
        tag, rest = found.groups()
        depth += (tag in ("if", "for")) - (tag in ("endif", "endfor"))
        if (" as " in rest and tag in ("translate", "blocktranslate")) or "asvar" in rest:
            continue  # words for a place of their own: that is where they are said
        said = re.findall(r'"([^"]*)"', rest)
        if tag == "blocktranslate":
            said = [text[found.end() : text.find("{% endblocktranslate", found.end())]]
        for words in said:
            for sentence in re.split(r"(?<=[.:?!])\s+", words.strip()):
                if CLAIM.search(sentence) and not sentence.startswith("How ") and not sentence.endswith("?"):
                    yield depth > 0, sentence


def test_each_none_nothing_and_done_is_said_under_what_was_computed() -> None:
    found = [(path.name, *claim) for path in sorted(SRC.rglob("templates/**/*.html")) for claim in claims(path)]
    loose = [(name, sentence) for name, is_computed, sentence in found if not is_computed]
    counted = Counter(name for name, _sentence in loose)
    known = {name: count for name, (count, _why) in SAID_BECAUSE.items()}
    assert dict(counted) == known, [claim for claim in loose if counted[claim[0]] != known.get(claim[0])]
    assert len(found) - len(loose) > 100, "most claims are computed"


def test_a_claim_without_a_condition_is_seen(tmp_path: Path) -> None:
    page = tmp_path / "x.html"
    page.write_text('{% if a %}{% translate "Nothing came." %}{% endif %}{% translate "You are well. Nobody waits." %}')
    assert list(claims(page)) == [(True, "Nothing came."), (False, "Nobody waits.")]
