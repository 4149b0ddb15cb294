"""Numbers, names, addresses and places that identify: parsed once at the door, trusted inside (art. 3)."""

from __future__ import annotations

import enum
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import belgica
import email_validator
import phonenumbers

from brug.core.mending import JOINERS, mend, mend_text
from brug.core.words import marked as _

NAME_LENGTH = 100  # characters, of one name
LINE_LENGTH = 60  # characters, of one line of an address
E164_DIGITS = 15  # at most (ITU-T E.164)
IN_A_NAME = " '’ʼ-‐.·\u05f3\u05f4\u0f0b\u2027\u30fb" + "".join(
    sorted(JOINERS)
)  # beside letters and marks (UAX #31, table 3a)
IN_A_LINE = " '’.-/&" + "".join(sorted(JOINERS))
REMARK_LENGTH = 4000  # characters, of what one data protection officer writes to the other
COVERED_FROM = date(2025, 1, 1)  # the first day of which the reference data know the municipalities


class Invalid(ValueError):
    """Something a person typed is not what it should be. Says what was expected, never repeats the value.

    `code` is worded for people in kit/templatetags/words.py; the message is for programmers. `character`: the one
    that cannot stand there, when it is one.
    """

    def __init__(self, code: str, expected: str, character: str = "") -> None:
        super().__init__(expected)
        self.code = code
        self.character = character


@dataclass(frozen=True, slots=True)
class KboNumber:
    """A Belgian enterprise number: ten digits, the last two being 97 − (the first eight mod 97).

    >>> str(KboNumber.parse("BE 0212.181.956"))
    '0212.181.956'
    """

    digits: str

    def __post_init__(self) -> None:
        if len(self.digits) != 10 or not (self.digits.isascii() and self.digits.isdecimal()):
            raise Invalid("kbo_shape", _("A KBO number has ten digits, such as 0212.181.956."))
        if 97 - int(self.digits[:8]) % 97 != int(self.digits[8:]):
            raise Invalid(
                "kbo_check", _("The check digits of this KBO number do not fit; compare it with the original.")
            )

    @classmethod
    def parse(cls, text: str) -> KboNumber:
        """Read a number as people write it: with dots, spaces or the prefix BE. Raises `Invalid`."""
        return cls(text.upper().removeprefix("BE").replace(".", "").replace(" ", ""))

    def __str__(self) -> str:
        return f"{self.digits[:4]}.{self.digits[4:7]}.{self.digits[7:]}"


_INSZ = re.compile(r"(?<!\d)\d(?:[^\w]{0,3}\d){10}(?!\d)")


def holds_national_number(text: str) -> bool:
    """Whether a national register number (INSZ: eleven digits, mod 97, any punctuation) stands in `text`.

    >>> holds_national_number("85.07.30-033.28"), holds_national_number("1 Meistraat 12")
    (True, False)
    """
    from stdnum.be import ssn

    return any(ssn.is_valid(re.sub(r"\D", "", found)) for found in _INSZ.findall(unicodedata.normalize("NFKC", text)))


_BEFORE_A_NAME = re.compile(r"^(?:(?:voor|achter|familie)?naam|(?:pré)?nom|(?:given|family|last)? ?name) ?:", re.I)


def parse_name(text: str) -> str:
    """A given or family name: letters, marks, spaces, apostrophes, hyphens and full stops. Raises `Invalid`.

    >>> parse_name("  Fatma   Yıldız ")
    'Fatma Yıldız'
    """
    _refuse_national_number(text)
    name = _BEFORE_A_NAME.sub("", mend(text)).replace("\uff0e", ".")
    name = name.strip(' ,;:،؛•…"-')  # of a list that it was copied from
    name = name.replace(" - ", "-")
    if len(name) > NAME_LENGTH:
        raise Invalid("name_too_long", _("A name has at most 100 characters."))
    if not any(unicodedata.category(character)[0] == "L" for character in name):
        raise Invalid("name_without_letters", _("A name has at least one letter."))
    if other := _first_outside(name, IN_A_NAME):
        raise Invalid("not_a_name", _("A name holds letters, spaces, apostrophes, hyphens and full stops only."), other)
    return name


