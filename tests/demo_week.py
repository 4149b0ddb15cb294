"""A week of work in a demo: families in every state at both desks, so that each role finds its own.

Made through the pages, over HTTP, as the people of the demo would; nothing is written past them but how long ago two
families arrived.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

from brug.node.demo import Node, nodes
from tests.demo_check import AMAL, SARA, Failed, Job


def client(given_name: str, family_name: str, phone: str, street: str, number: str) -> dict[str, str]:
    """A fictional person, as typed."""
    email = f"{given_name}.{family_name}@voorbeeld.example".lower().replace(" ", "")
    names = {"given_name": given_name, "family_name": family_name, "phone": phone, "email": email}
    return names | {"street": street, "number": number}


NOOR = client("Noor", "Willems", "0470 00 00 03", "Geneinde", "8")
YUSUF = client("Yusuf", "Demir", "0470 00 00 04", "Boerenkrijglaan", "61")
ELENA = client("Elena", "Popescu", "0470 00 00 05", "Nijverheidsstraat", "12")
TIJS = client("Tijs", "Van den Broeck", "0470 00 00 06", "Loofven", "2")
LONG_AGO = """
from datetime import timedelta
from brug.desks.casework.models import Intake
for days, intake in zip((9, 1), Intake.objects.filter(worker=None).order_by("arrived_at")):
    Intake.objects.filter(pk=intake.pk).update(arrived_at=intake.arrived_at - timedelta(days=days))
"""


class Week:
    """What the people of the demo did: `cases` are the references of families at the OCMW, by given name."""

    def __init__(self, folder: Path, both: tuple[Node, Node]) -> None:
        self.discloser, self.recipient = both
        self.job = Job(folder, *both)
        self.cases: dict[str, str] = {}

    def pass_by(self) -> None:
        """Do it all. Raises `demo_check.Failed`."""
        for each in (AMAL, SARA, NOOR, YUSUF):
            self.job.refer(each)
            self.job.receipt_comes(each)
            self.job.assign(each)
            self.cases[each["given_name"]] = self._case_of(each)
        for name in ("Amal", "Noor"):
            self.do(name, "reached", channel="phone", told=True)
            self.do(name, "clarify", kinds=["first_age_milk", "childcare_rate"])
        self.do("Amal", "outcome", sure=True)
        self.do("Sara", "attempt", channel="phone", result="no_answer")
        for each in (ELENA, TIJS):
            self.job.refer(each)
            self.job.receipt_comes(each)
        self.recipient.brug("manage", "shell", "--no-imports", "-c", LONG_AGO)
        self.empty, self.draft, self.ready = self._start(), self._draft(), self._draft()
        self.job.lien.open(f"/referrals/{self.ready}/client")
        self.job.lien.submit(**AMAL)

    def do(self, name: str, step: str, **typed: Any) -> None:
        """A step of Karim with one family, on its page."""
        self.job.karim.open(f"/cases/mine/{self.cases[name]}/{step}")
        self.job.karim.submit(**typed)

    def _start(self) -> str:
        self.job.lien.open("/referrals/new")
        self.job.lien.submit(postal_code="2260")
        return self.job.lien.reference

    def _draft(self) -> str:
        reference = self._start()
        told: dict[str, Any] = {"informed_how": "talk_and_leaflet", "language": "fr", "interpreter": True}
        self.job.lien.submit(**told, consented_how="oral", judged_with_client=True)
        return reference

    def _case_of(self, each: dict[str, str]) -> str:
        karim = self.job.karim
        karim.open("/cases/mine")
        name = re.compile(f"{each['given_name']} {each['family_name']}")
        link = karim.browser.page.find("a", string=name)
        return str(link["href"]).rsplit("/", 1)[-1]


def main(folder: str, *ports: str) -> int:
    """Let a demo that runs there have its week; 1 when it ended early."""
    first, second = (int(port) for port in ports)
    try:
        Week(Path(folder), nodes(Path(folder), (first, second))).pass_by()
    except Failed as failed:
        sys.stderr.write(f"expected {failed}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
