"""The table of need to know is printed in the docs, and is current."""

from __future__ import annotations

from tests.conftest import ROOT


def test_the_page_of_need_to_know_is_the_one_of_the_policy() -> None:
    from tools.rights import page

    said = "run: python -m tools.rights docs/need-to-know.md"
    assert (ROOT / "docs" / "need-to-know.md").read_text() == page(), said
