"""Pages are Dutch first; those about people stay out of every cache; an act that comes too late gets one clear page."""

from __future__ import annotations

import gzip
import io

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpResponse
from django.test import Client, RequestFactory
from django.utils.translation import get_language
from django.views.defaults import server_error

from brug.core.protocol.document import Protocol
from brug.core.states import WrongState
from brug.kit.middleware import CompressedFilesMiddleware, LanguageMiddleware, PersonalPagesMiddleware
from brug.office.parties.may import NotAllowed
from brug.office.parties.models import Member
from brug.office.parties.states import Verb
from brug.office.roles import Role


@pytest.fixture
def middleware() -> PersonalPagesMiddleware:
    return PersonalPagesMiddleware(lambda request: HttpResponse("page"))


def test_what_a_member_sees_is_kept_nowhere(middleware: PersonalPagesMiddleware, rf: RequestFactory) -> None:
    request = rf.get("/")
    request.user = Member(username="karim", name="Karim Aerts", role=Role.SOCIAL_WORKER)
    assert middleware(request)["Cache-Control"] == "no-store"
    request = rf.get("/invitation/secret")
    request.user = AnonymousUser()
    assert middleware(request)["Cache-Control"] == "no-store"
    assert "Cache-Control" not in middleware(rf.get(f"{settings.STATIC_URL}kit/brug.css"))


def test_what_is_not_theirs_looks_like_what_does_not_exist(
    middleware: PersonalPagesMiddleware, rf: RequestFactory
) -> None:
    with pytest.raises(Http404):
        middleware.process_exception(rf.get("/"), NotAllowed(Verb.REFER))


def test_who_comes_second_reads_that_it_has_happened(middleware: PersonalPagesMiddleware, rf: RequestFactory) -> None:
    answer = middleware.process_exception(rf.get("/"), WrongState())
    assert answer is not None and answer.status_code == 409
    assert b"<h1" in answer.content


def test_our_own_mistakes_stay_mistakes(middleware: PersonalPagesMiddleware, rf: RequestFactory) -> None:
    assert middleware.process_exception(rf.get("/"), KeyError("a bug")) is None


def test_files_are_compressed_and_pages_with_secrets_are_not(rf: RequestFactory) -> None:
    def answer(path: str, content_type: str) -> HttpResponse:
        page = HttpResponse("word " * 1000, content_type=content_type)
        request = rf.get(path, headers={"accept-encoding": "gzip"})
        response = CompressedFilesMiddleware(lambda _: page)(request)
        assert isinstance(response, HttpResponse)
        return response

    assert answer("/static/kit/brug.css", "text/css")["Content-Encoding"] == "gzip"
    assert not answer("/login", "text/html").has_header("Content-Encoding")
    assert not answer("/login", "text/css").has_header("Content-Encoding")


@pytest.mark.parametrize(
    "path", ["/hulp/teamlid", "/info/before/ar/opgroeien-ocmw-westerlo/", "/protocols/opgroeien-ocmw-westerlo/1"]
)
def test_long_public_pages_are_compressed_and_repeat_nothing_of_their_address(
    client: Client, protocol: Protocol, path: str
) -> None:
    answer = client.get(f"{path}?word=xyzzy", headers={"accept-encoding": "gzip"})
    assert answer["Content-Encoding"] == "gzip" and b"xyzzy" not in gzip.decompress(answer.content)


@pytest.mark.django_db
def test_a_form_without_its_token_is_refused_with_a_page_that_holds_no_data() -> None:
    answer = Client(enforce_csrf_checks=True).post("/login", {"username": "amal", "password": "geheim"})
    assert answer.status_code == 403
    assert b"amal" not in answer.content and b"<h1" in answer.content


def test_our_own_mistake_has_a_page_that_needs_nothing(rf: RequestFactory) -> None:
    answer = server_error(rf.get("/"))
    assert answer.status_code == 500
    assert b"<h1" in answer.content and b'lang="nl-BE"' in answer.content


@pytest.mark.parametrize("browser", ["", "en", "fr-BE,fr;q=0.9,en;q=0.5", "nl-BE"])
@pytest.mark.parametrize("chosen", ["", "xx", "en-GB", "fr"])
def test_pages_are_dutch_whatever_the_browser_speaks(db: None, browser: str, chosen: str) -> None:
    client = Client(headers={"accept-language": browser})
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = chosen
    answer = client.get("/accessibility")
    assert b'<html lang="nl-BE"' in answer.content
    assert answer["Content-Language"] == "nl-BE"
    assert "Cookie" in answer["Vary"] and "Accept-Language" not in answer["Vary"]


def test_who_chose_english_gets_english_also_in_an_error(db: None) -> None:
    client = Client(headers={"accept-language": "nl-BE"})
    client.post("/language", {"language": "en", "next": "/accessibility"})
    for path in ("/accessibility", "/there-is-nothing-here"):
        answer = client.get(path, follow=True)
        assert b'<html lang="en"' in answer.content
        assert answer["Content-Language"] == "en"


def test_a_language_ends_with_its_page(rf: RequestFactory) -> None:
    before = get_language()
    request = rf.get("/")
    request.COOKIES[settings.LANGUAGE_COOKIE_NAME] = "en"
    seen = []
    LanguageMiddleware(lambda _: seen.append(get_language()) or HttpResponse())(request)
    assert seen == ["en"] and get_language() == before


def test_what_is_larger_than_any_upload_is_refused_unread_also_from_a_stranger() -> None:
    """Not a byte of it is read: the stream below would say so."""

    class Unread(io.BytesIO):
        def read(self, *_: object) -> bytes:
            raise AssertionError("the body was read")

    for length in ("6000001", "9" * 30):
        for path in ("/login", "/nowhere", "/api/v1/cases"):
            sent = {"CONTENT_LENGTH": length, "CONTENT_TYPE": "multipart/form-data; boundary=b"}
            answer = Client().post(path, **sent, **{"wsgi.input": Unread()})  # type: ignore[arg-type]
            assert answer.status_code == 413 and "default-src 'none'" in answer["Content-Security-Policy"]
            assert ("te groot" in answer.content.decode()) is not path.startswith("/api/")
    assert Client().get("/login").status_code == 200
