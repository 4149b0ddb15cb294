"""Whatever a document can hold is told on a page, clause by clause; no file is touched by hand."""

from __future__ import annotations

from datetime import date
from typing import Any, get_args

import pytest
import time_machine
from django.test import Client

from brug.core.identity import KboNumber
from brug.core.protocol import life
from brug.core.protocol.articles import AnyArticle
from brug.core.protocol.check import check
from brug.core.protocol.document import load
from brug.core.protocol.recitals import AnyRecital
from brug.core.protocol.source import Path
from brug.core.protocol.standard import written
from brug.desks.protocols import drafts
from brug.desks.protocols.clause_forms import ClauseForm, _models, put
from brug.desks.protocols.models import Draft
from tests.conftest import NOW
from tests.core.protocol.samples import WESTERLO
from tests.core.protocol.test_reading_variants import TEXTS, read
from tests.desks.protocols.test_drafts import FORM, browser, dina, page, send

__all__ = ["browser", "dina"]
ON = NOW.date()
GEEL = str(KboNumber(f"02075339{97 - 2075339 % 97:02}"))
VALUES: dict[str, Any] = WESTERLO.model_dump(mode="json", by_alias=True)
LISTS = ("parties", "recitals", "articles")
PATHS: list[Path] = [("title",), ("preamble",), ("closing",), *((g, n) for g in LISTS for n in range(len(VALUES[g])))]


def typed(form: ClauseForm) -> dict[str, Any]:
    """What the browser sends when nothing was changed."""
    return {name: value for name, field in form.fields.items() if (value := field.initial) is not None}


@pytest.mark.parametrize("path", PATHS, ids=str)
def test_what_is_not_changed_stays_as_it_was(path: tuple[Any, ...]) -> None:
    form = ClauseForm(VALUES, path, typed(ClauseForm(VALUES, path, on=ON)), on=ON)
    assert form.is_valid(), form.errors
    assert load(written(put(VALUES, path, form.clause))) == WESTERLO


def change(browser: Client, draft: Draft, place: str, **told: Any) -> Any:
    """What a person does on the page of one clause; everything else stays as it stands there."""
    address = f"/protocols/drafts/{draft.pk}/clause/{place}"
    with time_machine.travel(NOW, tick=False):
        form = browser.get(address).context["form"]
        answer = browser.post(address, typed(form) | {name.replace("__", "."): value for name, value in told.items()})
    draft.refresh_from_db()
    return answer


def begun(browser: Client) -> Draft:
    send(browser, "/protocols/new", **FORM)
    return Draft.objects.get()


def test_several_mailboxes_are_told_in_terms_and_words(browser: Client) -> None:
    draft = begun(browser)
    change(browser, draft, "articles-1", terms__residences="Herselt, Hulshout")
    second = {"terms__transport__others__0__mailbox": "sociaalhuis@hulshout.example",
              "terms__transport__others__0__residences": "Hulshout"}  # fmt: skip
    refused = change(browser, draft, "articles-5", **second)
    assert refused.status_code == 422 and "De woorden zeggen dit niet" in page(refused)
    words = draft.values["articles"][5]["text"] + "\nVoor Hulshout: sociaalhuis@hulshout.example."
    assert change(browser, draft, "articles-5", text=words, **second).status_code == 302
    protocol = drafts.document_of(draft)
    assert protocol.mailbox_for("13016") == "sociaalhuis@hulshout.example"
    assert protocol.mailbox_for("13013") == "ocmw@herselt.example"


def test_a_notice_in_days_is_told_and_counted(browser: Client) -> None:
    draft = begun(browser)
    change(browser, draft, "articles-10", terms__notice_months="0", terms__notice_days="30")
    protocol = drafts.document_of(draft)
    assert "opzegtermijn van 30 dagen" in protocol.articles.life.text, "the words follow the term"
    both = change(browser, draft, "articles-10", terms__notice_months="6", terms__notice_days="30")
    assert both.status_code == 422
    signed = [life.Event(life.EventKind.SIGNED, NOW, side, who) for side, who in protocol.representatives()]
    given = life.Event(life.EventKind.NOTICE_REACHED, life.first_moment(date(2027, 1, 1)), "recipient")
    alive = protocol.with_events([*signed, given])
    assert life.state(alive, alive.events, given.at).last_day == date(2027, 1, 31)


