"""Adopting a protocol: once, whole or not at all, and never two for one place, purpose and day."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from brug.core.protocol import life
from brug.core.protocol.document import DocumentError
from brug.core.protocol.life import EventKind, Phase, state
from brug.core.states import WrongState
from brug.office.ledger.acts import OPERATOR
from brug.office.ledger.models import Entry
from brug.office.registry import queries, services
from brug.office.registry.models import LifeEvent, ProtocolVersion, Served

pytestmark = pytest.mark.django_db
TEXT = (Path(__file__).parents[3] / "protocols" / "opgroeien-ocmw-westerlo.yaml").read_text()
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
OTHER = TEXT.replace("id: opgroeien-ocmw-westerlo", "id: opgroeien-ocmw-anders")


def test_the_same_document_twice_changes_nothing() -> None:
    services.adopt(TEXT, at=NOW)
    services.adopt(TEXT, at=NOW + timedelta(days=1))
    assert ProtocolVersion.objects.get().adopted_at == NOW
    assert [entry.act for entry in Entry.objects.all()] == ["protocol_adopted"]


def test_another_document_under_the_same_version_is_refused() -> None:
    services.adopt(TEXT, at=NOW)
    with pytest.raises(DocumentError) as refused:
        services.adopt(TEXT.replace("lid van het lokaal", "lid van dat lokaal"), at=NOW)
    assert [fault.path for fault in refused.value.faults] == ["version"]
    assert ProtocolVersion.objects.get().text == TEXT


def test_the_same_text_written_otherwise_is_the_same_text() -> None:
    services.adopt(TEXT, at=NOW)
    services.adopt(TEXT + "\n# one line more\n", at=NOW)
    assert ProtocolVersion.objects.get().text == TEXT


def test_a_version_that_was_adopted_unsigned_becomes_signed_by_the_signed_text() -> None:
    unsigned = services.adopt(re.sub("signed_on: 2024-01-29", "signed_on: null", TEXT), at=NOW)
    assert unsigned.signed_on is None
    assert services.adopt(TEXT, at=NOW).signed_on == date(2024, 1, 29)
    assert ProtocolVersion.objects.count() == 1
    assert LifeEvent.objects.filter(kind=EventKind.SIGNED).count() == 3


def test_added_words_that_nobody_looked_at_are_not_adopted() -> None:
    words = "behalve in juli"
    text = TEXT.replace("permanent worden doorgegeven", f"permanent {words} worden doorgegeven")
    added = f"    kind: duration\n    added: [{{words: '{words}'}}]"
    text = text.replace("    kind: duration", added)
    with pytest.raises(DocumentError) as refused:
        services.adopt(text, at=NOW)
    assert [fault.path for fault in refused.value.faults] == ["art. 5"]
    services.adopt(text.replace(f"'{words}'", f"'{words}', looked_on: 2026-11-23"), at=NOW)
    assert ProtocolVersion.objects.count() == 1


def test_there_is_no_next_version_of_an_agreement_that_has_ended() -> None:
    first = services.adopt(TEXT, at=NOW)
    services.record_event(first, EventKind.ENDED_AT_ONCE, side="discloser", by=OPERATOR, at=NOW, happened_at=NOW)
    with pytest.raises(DocumentError) as refused:
        services.adopt(TEXT.replace("version: 1", "version: 2", 1), at=NOW)
    assert [fault.path for fault in refused.value.faults] == ["id"]
    assert not any(life.state(each, each.events, NOW).is_in_force for each in queries.versions(first.id))


def test_two_protocols_for_one_municipality_and_purpose_on_the_same_day_are_refused() -> None:
    services.adopt(TEXT, at=NOW)
    with pytest.raises(DocumentError) as refused:
        services.adopt(OTHER, at=NOW)
    assert [fault.path for fault in refused.value.faults] == ["art. 2 residences"]
    assert Served.objects.count() == ProtocolVersion.objects.count() == Entry.objects.count() == 1


def test_a_protocol_may_follow_on_one_that_ended() -> None:
    first = services.adopt(TEXT, at=NOW)
    ends = datetime(2026, 1, 31, 12, tzinfo=UTC)
    services.record_event(first, EventKind.AGREEMENT_ENDED, by=OPERATOR, at=NOW, happened_at=ends)
    late = OTHER.replace("in_force_from: 2024-01-01", "in_force_from: 2026-02-01")
    services.adopt(late.replace("in werking op 1 januari 2024", "in werking op 1 februari 2026"), at=NOW)
    assert [p.id for p in queries.protocols_for("13049", NOW)] == ["opgroeien-ocmw-anders", "opgroeien-ocmw-westerlo"]


def test_another_place_or_another_purpose_is_no_conflict() -> None:
    services.adopt(TEXT, at=NOW)
    services.adopt(OTHER.replace('residences: ["13049"]', 'residences: ["13013"]'), at=NOW)
    elsewhere = OTHER.replace("ocmw-anders", "ocmw-doel").replace("code: prevent_underprotection", "code: support")
    services.adopt(elsewhere.replace("code: increase_access_to_social_services", "code: other"), at=NOW)
    assert len(queries.protocols_for("13049", NOW)) == 2


@pytest.mark.parametrize(
    "spoilt", [TEXT.replace("version: 1", "version: one"), "", "[", TEXT.replace("articles:", "x:")]
)
def test_a_faulty_document_leaves_nothing_behind(spoilt: str) -> None:
    with pytest.raises(DocumentError):
        services.adopt(spoilt, at=NOW)
    assert not ProtocolVersion.objects.exists() and not Served.objects.exists() and not Entry.objects.exists()


def test_an_end_is_recorded_once_and_holds_from_its_instant() -> None:
    document = services.adopt(TEXT, at=NOW)
    for _ in range(2):
        services.record_event(
            document,
            EventKind.ENDED_AT_ONCE,
            by=OPERATOR,
            at=NOW,
            happened_at=NOW,
            side="discloser",
            ground="against_gdpr",
        )
    assert LifeEvent.objects.count() == 1
    ended = queries.protocol(document.id, 1)
    assert ended is not None
    assert state(ended, ended.events, NOW - timedelta(seconds=1)).phase is Phase.IN_FORCE
    assert state(ended, ended.events, NOW).phase is Phase.ENDED_AT_ONCE
    assert Entry.objects.get(act="protocol_ended_at_once").article == "art. 8"


def test_the_recipient_cannot_end_it_at_once() -> None:
    """«… kan Opgroeien regie dit protocol … eenzijdig beëindigen»"""
    document = services.adopt(TEXT, at=NOW)
    with pytest.raises(WrongState):
        services.record_event(
            document,
            EventKind.ENDED_AT_ONCE,
            by=OPERATOR,
            at=NOW,
            happened_at=NOW,
            side="recipient",
        )
    assert not LifeEvent.objects.exists()


def test_a_new_version_takes_over_once_it_is_signed() -> None:
    first = services.adopt(TEXT, at=NOW)
    later = TEXT.replace("version: 1", "version: 2", 1).replace("signed_on: 2024-01-29", "signed_on: null")
    second = services.adopt(later, at=NOW)
    assert [p.version for p in queries.protocols_for("13049", NOW)] == [1], "nobody signed the second one yet"
    for side, who in sorted(second.representatives()):
        facts = {"happened_at": NOW, "side": side, "who": who}
        services.record_event(second, EventKind.SIGNED, by=OPERATOR, at=NOW, **facts)  # type: ignore[arg-type]
    assert [p.version for p in queries.protocols_for("13049", NOW)] == [2]
    assert [p.version for p in queries.versions(first.id)] == [1, 2]


def test_a_protocol_is_found_by_residence_party_and_version() -> None:
    document = services.adopt(TEXT, at=NOW)
    assert queries.protocols_for("13049", NOW) == (document,)
    assert queries.protocols_for("13013", NOW) == ()
    assert queries.by_recipient("0212181956", NOW) == queries.by_discloser("0886886638", NOW) == (document,)
    assert queries.all_protocols(NOW) == (document,)
    assert queries.protocol(document.id, 1) == document
    assert queries.protocol(document.id, 2) is None


def test_a_former_municipality_is_served_by_the_merged_one_from_the_day_of_the_merger() -> None:
    services.adopt(TEXT.replace('residences: ["13049"]', 'residences: ["73111"]'), at=NOW)
    assert queries.protocols_for("73009", datetime(2024, 12, 31, 22, 59, tzinfo=UTC)) == ()
    assert len(queries.protocols_for("73009", datetime(2024, 12, 31, 23, 0, tzinfo=UTC))) == 1
