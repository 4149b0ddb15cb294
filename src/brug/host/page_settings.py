"""Settings of the process of the start page: no database, no session, no log-in, no key."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

from brug.host import start_page
from brug.node.settings import *  # noqa: F403

PAGE = Path(os.environ["BRUG_PAGE"])  # the folder of its one file
ADDRESS: str = start_page.read(PAGE)["address"]
PARTY_NAME = ""
SECRET_KEY = secrets.token_hex()
ALLOWED_HOSTS = [urlsplit(ADDRESS).hostname or ""]
DATABASES = {}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
INSTALLED_APPS = [  # the look of the pages, and what it names; no desk and no log-in
    *("django.contrib.auth", "django.contrib.contenttypes", "django.contrib.staticfiles", "django.forms", "csp"),
    *(f"brug.office.{room}" for room in ("vault", "ledger", "parties", "registry", "post")),
    "brug.kit",
]
ROOT_URLCONF = "brug.host.page_urls"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "brug.kit.middleware.LargestRequestMiddleware",
    "brug.kit.middleware.CompressedFilesMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "brug.kit.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "brug.kit.middleware.PersonalPagesMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": ["django.template.context_processors.request", "brug.kit.context.page"],
        },
    }
]
_is_https = ADDRESS.startswith("https:")
_cookie = ("__Host-" if _is_https else "") + "brug_page"
CSRF_COOKIE_NAME, LANGUAGE_COOKIE_NAME = f"{_cookie}_csrf", f"{_cookie}_language"
LINK_COOKIE, READER_COOKIE = f"{_cookie}_at_", f"{_cookie}_reader"
CSRF_FAILURE_VIEW = "django.views.csrf.csrf_failure"
CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = _is_https
SECURE_HSTS_SECONDS, SECURE_HSTS_INCLUDE_SUBDOMAINS = (31_536_000, True) if _is_https else (0, False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _is_https else None
