"""New keys are told when a copy of them lies outside, not before: else a lost machine loses what comes in (art. 6)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from pytest_django import Settings

from brug.node import backup, worker
from brug.office.disclosure import meeting
from brug.office.keys import recovery
from brug.office.keys import services as keys
from brug.office.parties.models import Counterparty
from brug.office.post.models import Outgoing
from brug.office.roles import Role
from tests.conftest import NOW, OtherParty
from tests.office.disclosure.test_calls import a_member

LATER = NOW + timedelta(hours=1)


def told() -> int:
    return Outgoing.objects.filter(kind="key_card").count()


def test_new_keys_are_told_once_a_copy_lies_outside(westerlo: OtherParty, settings: Settings, tmp_path: Path) -> None:
    settings.HOME, settings.BACKUP_KEYS = tmp_path / "node", tmp_path / "away" / "keys"
    keys.create()
    recovery.make()
    Counterparty.objects.update(knows_us_by=next(iter(meeting._our_ids())))
    wim = a_member(Role.ADMINISTRATOR)
    meeting.replace_our_keys(by=wim, at=LATER)
    assert backup.tell_new_keys in worker.every_turn()
    with pytest.raises(OSError):
        backup.tell_new_keys(LATER)  # the place of the copy is away
    assert told() == 0
    settings.BACKUP_KEYS.parent.mkdir()
    backup.tell_new_keys(LATER)
    made = settings.BACKUP_KEYS.read_bytes()
    assert told() == 1 and made
    backup.tell_new_keys(LATER)
    assert settings.BACKUP_KEYS.read_bytes() == made, "nothing new: not written at each turn"
    meeting.replace_our_keys(by=wim, at=LATER + timedelta(hours=1))
    backup.tell_new_keys(LATER + timedelta(hours=1))
    assert settings.BACKUP_KEYS.read_bytes() != made and told() == 2
