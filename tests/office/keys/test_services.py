"""Laws of the node's own keys."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from pytest_django import Settings

from brug.office.keys import services as keys


@pytest.fixture
def home(tmp_path: Path, settings: Settings) -> Path:
    settings.HOME = tmp_path / "node"
    settings.UNLOCK_FILE = tmp_path / "unlock"
    settings.UNLOCK_FILE.write_bytes(b"u" * 32)
    keys.create()
    return tmp_path


def test_keys_are_made_once_and_never_replaced(home: Path) -> None:
    before = {path: path.read_bytes() for path in (home / "node" / "keys").iterdir()}
    keys.create()
    assert {path: path.read_bytes() for path in (home / "node" / "keys").iterdir()} == before


def test_a_copied_folder_opens_nothing_without_the_unlock_secret(home: Path, settings: Settings) -> None:
    shutil.copytree(home / "node", home / "stolen")
    settings.HOME = home / "stolen"
    settings.UNLOCK_FILE.write_bytes(b"v" * 32)
    with pytest.raises(InvalidTag):
        keys.signing_key()


def test_a_key_file_under_another_name_does_not_open(home: Path) -> None:
    folder = home / "node" / "keys"
    (folder / "checkpoint.key").write_bytes((folder / "signing.key").read_bytes())
    with pytest.raises(InvalidTag):
        keys.checkpoint_key()


def test_no_key_file_holds_its_key_readable(home: Path) -> None:
    stored = b"".join(path.read_bytes() for path in (home / "node" / "keys").iterdir())
    for key in (keys.signing_key().private_bytes_raw(), keys.parcel_key(), keys.index_key()):
        assert key not in stored


def test_a_short_unlock_secret_is_refused(tmp_path: Path, settings: Settings) -> None:
    settings.HOME, settings.UNLOCK_FILE = tmp_path / "node", tmp_path / "unlock"
    settings.UNLOCK_FILE.write_bytes(b"short")
    with pytest.raises(ValueError, match="32 bytes"):
        keys.create()


def test_a_replaced_key_still_opens_for_ninety_days_and_then_is_gone(home: Path) -> None:
    at = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    first = keys.parcel_key()
    keys.rotate_parcel_keys(at)
    second = keys.parcel_key()
    keys.rotate_parcel_keys(at + timedelta(days=60))
    third = keys.parcel_key()
    assert keys.parcel_keys() == [third, second, first] and len({first, second, third}) == 3
    assert keys.forget_old(at + keys.OVERLAP - timedelta(seconds=1)) == 0
    assert keys.forget_old(at + keys.OVERLAP) == 1
    keys.create()  # makes none that was forgotten
    assert keys.parcel_keys() == [third, second]
    assert keys.forget_old(at + timedelta(days=4000)) == 1
    assert keys.parcel_keys() == [third]


def test_the_card_of_a_new_signing_key_can_be_signed_by_the_one_before(home: Path) -> None:
    known = keys.signing_key().private_bytes_raw()
    keys.rotate_signing_key(datetime(2026, 11, 23, 9, 0, tzinfo=UTC))
    now, before = keys.signing_keys()
    assert before.private_bytes_raw() == known != now.private_bytes_raw() == keys.signing_key().private_bytes_raw()
