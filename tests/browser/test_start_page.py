"""The host's start page as a browser shows it, with the node of the tests as one of its nodes (decision 38)."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from socket import socket
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.utils import timezone
from pytest_django import Settings

from brug.host import start_page as page_of_host
from brug.host.places import Host
from brug.node.demo import free_port
from brug.office.parties import start_page
from brug.office.parties.models import Member
from tests import CLEAN
from tests.browser.conftest import CheckPage, Visit, go, send_form

TOKEN, CODE = "m" * 40, "c" * 40


@pytest.fixture
def address(tmp_path: Path, live_server: Any, settings: Settings) -> Iterator[str]:
    """Of the start page; on it are this node, one more name for it, and one that does not answer."""
    (tmp_path / "token").write_text(TOKEN)
    settings.METRICS_TOKEN_FILE = tmp_path / "token"
    here = urlsplit(live_server.url)
    node = {"host": here.hostname, "address": live_server.url, "port": here.port, "metrics": TOKEN}
    labels = {"westerlo": "OCMW Westerlo", "laakdal": "OCMW Laakdal, Veerle en Eindhout", "stil": "OCMW Herselt"}
    nodes = [node | {"name": name, "label": label} for name, label in labels.items()]
    nodes[2]["port"], port = free_port(), free_port()
    where = page_of_host.folder(Host(tmp_path))
    where.mkdir(parents=True)
    told = {"address": f"http://localhost:{port}", "contact": "hulp@voorbeeld.example", "port": port, "nodes": nodes}
    told |= {"readers": [{"name": "servicedesk", "digest": page_of_host.digest(CODE)}]}
    (where / page_of_host.FILE).write_text(json.dumps(told))
    command = [Path(sys.executable).parent / "brug-host", "--root", tmp_path, "serve-page"]
    serving = subprocess.Popen(list(map(str, command)), env=CLEAN)
    with socket() as probe:
        while probe.connect_ex(("127.0.0.1", port)):
            assert serving.poll() is None
            time.sleep(0.05)
    yield str(told["address"])
    serving.terminate()
    serving.wait()


def test_every_page_of_it(visit: Visit, check_page: CheckPage, address: str, an_administrator: Member) -> None:
    page = visit(f"{address}/")
    check_page(page)
    page.goto(f"{address}/add?node=westerlo&code={start_page.begin(an_administrator, at=timezone.now())}")
    check_page(page)
    go(page.locator("main form [type=submit]"))
    page.goto(f"{address}/add?node=westerlo&code=over")
    go(page.locator("main form [type=submit]"))
    check_page(page, reload=False)
    page.goto(f"{address}/")
    check_page(page)
    go(page.locator("footer a", has_text="Toegankelijkheid"))
    assert "mailto:hulp@voorbeeld.example" in page.inner_html("address")
    check_page(page)
    go(page.locator("footer a").first)
    check_page(page)
    send_form(page, code="verkeerd")
    check_page(page, reload=False)
    send_form(page, code=CODE)
    rows = page.locator("main tbody tr").all_inner_texts()
    assert len(rows) == 3 and sum("antwoordt op dit moment niet" in row for row in rows) == 1
    check_page(page)
    go(page.locator("main form [type=submit]"))
    page.goto(f"{address}/health")
    assert page.locator("main [name=code]").count() == 1, "the code is forgotten too"
