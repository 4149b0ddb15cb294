"""Settings of one node, read from its folder's brug.toml; what is missing or wrong stops the program at once.

`BRUG_HOME` names the folder. Without it there is no node: only commands that need none (checks, migrations to write)
work then. The unlock secret is named by `BRUG_UNLOCK_FILE`, by systemd's `CREDENTIALS_DIRECTORY`, or by the folder's
brug.toml; it must lie outside the folder, or whoever copies the folder could open it.
"""

from __future__ import annotations

import os
import tomllib
from hashlib import sha256
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

SOURCE = Path(__file__).resolve().parent.parent
HOME = Path(os.environ.get("BRUG_HOME", "/nonexistent")).absolute()
IS_NODE = (HOME / "brug.toml").is_file()
if "BRUG_HOME" in os.environ and not IS_NODE:
    raise ImproperlyConfigured(f"{HOME} holds no brug.toml; make a node with: brug --home {HOME} init")


def digest() -> bytes:
    """Of the file of settings as it is now."""
    return sha256((HOME / "brug.toml").read_bytes()).digest() if IS_NODE else b""


READ = digest()  # of the file when this process read it
try:
    _TOML: dict[str, dict[str, Any]] = tomllib.loads((HOME / "brug.toml").read_text()) if IS_NODE else {}
except tomllib.TOMLDecodeError as _wrong:
    raise ImproperlyConfigured(f"{HOME / 'brug.toml'} cannot be read: {_wrong}") from None


def _section(name: str, /, **defaults: Any) -> dict[str, Any]:
    """One table of brug.toml over its defaults. A key that is not among them is a typing error: say so."""
    given = _TOML.get(name, {})
    if unknown := set(given) - set(defaults):
        raise ImproperlyConfigured(
            f"brug.toml [{name}]: unknown {', '.join(sorted(unknown))}; known are {', '.join(sorted(defaults))}"
        )
    return defaults | given


_node = _section("node", party="0000000097", name="", team="", phone="", demo=False, practice=False)
_web = _section(
    "web", host="127.0.0.1", port=8400, hosts=["127.0.0.1", "localhost", "testserver"], https=True, proxies=1,
    security_contact="", start_page="",
)  # fmt: skip
DATABASE = {"engine": "sqlite3", "name": "brug.sqlite3", "user": "", "password": "", "host": "", "port": ""}
_database = _section("database", **DATABASE)
_mail = _section("mail", outgoing="", incoming="", mailbox="", quarantine_days=30, by_hand=True)
_keys = _section("keys", unlock_file="")
_backup = _section("backup", keys="", journal="")
_monitoring = _section("monitoring", metrics_token_file="")
_policy = _section(
    "policy", never_reached_attempts=3, never_reached_days=60, contact_days=5, head_after_days=10, partners=[],
    authorities=["gba"],
)  # fmt: skip
_api = _section("api", hook_networks=[], hook_ca="", audience="")
_oidc = _section(
    "oidc", issuer="", client_id="", secret_file="", name="", member="preferred_username", roles_claim="", roles={},
    second_factor=["mfa"], scopes=["profile"], ask={},
)  # fmt: skip
if unknown := set(_TOML) - {"backup", "monitoring", "api", "policy", "node", "web", "database", "mail", "keys", "oidc"}:
    raise ImproperlyConfigured(f"brug.toml: unknown table {', '.join(sorted(unknown))}")

