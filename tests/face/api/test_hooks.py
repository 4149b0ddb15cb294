"""Calls to other software: a reference and nothing else, signed, until it answers, and never into a private network."""

from __future__ import annotations

import base64
import http.server
import ipaddress
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from pytest_django import Settings

from brug.core.calendar import legal_day
from brug.desks.casework import services as casework
from brug.face.api import hooks, services, wire
from brug.face.api.models import Application, Call, Token
from brug.face.api.states import Scope
from brug.office.ledger import services as ledger
from brug.office.ledger.models import Entry
from brug.office.parties.models import Member
from tests.face.api.conftest import CANARY, Asking, Node, arrive

PRIVATE = ("127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "fe80::1", "::ffff:10.0.0.1", "0.0.0.0", "224.0.0.1")  # noqa: S104


class Receiver(http.server.BaseHTTPRequestHandler):
    """Other software that hears calls: it keeps what it got, and answers as it is told."""

    heard: ClassVar[list[tuple[dict[str, str], bytes]]] = []
    answers: ClassVar[list[int]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.heard.append(({name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(self.answers.pop(0) if self.answers else 204)
        self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *told: Any) -> None:
        """Quiet."""


@pytest.fixture
def receiver() -> Iterator[str]:
    Receiver.heard.clear()
    Receiver.answers.clear()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/brug"
        server.shutdown()


@pytest.fixture
def hooked(node: Node, receiver: str, settings: Settings) -> Asking:
    settings.API_HOOK_NETWORKS = ["127.0.0.0/8"]
    ask = node.software(Scope.CASES_READ, Scope.CASES_WRITE, for_=("karim",))
    Application.objects.filter(pk=ask.application.pk).update(hook_url=receiver)
    return ask


def turn(node: Node, seconds: int = 0) -> None:
    at = node.at + timedelta(seconds=seconds)
    ledger.checkpoint(at)
    hooks.look_and_call(at)


def test_it_hears_of_a_reference_signed_and_fetches(node: Node, hooked: Asking) -> None:
    mine, other = arrive(node, "karim"), arrive(node, "els")
    turn(node)
    ((head, body),) = Receiver.heard
    told = json.loads(body)
    assert told["data"]["reference"] == str(mine.reference) and str(other.reference) not in body.decode()
    assert set(told) == {"type", "timestamp", "data"} and set(told["data"]) == {"reference", "href"}
    key = services.hook_secret(hooked.application)
    assert head["webhook-signature"] == hooks.sign(key, head["webhook-id"], head["webhook-timestamp"], body)
    assert not any(word in body.decode() for word in CANARY)
    assert Call.objects.count() == 0
    assert hooked("get", told["data"]["href"].removeprefix("/api/v1")).status_code == 200
    turn(node)
    assert len(Receiver.heard) == 1  # what it did itself, and that somebody looked, is no news


def test_it_hears_that_a_family_it_knew_is_gone(node: Node, hooked: Asking) -> None:
    intake = arrive(node, "karim", until="clarified")
    hooked("get", "/cases")
    turn(node)
    Receiver.heard.clear()
    casework.decline_help(intake, by=node.members["karim"], at=node.at, version=intake.version)
    turn(node)
    ((_, body),) = Receiver.heard
    assert hooked("get", json.loads(body)["data"]["href"].removeprefix("/api/v1")).status_code == 404


def test_it_is_called_again_with_growing_waits_and_given_up_in_the_end(node: Node, hooked: Asking) -> None:
    Receiver.answers[:] = [500, 302] + [503] * 20
    arrive(node, "karim")
    turn(node)
    turn(node, 5)
    assert len(Receiver.heard) == 1 and Call.objects.get().attempts == 1
    turn(node, 11)
    assert len(Receiver.heard) == 2  # a redirect is no answer, and is not followed
    seconds = 11
    for wait in hooks.WAITS[1:]:
        seconds += wait + 1
        turn(node, seconds)
    assert len(Receiver.heard) == len(hooks.WAITS) and Call.objects.count() == 0
    assert len({head["webhook-id"] for head, _ in Receiver.heard}) == 1
    assert Entry.objects.filter(act="call_given_up").count() == 1


def test_two_things_before_an_answer_are_one_call_and_stopping_stops_it(node: Node, hooked: Asking) -> None:
    arrive(node, "karim", until="clarified")
    turn(node)
    assert len(Receiver.heard) == 1
    services.disallow(hooked.application, by=node.members["karim"], at=node.at)
    arrive(node, "karim")
    turn(node)
    assert len(Receiver.heard) == 1


def test_without_a_token_in_force_nothing_is_called_and_what_waited_waits_for_one(node: Node, hooked: Asking) -> None:
    Receiver.answers[:] = [500]
    arrive(node, "karim")
    turn(node)
    token = Token.objects.get(application=hooked.application)
    for spoilt in ({"ended_at": node.at}, {"agreed_at": None}, {"through_on": legal_day(node.at) - timedelta(days=1)}):
        Token.objects.filter(pk=token.pk).update(**spoilt)
        arrive(node, "karim")
        turn(node, 20)
        assert len(Receiver.heard) == 1 and Call.objects.count() == 1
        Token.objects.filter(pk=token.pk).update(
            ended_at=token.ended_at, agreed_at=token.agreed_at, through_on=token.through_on
        )
    turn(node, 20)
    assert len(Receiver.heard) == 2


@pytest.mark.parametrize("how", ["left", "disallowed"])
def test_for_a_member_who_left_or_took_her_leave_back_nothing_is_called(node: Node, hooked: Asking, how: str) -> None:
    Receiver.answers[:] = [500]
    arrive(node, "karim")
    turn(node)
    if how == "left":
        Member.objects.filter(username="karim").update(is_active=False)
    else:
        services.disallow(hooked.application, by=node.members["karim"], at=node.at)
    turn(node, 20)
    assert len(Receiver.heard) == 1 and not Call.objects.exists()


def test_the_key_that_signs_stays_when_the_unlock_secret_changes(
    node: Node, hooked: Asking, settings: Settings
) -> None:
    before = services.hook_secret(hooked.application)
    settings.SECRET_KEY = "another"
    assert services.hook_secret(hooked.application) == before


def test_a_private_network_is_not_called(node: Node, hooked: Asking, settings: Settings) -> None:
    settings.API_HOOK_NETWORKS = []
    arrive(node, "karim")
    turn(node)
    assert Receiver.heard == [] and Call.objects.get().attempts == 1
    for address in PRIVATE:
        assert not wire.may_be_called(ipaddress.ip_address(address)), address
    assert wire.may_be_called(ipaddress.ip_address("193.191.245.4"))
    assert wire.send("https://localhost:1/", b"", {}) == "not_allowed"


def test_the_key_that_is_shown_is_the_one_that_signs(node: Node, hooked: Asking) -> None:
    """As an outside library would check it: base64 of the key, id.timestamp.body (Standard Webhooks)."""
    shown = base64.b64encode(services.hook_secret(hooked.application)).decode()
    signature = hooks.sign(base64.b64decode(shown), "id", "1", b"{}")
    assert signature.startswith("v1,") and len(base64.b64decode(signature[3:])) == 32