def _refuse_national_number(text: str) -> None:
    if holds_national_number(text):
        raise Invalid("national_number", _("A national register number is not agreed; leave it out (art. 3)."))


def _first_outside(text: str, signs: str, *, digits: bool = False) -> str:
    """The first character that is no letter, no mark, no joiner and none of `signs`; "" when there is none."""
    allowed = "LMN" if digits else "LM"
    return next((c for c in text if unicodedata.category(c)[0] not in allowed and c not in signs), "")


_BEFORE_A_PHONE = re.compile(  # "tel:", "gsm nr.", "M ", a link of WhatsApp
    r"^(?:(?:[^\W\d_]{2,}|t|[mgpf](?=[.: ]))(?:[-. ]*(?:nr|no|nummer))?[.: ]*|(?:https?://)?wa\.me/\+?(?P<wa>))(?=[+(\d])",
    re.IGNORECASE,
)
_BEHIND_A_PHONE = re.compile(r"(?<=\d)[ ,(]+(?:gsm|tel|telefoon|mobiel|mobile|whatsapp)[ .)]*$", re.IGNORECASE)


def parse_phone(text: str) -> str:
    """A telephone number in E.164, from the way Belgians write it. Raises `Invalid`.

    Parsed before any test for a national number: one Belgian mobile number in a hundred passes that test.

    >>> parse_phone("+32 (0)470/12.34.56")
    '+32470123456'
    """
    typed = _BEHIND_A_PHONE.sub("", unicodedata.normalize("NFKC", mend(text)))
    typed = _BEFORE_A_PHONE.sub(lambda found: "" if found["wa"] is None else "+", typed)
    typed = re.sub(r"[,;'\u2022\u00b7]", " ", typed)
    try:  # letters would be read as on the keys of an old telephone, "OO" as 66: another family's number
        number = None if any(c.isalpha() for c in typed) else phonenumbers.parse(typed, "BE")
    except phonenumbers.NumberParseException:
        number = None
    if number is not None and number.extension is None and phonenumbers.is_valid_number(number):
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    _refuse_national_number(typed)
    if any(c.isalpha() for c in typed) or sum(c.isdigit() for c in typed) > E164_DIGITS:
        raise Invalid("one_phone_number", _("Type one number and nothing else, such as 0470 12 34 56."))
    raise Invalid("not_a_phone_number", _("Type a phone number, such as 0470 12 34 56 or +33 6 12 34 56 78."))


def write_phone(number: str) -> str:
    """A number in E.164 as Belgians write it; a foreign one with its country code, one of no known plan as it is.

    >>> write_phone("+32470123456"), write_phone("+33612345678")
    ('0470 12 34 56', '+33 6 12 34 56 78')
    """
    form = phonenumbers.PhoneNumberFormat
    return _written_phone(number, form.NATIONAL if number.startswith("+32") else form.INTERNATIONAL)


