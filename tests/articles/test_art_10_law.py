"""Artikel 10: Belgian law, the court in Brussels. People keep it; the program tells it.

Each test quotes the sentence that it proves.
"""

from __future__ import annotations

from brug.core.protocol.text import text
from tests.core.protocol.samples import WESTERLO


def test_law_and_court_are_told_and_kept_by_people() -> None:
    """«Dit protocol wordt beheerst door het Belgisch recht. … de bevoegde rechtbank in Brussel.»"""
    article = WESTERLO.articles.known["law"]
    assert (article.terms.law, article.terms.court, article.kept_by) == ("belgian", "Brussel", "people")
    assert "Dit protocol wordt beheerst door het Belgisch recht." in text(WESTERLO)
