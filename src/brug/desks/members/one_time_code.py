"""A code of the app works once: the period of the last one is remembered, and none before it counts (art. 6).

allauth remembers a code for one period and takes it in three, for clocks that differ: it worked again after 31 seconds.
"""

from __future__ import annotations

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.mfa.utils import decrypt
from django.db import transaction

LAST = "last_counter"  # in the data of the factor: how many periods since 1970


def validate_code(factor: TOTP, code: str) -> bool:
    """Whether this is a code of now, of a period after the last one that was used."""
    secret = decrypt(factor.instance.data["secret"])
    right = (n for n in yield_hotp_counters_from_time() if _is(code, hotp_value(secret, n)))
    return any(_is_first(factor.instance, counter) for counter in right)


def _is(code: str, value: int) -> bool:
    return bool(compare_user_code(actual=code, expected=format_hotp_value(value)))


def _is_first(known: Authenticator, counter: int) -> bool:
    """Of two that use the same code at the same moment one is first: the row decides."""
    with transaction.atomic():
        now = Authenticator.objects.select_for_update(of=("self",)).get(pk=known.pk)
        if now.data.get(LAST, -1) >= counter:
            return False
        now.data[LAST] = counter
        now.save(update_fields=["data"])
    return True


def install() -> None:
    """allauth has no place to say so: its own check is replaced."""
    TOTP.validate_code = validate_code