def write_phone_abroad(number: str) -> str:
    """The same with its country code, for paper that may be read anywhere.

    >>> write_phone_abroad("+32470123456"), write_phone_abroad("+9991234567")
    ('+32 470 12 34 56', '+9991234567')
    """
    return _written_phone(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def _written_phone(number: str, form: int) -> str:
    try:
        return phonenumbers.format_number(phonenumbers.parse(number), form)
    except phonenumbers.NumberParseException:
        return number


def parse_line(text: str) -> str:
    """A short line of words: printable, without a national number. Raises `Invalid`.

    >>> parse_line(" Verslag van  12 maart ")
    'Verslag van 12 maart'
    """
    _refuse_national_number(text)
    line = mend(text)
    if not line or len(line) > LINE_LENGTH:
        raise Invalid("line_length", _("Type between one and sixty characters."))
    if other := _first_outside(line, IN_A_LINE, digits=True):
        raise Invalid("not_an_address", _("Type letters, digits, spaces and ' . - / & only."), other)
    return line


LOCAL_PART, ADDRESS = 64, 254  # characters, before the @ and in all (RFC 5321)
_NAMED_ADDRESS = re.compile(r"[^<>()@]*\((\S+@[^\s()]+)\)[ ,;]*|[^<>]*<([^<>]+@[^<>]+)>[ ,;]*")  # of an address book
_BEFORE_AN_ADDRESS = re.compile(
    r"^[^\w\"'.]*(?:(?:e-?mail(?:adres)?|mail|courriel)(?:[ :]+)|e ?: *|mailto: *)*", re.IGNORECASE
)


def parse_email(text: str) -> str:
    """An e-mail address, normalised; one that every mail system takes (RFC 5321). Raises `Invalid`.

    >>> parse_email("info@m\u00e9nin.be")
    'info@xn--mnin-bpa.be'
    """
    typed = re.sub(r"\s*@\s*", "@", unicodedata.normalize("NFKC", mend(text)))
    named = _NAMED_ADDRESS.fullmatch(typed)
    typed = _BEFORE_AN_ADDRESS.sub("", (named[1] or named[2]) if named else typed)
    typed = re.sub(r"\?\S*$", "", typed).strip(" <>()[]'\".,;:!/")
    try:
        found = email_validator.validate_email(typed, check_deliverability=False, allow_smtputf8=False)
        if len(found.local_part) > LOCAL_PART or len(found.normalized) > ADDRESS:
            raise Invalid("not_an_email_address", _("Type an e-mail address, such as naam@voorbeeld.be."))
        return found.ascii_email or found.normalized
    except email_validator.EmailNotValidError:
        before = typed.rpartition("@")[0]
        if other := next((c for c in before if not c.isascii()), ""):
            raise Invalid(
                "email_with_other_letters",
                _("Before the @ an e-mail address has letters without accents and digits only."),
                other,
            ) from None
        raise Invalid("not_an_email_address", _("Type an e-mail address, such as naam@voorbeeld.be.")) from None


def parse_remark(text: str) -> str:
    """What a data protection officer writes: some lines of text, without a national number. Raises `Invalid`.

    >>> parse_remark("De mailbox is weer veilig. ")
    'De mailbox is weer veilig.'
    """
    remark = mend_text(text)
    if not remark or len(remark) > REMARK_LENGTH:
        raise Invalid("remark_length", _("Write between one and four thousand characters."))
    _refuse_national_number(remark)
    return remark


class Region(enum.StrEnum):
    """The three regions, by their REFNIS code."""

    FLANDERS = "02000"
    WALLONIA = "03000"
    BRUSSELS = "04000"


@dataclass(frozen=True, slots=True)
class Municipality:
    """A municipality by its REFNIS code (five digits) with its Dutch name."""

    refnis: str
    name: str
    region: Region


def municipalities_of(postal_code: str, on: date) -> tuple[Municipality, ...]:
    """The municipalities that `postal_code` lies in on the day `on`: one, two for a few codes, none if unknown.

    The reference data start on 1 January 2025; an earlier day is answered as of then.
    """
    if not re.fullmatch(r"[1-9]\d{3}", postal_code, re.ASCII):
        return ()
    found = belgica.get_municipalities_for_postal_code(postal_code, max(on, COVERED_FROM))
    return tuple(_municipality(record, on) for record in found)


def municipality(refnis: str, on: date) -> Municipality | None:
    """The municipality with this REFNIS code on the day `on`, or None."""
    record = belgica.get_municipality(refnis, max(on, COVERED_FROM))
    return _municipality(record, on) if record else None


def all_municipalities(on: date) -> Iterator[Municipality]:
    """Every municipality on the day `on`."""
    day = max(on, COVERED_FROM).isoformat()
    return (_municipality(record, on) for record in belgica.municipalities() if belgica.applies_on(record, day))


def _municipality(record: belgica.types.Municipality, on: date) -> Municipality:
    region = belgica.get_region_for_municipality(record["id"], max(on, COVERED_FROM))
    if region is None:
        raise LookupError("Every municipality of the reference data lies in a region.")
    name = record["name"]
    return Municipality(record["id"], name.get("nl") or name["fr"], Region(region["id"]))