def test_a_yearly_list_without_consent_is_told_and_brug_says_that_it_does_not_do_it(browser: Client) -> None:
    draft = begun(browser)
    change(browser, draft, "articles-4", terms__periodicity="yearly", terms__each_time_judged="no")
    change(browser, draft, "recitals-2", terms__conditions=["bound_by_secrecy", "client_informed"])
    protocol = drafts.document_of(draft)
    assert not protocol.asks_consent and protocol.articles.duration.terms.periodicity == "yearly"
    assert {"no_single_referrals", "no_consent_asked"} <= {note.code for note in check(protocol)}


def test_parties_are_added_with_their_roles_one_by_declaration(browser: Client) -> None:
    draft = begun(browser)
    words = f"De stad Geel, met nummer {GEEL}, Werft 20, 2440 Geel, vertegenwoordigd door Nele Maes;\nhierna: “Geel”"
    party = {"kbo": GEEL, "name": "De stad Geel", "short_name": "Geel", "kind": "municipality", "text": words,
             "seat__street": "Werft", "seat__number": "20", "seat__postal_code": "2440", "seat__municipality": "Geel",
             "representatives__0__name": "Nele Maes", "representatives__0__capacity": "burgemeester"}  # fmt: skip
    assert change(browser, draft, "parties-2", role="recipient", kbo="0000.000.098").status_code == 422
    answer = change(
        browser, draft, "parties-2", role="recipient", by_declaration="yes", acceded_on="2026-11-01", **party
    )
    assert answer.status_code == 302
    protocol = drafts.document_of(draft)
    assert [each.short_name for each in protocol.parties.recipients] == ["OCMW Herselt", "Geel"]
    assert protocol.parties.root[2].acceded_on == date(2026, 11, 1)
    change(browser, draft, "parties-2", role="signatory", by_declaration="no", acceded_on="")
    assert ("recipient", "Nele Maes") in drafts.document_of(draft).representatives()
    send(browser, f"/protocols/drafts/{draft.pk}/clause/parties-2", remove="1")
    draft.refresh_from_db()
    assert len(drafts.document_of(draft).parties.root) == 2


def test_an_article_is_added_and_its_kind_told(browser: Client) -> None:
    draft = begun(browser)
    assert (
        change(browser, draft, "articles-11", heading="Kosten", text="Elke partij draagt haar kosten.").status_code
        == 302
    )
    assert drafts.document_of(draft).clauses["art. 12"].text.startswith("Elke partij")
    answer = change(browser, draft, "articles-8", kind="other")
    assert answer.status_code == 302, answer.context["form"].errors
    assert drafts.document_of(draft).articles.notification is None
    again = change(browser, draft, "articles-8", kind="notification")
    assert again["Location"].endswith("/articles-8"), "its terms are asked at once"
    contacts = {"terms__contacts__discloser": "dpo@opgroeien.be", "terms__contacts__recipient": "dpo@herselt.example"}
    told = {"terms__breach_by": ["discloser", "recipient"], "terms__law_change_by": ["recipient"]}
    change(browser, draft, "articles-8", **contacts, **told, terms__processor_change_by=["recipient"])
    assert drafts.document_of(draft).officer("recipient") == "dpo@herselt.example"


def test_who_is_no_officer_and_what_is_no_clause_find_nothing(browser: Client, lien: Any) -> None:
    draft = begun(browser)
    for place in ("articles-40", "flags", "id", "articles", "closing-0"):
        assert browser.get(f"/protocols/drafts/{draft.pk}/clause/{place}").status_code == 404
    browser.force_login(lien)
    assert browser.get(f"/protocols/drafts/{draft.pk}/clause/closing").status_code == 404


def test_every_term_of_every_model_has_its_words() -> None:
    """A field without words would be a KeyError on the page."""
    for union, group in ((AnyArticle, "articles"), (AnyRecital, "recitals")):
        for model in _models(union):
            [kind] = get_args(model.model_fields["kind"].annotation)
            values = VALUES | {group: [{"mark": "1", "kind": kind}]}
            form = ClauseForm(values, (group, 0), on=ON)
            assert all(str(field.label) for field in form.fields.values())
            choices = [field.choices for field in form.fields.values() if hasattr(field, "choices")]
            assert all(str(words) for each in choices for _code, words in each)


def test_every_part_of_a_text_that_was_read_has_its_page_whatever_is_missing() -> None:
    values = read(TEXTS["V7"]).draft
    for group in ("title", "preamble", "closing", *LISTS):
        paths: list[Path] = [(group, n) for n in range(len(values[group]))] if group in LISTS else [(group,)]
        for path in paths:
            form = ClauseForm(values, path, typed(ClauseForm(values, path, on=ON)), on=ON)
            assert form.is_valid(), (path, form.errors)
