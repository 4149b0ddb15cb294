"""Artikel 9: breaches to each other, changes of law and of processors to Opgroeien regie.

Each test quotes the sentence that it proves.
"""

from __future__ import annotations

from datetime import datetime

import pytest

from brug.core import message
from brug.core.calendar import BRUSSELS, notification_due
from brug.core.message import KINDS
from brug.core.protocol.decide import duty
from brug.desks.breaches.models import Affected, Breach, Person, Word
from brug.desks.breaches.states import CLOCK_HOURS, TRANSITIONS, BreachEvent, BreachState
from tests.conftest import NOW, OPGROEIEN
from tests.conftest import WESTERLO as KBO
from tests.core.protocol.samples import WESTERLO

TERMS = WESTERLO.articles.notification.terms


def test_both_tell_the_other_of_a_breach_through_their_officers() -> None:
    """«Partijen engageren zich … om elkaar [via de functionarissen …] … op de hoogte te stellen»"""
    assert TERMS.breach_by == ("discloser", "recipient")
    assert WESTERLO.all_flags["A19"][1].reading == "Via de functionarissen voor gegevensbescherming."


def test_the_contacts_are_data() -> None:
    """«Contacten hiervoor zijn: …»"""
    assert (TERMS.contacts.discloser, TERMS.contacts.recipient) == ("dpo@opgroeien.be", "informatieveiligheid@iok.be")


def test_the_ocmw_tells_changes_of_law_and_of_processors() -> None:
    """«OCMW Westerlo brengt Opgroeien regie onmiddellijk op de hoogte van wijzigingen van wetgeving …»"""
    assert TERMS.law_change_by == TERMS.processor_change_by == ("recipient",)


@pytest.mark.parametrize(("sender", "recipient"), [(KBO, OPGROEIEN), (OPGROEIEN, KBO)])
@pytest.mark.parametrize("kind", ["breach_notice", "breach_remark", "acknowledgement"])
def test_a_breach_may_always_be_told_either_way_and_brings_no_client(sender: str, recipient: str, kind: str) -> None:
    """«… elkaar … zonder onredelijke vertraging op de hoogte te stellen van elk gegevenslek …»"""
    permit = duty(WESTERLO, kind, KINDS[kind].row, sender=sender, recipient=recipient, at=NOW)
    assert (permit.article, permit.fields) == ("art. 9", frozenset())


def test_each_controller_has_a_clock_of_its_own() -> None:
    """«… in het licht van artikel 33 …»: 72 elapsed hours from one's own awareness, weekends included."""
    friday = datetime(2026, 3, 27, 18, tzinfo=BRUSSELS)
    assert notification_due(friday) == datetime(2026, 3, 30, 19, tzinfo=BRUSSELS)
    assert {"suspected_at", "aware_at"} <= {field.name for field in Breach._meta.get_fields()}
    assert CLOCK_HOURS[-1] < 72
    assert TRANSITIONS[BreachState.SUSPECTED][BreachEvent.CONFIRM] == BreachState.AWARE  # by a person, on reading too


def test_they_consult_together_also_when_a_case_is_closed() -> None:
    """«… en in voorkomend geval onmiddellijk gezamenlijk te overleggen …»"""
    assert BreachEvent.SAY in TRANSITIONS[BreachState.AWARE]
    assert BreachEvent.SAY in TRANSITIONS[BreachState.CLOSED]
    assert {"remark", "breach_id"} <= message.BreachRemark.model_fields.keys()
    assert {field.name for field in Word._meta.get_fields()} >= {"is_ours", "number", "read_at"}


def test_who_is_affected_is_a_list_of_references() -> None:
    """«… betreffende de meegedeelde gegevens …»: which, by their numbers; the officers see no client."""
    kept = {field.name for field in Affected._meta.get_fields()}
    assert kept == {"id", "breach", "reference", "party", "told_as", "source", "person"}
    of_a_person = {field.name for field in Person._meta.get_fields()}
    assert of_a_person == {"id", "breach", "affected", "number", "worker", "told", "told_at", "reported_at"}
    assert "references" in message.BreachNotice.model_fields
    assert not {"client", "correction"} & message.BreachNotice.model_fields.keys()