PARTY: str = _node["party"]  # KBO number, ten digits: the one controller whose node this is
PARTY_NAME: str = _node["name"]
PHONE: str = _node["phone"]  # E.164: the number that other parties call, as the key card gives it
DEMO: bool = _node["demo"]
PRACTICE: bool = _node["practice"]
WEB_HOST: str = _web["host"]
WEB_PORT: int = _web["port"]
START_PAGE: str = _web["start_page"].rstrip("/")  # address of the host's page for members of several nodes, or ""
SECURITY_CONTACT: str = _web["security_contact"]  # mail address for who finds a hole; else the mailbox
MAIL_OUTGOING: str = _mail["outgoing"]
MAIL_INCOMING: str = _mail["incoming"]
MAILBOX: str = _mail["mailbox"]
NEVER_REACHED_ATTEMPTS: int = _policy["never_reached_attempts"]  # after so many attempts and days a case that nobody
NEVER_REACHED_DAYS: int = _policy["never_reached_days"]  # could reach is put to the dispatcher; no rule of the protocol
AUTHORITIES: list[str] = _policy["authorities"]  # supervisory authorities that a breach may go to: gba, vtc
API_HOOK_NETWORKS: list[str] = _api["hook_networks"]  # private networks that calls to other software may go to
API_HOOK_CA: str = _api["hook_ca"]  # file of the certificate authority of that software, where it is the party's own
API_OAUTH_ISSUER: str = _oidc["issuer"]  # the OpenID provider of log-in may give applications their tokens too
API_AUDIENCE: str = _api["audience"] or PARTY  # whom such a token must be meant for: this party, no other node
METRICS_TOKEN_FILE: str = _monitoring["metrics_token_file"]  # who brings what stands in it may read /metrics
CONTACT_DAYS: int = _policy["contact_days"]  # working days to the first conversation: the party's own target
HEAD_AFTER_DAYS: int = _policy["head_after_days"]  # working days after which the head of the service hears of it
PARTNERS_ALSO: list[str] = _policy["partners"]  # categories of partners beside CAW, DMW and OCMW (art. 4): "other"
BY_HAND: bool = _mail["by_hand"]  # whether a mail with a 7z archive and no manifest is taken in, for a phoned password
QUARANTINE_DAYS: int = _mail["quarantine_days"]  # policy: what nobody looked into is deleted after so many days


def _unlock_file() -> Path:
    credentials = os.environ.get("CREDENTIALS_DIRECTORY")
    named = os.environ.get("BRUG_UNLOCK_FILE") or (f"{credentials}/brug-unlock" if credentials else "")
    path = HOME / (named or _keys["unlock_file"] or "unlock-secret-is-not-named")
    if IS_NODE and path.resolve().is_relative_to(HOME.resolve()):
        raise ImproperlyConfigured("The unlock secret must be named (BRUG_UNLOCK_FILE) and lie outside the node folder")
    return path


UNLOCK_FILE = _unlock_file()


def _outside(name: str) -> Path | None:
    """A file that must survive the folder, and so may not lie in it."""
    path = HOME / _backup[name] if _backup[name] else None
    if IS_NODE and path and path.resolve().is_relative_to(HOME.resolve()):
        raise ImproperlyConfigured(f"brug.toml [backup]: {name} must lie outside the node folder")
    return path


BACKUP_KEYS = _outside("keys")  # the keys that a restore needs, sealed to the recovery key; replaced each day
BACKUP_JOURNAL = _outside("journal")  # the ledger and what was erased since the last backup; it only grows


def _secret_key() -> str:
    """Django's own secret: derived from the unlock secret, so that it is stored nowhere."""
    if not IS_NODE:
        return "there is no node yet"
    if not UNLOCK_FILE.is_file():
        raise ImproperlyConfigured("The unlock secret is not there; name its file (BRUG_UNLOCK_FILE)")
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(SHA256(), 32, salt=None, info=b"brug/django/1").derive(UNLOCK_FILE.read_bytes()).hex()


SECRET_KEY = _secret_key()
DEBUG = False
ALLOWED_HOSTS = _web["hosts"]
ROOT_URLCONF = "brug.node.urls"
WSGI_APPLICATION = "brug.node.wsgi.application"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "csp",
    "brug.office.vault",
    "brug.office.ledger",
    "brug.office.parties",
    "brug.office.registry",
    "brug.office.post",
    "brug.desks.referrals",
    "brug.desks.casework",
    "brug.desks.quality",
    "brug.desks.breaches",
    "brug.desks.oversight",
    "brug.desks.requests",
    "brug.desks.members",
    "brug.desks.mailroom",
    "brug.desks.protocols",
    "brug.desks.window",
    "brug.kit",
    "brug.face.web",
    "brug.face.api",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "brug.desks.members.apps.OrganisationConfig",
    "allauth.socialaccount.providers.openid_connect",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "brug.kit.middleware.LargestRequestMiddleware",
    "brug.kit.middleware.CompressedFilesMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "brug.kit.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "brug.desks.members.sessions.EndingSessionsMiddleware",
    "brug.kit.middleware.TypedMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "brug.desks.members.sessions.SecondFactorMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "brug.kit.middleware.PersonalPagesMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "brug.kit.context.page",
                "brug.face.web.help_views.context",
            ]
        },
    }
]
FORM_RENDERER = "brug.kit.forms.Renderer"

