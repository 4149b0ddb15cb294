"""A practice node is a node of its own, and says on every page that nothing is real (art. 6)."""

from __future__ import annotations

import argparse
import tomllib
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from brug.core.parcel.keys import public_parcel_key
from brug.node import setup
from brug.office.keys import services as keys


def made(home: Path, practice: bool, settings: Settings) -> set[bytes]:
    """The public keys of a node that `brug init` made."""
    unlock = home.with_suffix(".unlock")
    asked = {"party": "0212.181.956", "name": "OCMW Westerlo", "mailbox": "a@b.example", "outgoing": "", "incoming": ""}
    ways = {"demo": False, "practice": practice, "port": 8400, "host": [], "unlock_file": str(unlock)}
    setup.make_folder(home, argparse.Namespace(**asked, **ways))
    assert tomllib.loads((home / "brug.toml").read_text())["node"]["practice"] is practice
    settings.HOME, settings.UNLOCK_FILE = home, unlock
    keys.create()
    signing = (key.public_key().public_bytes_raw() for key in (keys.signing_key(), keys.checkpoint_key()))
    return {*signing, public_parcel_key(keys.parcel_key())}


def test_a_practice_node_of_the_same_party_has_no_key_of_the_real_one(tmp_path: Path, settings: Settings) -> None:
    real, exercise = (made(tmp_path / name, name == "oefening", settings) for name in ("echt", "oefening"))
    assert len(real) == len(exercise) == 3 and not real & exercise


@pytest.mark.django_db
@pytest.mark.parametrize("demo", [False, True])
@pytest.mark.parametrize("practice", [False, True])
def test_every_page_of_a_practice_node_says_so_also_in_a_demo(
    practice: bool, demo: bool, client: Client, settings: Settings
) -> None:
    settings.PRACTICE, settings.DEMO = practice, demo
    for address in ("/login", "/info/", "/nergens"):
        page = client.get(address, follow=True).content.decode()
        assert "</html>" in page
        assert ("Oefenen: niets hier is echt" in page) is practice
        assert ('<body class="practice">' in page) is practice
        assert ("Demo met verzonnen mensen" in page) is demo
