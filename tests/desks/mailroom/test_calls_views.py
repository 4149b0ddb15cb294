"""What stands on the page of a call, and what a family is told to count on: the right number, and no other (art. 6)."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine
from django.test import Client

from brug.desks.referrals.models import Referral
from brug.office.parties.models import Counterparty, Member
from brug.office.post.models import Outgoing
from tests.conftest import NOW, WESTERLO
from tests.office.disclosure.test_calls import sent

__all__ = ["sent"]
NUMBER, SHOWN = "+3214000001", "014 00 00 01"


@pytest.fixture(autouse=True)
def _now(client: Client, lien: Member) -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        client.force_login(lien)
        yield


def page(client: Client, address: str, **typed: str) -> str:
    answer = client.post(address, typed) if typed else client.get(address)
    return " ".join(answer.content.decode().split())


@pytest.mark.parametrize("typed", [{}, {"called": "on"}, {"told_to": ""}], ids=["before", "the words", "a mistake"])
def test_the_page_of_a_call_says_whom_to_call_which_archive_and_where_the_words_are_typed(
    typed: dict[str, str], sent: Outgoing, client: Client, tmp_path: Path
) -> None:
    shown = page(client, f"/calls/{sent.parcel_id}", **typed)
    assert f'href="tel:{NUMBER}">{SHOWN}</a>' in shown
    (tmp_path / "zending.7z").write_bytes(sent.archive)
    hashed = subprocess.run(["7zz", "h", "-scrcSHA256", str(tmp_path / "zending.7z")], capture_output=True, text=True)
    code = next(line.split()[0] for line in hashed.stdout.splitlines() if line.endswith("zending.7z"))
    groups = [code[start : start + 4] for start in (0, 4, 8)]
    assert " ".join(f"<span>{group}</span>" for group in groups) in shown
    assert "Nooit als zij u bellen" in shown
    assert "Zij typen de woorden alleen in Brug of in 7-Zip: nooit op een pagina" in shown
    assert ('class="spoken words"' in shown) is bool(typed)


def test_without_a_number_it_says_to_take_none_from_a_mail(sent: Outgoing, client: Client) -> None:
    Counterparty.objects.filter(kbo=WESTERLO).update(phone="")
    shown = page(client, f"/calls/{sent.parcel_id}")
    assert "tel:" not in shown and "neem er geen uit een mail" in shown


def test_the_page_of_a_referral_says_which_number_the_family_can_call(sent: Outgoing, client: Client) -> None:
    Counterparty.objects.filter(kbo=WESTERLO).update(promised_days=5)
    shown = page(client, f"/referrals/{Referral.objects.get().reference}")
    assert "ook zelf bellen:" in shown and f'href="tel:{NUMBER}">{SHOWN}</a>' in shown
    assert "binnen 5 werkdagen" in shown