LOCK_SECONDS = 20  # that anything waits for what another process holds; then it fails, and is done again


def DATABASE_OF(table: dict[str, Any]) -> dict[str, Any]:
    """What the framework must know of the database that a table `[database]` of brug.toml names."""
    told = DATABASE | table
    if told["engine"] == "sqlite3":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": HOME / told["name"] if IS_NODE else ":memory:",
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": LOCK_SECONDS,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;",
            },
        }
    told["user"] = os.environ.get("BRUG_DATABASE_USER") or told["user"]  # who makes tables, for one command
    return {key.upper(): value for key, value in told.items()} | {
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,  # a server that began anew costs nobody a page
        "OPTIONS": {"options": f"-c lock_timeout={LOCK_SECONDS}s"},
    }


DATABASES = {"default": DATABASE_OF(_database)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SILENCED_SYSTEM_CHECKS = ["fields.W163"]  # SQLite keeps no comment on a column; PostgreSQL does

AUTH_USER_MODEL = "parties.Member"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "brug.office.parties.passwords.NotGuessable"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "brug.desks.members.login_views.Adapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]  # nobody signs up; a member is invited
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_RATE_LIMITS = {
    "login": "120/m/ip",
    "login_failed": "20/m/ip,5/5m/key",
}  # after five wrong ones an account rests for five minutes
ALLAUTH_TRUSTED_PROXY_COUNT = _web["proxies"] if _web["https"] else 0
MFA_ADAPTER = "brug.desks.members.second_factor_views.Adapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = f"Brug {PARTY_NAME}".strip()
MFA_TOTP_TOLERANCE = 1  # half a minute early or late
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
SESSION_IDLE_MINUTES, SESSION_HOURS = 30, 12
PROVEN_MINUTES = 5  # how long a log-in counts as fresh for what is sensitive
OIDC: dict[str, Any] = _oidc
SOCIALACCOUNT_ADAPTER = "brug.desks.members.openid_views.Adapter"
SOCIALACCOUNT_STORE_TOKENS = False
CACHES = {  # one for all web processes: what is counted against guessing is counted once
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "brug_cache",
        "KEY_PREFIX": "1",
        "OPTIONS": {"MAX_ENTRIES": 1_000_000},  # or somebody fills it until the counts of others fall out
    }
}
SESSION_ENGINE = "brug.desks.members.session_store"
_cookie = ("__Host-" if _web["https"] else "") + f"brug_{PARTY}_{WEB_PORT}"  # two nodes on one machine keep apart
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{_cookie}_session", f"{_cookie}_csrf"
LANGUAGE_COOKIE_NAME, KNOWN_COOKIE_NAME, TYPED_COOKIE_NAME = (
    f"{_cookie}_{what}" for what in ("language", "known", "typed")
)
SESSION_COOKIE_AGE = (SESSION_HOURS + 1) * 60 * 60  # a little longer: who typed last is known when it ends
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = _web["https"]
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "brug.desks.members.typed_views.of_another_session"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
SECURE_HSTS_SECONDS, SECURE_HSTS_INCLUDE_SUBDOMAINS = (31_536_000, True) if _web["https"] else (0, False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _web["https"] else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "style-src": [SELF],
        "font-src": [SELF],
        "img-src": [SELF, "data:"],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
LARGEST_REQUEST = 6_000_000  # bytes, with its files; deploy's proxy says the same

USE_TZ = True
TIME_ZONE = "Europe/Brussels"
LANGUAGE_CODE = "nl-be"
LANGUAGES = [("nl-be", "Nederlands"), ("en", "English")]
LOCALE_PATHS = [SOURCE / "locale"]
FORMAT_MODULE_PATH = ["brug.kit.formats"]

STATIC_URL = "/static/"
PARTS = SOURCE / "parts"  # made by tools/parts.py, held by the wheel
STATICFILES_DIRS = [
    ("vendor/atkinson", PARTS / "static/atkinson"),
    ("vendor/letters", PARTS / "static/letters"),
    ("guide", PARTS / "guides/pictures"),
]
STATIC_ROOT = None  # served from where they are: a node has nothing to collect
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

LOGGING_CONFIG = "brug.node.logs.configure"
LOGGING: dict[str, Any] = {"version": 1}  # with nothing in it, Django would never call `configure`
