"""What is chosen and written in a breach case: closed lists, moments, and texts without persons (GDPR 33, 34)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from brug.core.codes import Aspect, Risk
from brug.core.identity import Invalid
from brug.desks.breaches import telling
from brug.desks.breaches.models import Breach
from brug.desks.breaches.records import parse_text
from brug.desks.breaches.services import Window
from brug.desks.breaches.states import Kind, NotNotified, NotTold, Source, Told
from brug.kit import forms as kit
from brug.kit.fields import ONE, minute, one_of, some_of, text_field, tick, when_field
from brug.office.parties.fields import ParsedField, once_field, phone_field
from brug.office.parties.may import BOUND
from brug.office.parties.models import Counterparty, Member

Choices = list[tuple[str, "str | Promise"]]
AUTHORITIES: dict[str, tuple[str | Promise, str]] = {
    "gba": (_("Data Protection Authority (GBA)"), "https://www.gegevensbeschermingsautoriteit.be"),
    "vtc": (_("Flemish Supervisory Committee (VTC)"), "https://www.vlaanderen.be/vlaamse-toezichtcommissie"),
}
FAULTS: dict[str, tuple[str, str | Promise]] = {
    "noticed_in_future": ("noticed_at", _("This lies in the future.")),
    "aware_in_future": ("aware_at", _("This lies in the future.")),
    "aware_before_suspected": ("aware_at", _("This is before the suspicion. Check both moments.")),
    "until_in_future": ("until", _("This lies in the future.")),
    "window_reversed": ("until", _("The end comes after the beginning.")),
    "no_account": ("account", _("Choose whose account it was.")),
    "no_such_mailbox": ("mailbox", _("Choose a mailbox.")),
    "notified_in_future": ("notified_at", _("This lies in the future.")),
    "notified_before_aware": ("notified_at", _("This is before you were aware. Check both moments.")),
    "delay_unexplained": ("delay", _("It was later than 72 hours: say why (GDPR 33(1)).")),
    "told_in_future": ("told_at", _("This lies in the future.")),
    "risk_is_likely": ("why", _("The case says that there is a risk. Then the authority must be told.")),
    "risk_is_high": ("why", _("The case says that the risk is high. Choose a ground of GDPR 34(3), or tell them.")),
    "not_done_yet": ("", _("Something is still open in this case; see the list on its page.")),
    "described_meanwhile": (
        "",
        _("A colleague described it meanwhile, as it stands here. Put both together in your words, and note it again."),
    ),
    "nobody_affected": ("", _("First find out who is affected.")),
    "no_such_number": ("number", _("No referral, case or file here has this number.")),
    "persons_left": ("", _("Colleagues still have persons to tell; the case knows it when the last one is told.")),
    "not_bound_by_secrecy": ("worker", _("Choose a colleague in service who is bound by professional secrecy.")),
    "called_in_future": ("spoke_at", _("This lies in the future.")),
    "not_described": ("", _("First describe the breach: facts, consequences, measures and risk.")),
    "nobody_told": ("", _("First tell the other party of this breach.")),
    "not_shared": ("party", _("Choose which party you write to.")),
    "no_such_party": ("", _("This is no party of a protocol with us.")),
}
REFUSED = (  # what `parse_text` says of a text; beside the words of core/identity.py
    _("Leave out phone numbers, e-mail addresses and names: references are enough."),
)
WHEN = _("Fill in when this was.")
ASKED_OF: dict[str, tuple[str, ...]] = {  # of each source, what the log book must know; the end of a period last
    Source.MAILBOX: ("mailbox", "since", "until"),
    Source.ACCOUNT: ("account", "used_since", "used_until"),
    Source.BACKUP: ("made_at",),
    Source.REFERENCE: ("number",),
}
NEEDED = {
    "account": FAULTS["no_account"][1],
    **dict.fromkeys(("since", "until", "used_since", "used_until", "made_at"), WHEN),
    "number": _("Type the number."),
}


def _text(label: Any, *, rows: int = 4, **more: Any) -> ParsedField:
    """Some lines without persons; what is refused is said in words of its own."""
    return text_field(label, parse=parse_text, missing=_("Write at least one sentence."), rows=rows, **more)


class DeskForm(kit.DeskForm):
    """A form of this desk."""

    faults = FAULTS

    @classmethod
    def on(cls, breach: Breach, data: Any, now: datetime) -> DeskForm:
        """The form as it begins on this case."""
        return cls(data, initial=cls.begins(breach, now))

    @staticmethod
    def begins(breach: Breach, now: datetime) -> dict[str, Any]:
        return {}


class SuspectForm(DeskForm):
    once = once_field()
    kind = one_of(_("What did you see?"), kit.choices(Kind))
    noticed_at = when_field(_("When did you see it?"))
    is_going_on = tick(_("It is still going on."))
    text = _text(
        _("In your own words, without names"),
        help_text=_("Two or three sentences: where, which system, since when. No names of clients."),
    )


class ConfirmForm(DeskForm):
    aware_at = when_field(
        _("Since when is it certain?"),
        help_text=_("Reasonably certain, after a short look. From that moment the 72 hours run."),
    )

    @staticmethod
    def begins(breach: Breach, now: datetime) -> dict[str, Any]:
        return {"aware_at": minute(now)}


class RuleOutForm(DeskForm):
    why = _text(_("Why is it no breach?"))


class DescribeForm(DeskForm):
    """`seen` is what the description was when the form was shown; `is_behind`: a colleague has changed it since."""

    is_behind = False
    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    facts = _text(_("What happened?"))
    aspects = some_of(_("What did it do to the data?"), kit.choices(Aspect))
    consequences = _text(_("What may it lead to for the persons?"))
    measures = _text(_("What was done, and what will be?"))
    risk = one_of(_("How high is the risk?"), kit.choices(Risk))

    @staticmethod
    def begins(breach: Breach, now: datetime) -> dict[str, Any]:
        stands = {name: getattr(breach, name) for name in ("facts", "aspects", "consequences", "measures", "risk")}
        return stands | {"seen": breach.described_as}

    def catch_up(self, breach: Breach) -> None:
        """What stands now is shown beside what was typed: saved once more, it is known."""
        typed = cast(QueryDict, self.data).copy()
        typed["seen"] = breach.described_as
        self.is_behind, self.data = True, typed


class AffectedForm(DeskForm):
    source = one_of(_("What do you ask the log book?"), kit.choices(each for each in Source if each is not Source.TOLD))
    mailbox = forms.ChoiceField(label=_("Which mailbox?"), required=False)
    account = forms.ModelChoiceField(
        label=_("Whose account?"), queryset=Member.objects.none(), required=False, empty_label="—"
    )
    since = when_field(_("From"), required=False)
    until = when_field(_("Until"), required=False)
    used_since = when_field(_("From"), required=False)
    used_until = when_field(_("Until"), required=False)
    made_at = when_field(_("When was the backup made?"), required=False)
    number = forms.CharField(label=_("Which number?"), max_length=20, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ours = [("", settings.MAILBOX + gettext(" (ours)"))]
        theirs = [(party.mailbox, f"{party.mailbox} ({party.name})") for party in Counterparty.objects.order_by("name")]
        self.fields["mailbox"].choices = ours + theirs  # type: ignore[attr-defined]
        people = Member.objects.exclude(role__in=("dpo", "administrator")).order_by("name")
        self.fields["account"].queryset = people  # type: ignore[attr-defined]
        kit.unfold(self, "source", ASKED_OF)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        below = ASKED_OF.get(cleaned.get("source", ""), ())
        _require(self, cleaned, {name: words for name, words in NEEDED.items() if name in below})
        kit.fold_others(self, "source")
        return cleaned

    def add_invalid(self, invalid: Invalid) -> None:
        """What is wrong with the end of a period stands below the option that was chosen."""
        field, words = self.faults.get(invalid.code, ("", ""))
        if field == "until":
            self.add_error(ASKED_OF[self.cleaned_data["source"]][-1], words)  # type: ignore[arg-type]  # lazy words
        else:
            super().add_invalid(invalid)

    def window(self, now: datetime) -> Window:
        typed = self.cleaned_data
        return Window(
            until=typed["until"] or typed["used_until"] or typed["made_at"] or now,
            since=typed["since"] or typed["used_since"],
            mailbox=typed["mailbox"],
            account=typed["account"],
            number=typed["number"].strip().upper(),
        )


class SayForm(DeskForm):
    """What goes to another officer once: `said` is how much was said when the form was shown."""

    said = forms.IntegerField(widget=forms.HiddenInput, required=False)

    @staticmethod
    def begins(breach: Breach, now: datetime) -> dict[str, Any]:
        return {"said": telling.count_said(breach)}


class TellForm(SayForm):
    party = one_of(_("Which party do you tell?"), [])


class RemarkForm(SayForm):
    party = one_of(_("To which party?"), [])
    text = _text(_("Your words to the other officer"))


class AuthorityForm(DeskForm):
    decision = one_of(
        _("What did you decide?"), [("notified", _("I have sent in the form")), ("spared", _("It is not needed"))]
    )
    authority = one_of(_("To whom?"), [], required=False)
    reference = forms.CharField(label=_("Their reference"), max_length=60, required=False)
    notified_at = when_field(_("When did you send it in?"), required=False)
    delay = _text(_("Why later than 72 hours?"), required=False, rows=2)
    why = one_of(_("Why is it not needed?"), kit.choices(NotNotified), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["authority"].choices = [  # type: ignore[attr-defined]
            (code, AUTHORITIES[code][0]) for code in settings.AUTHORITIES
        ]
        notified = ("authority", "reference", "notified_at", "delay")
        kit.unfold(self, "decision", {"notified": notified, "spared": ("why",)})

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        needed = {
            "notified": {"authority": ONE, "notified_at": WHEN},
            "spared": {"why": ONE},
        }
        _require(self, cleaned, needed.get(cleaned.get("decision", ""), {}))
        kit.fold_others(self, "decision")
        return cleaned


class PersonsForm(DeskForm):
    decision = one_of(
        _("What did you decide?"),
        [
            ("give", _("They are told: each by the colleague who knows the family")),
            ("told", _("The persons have been told already")),
            ("spared", _("It is not needed")),
        ],
    )
    told_at = when_field(_("When were they told?"), required=False)
    why = one_of(_("Why is it not needed?"), kit.choices(NotTold), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kit.unfold(self, "decision", {"told": ("told_at",), "spared": ("why",)})

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        needed = {"told": {"told_at": WHEN}, "spared": {"why": ONE}}
        _require(self, cleaned, needed.get(cleaned.get("decision", ""), {}))
        kit.fold_others(self, "decision")
        return cleaned


class PersonToldForm(DeskForm):
    told = one_of(_("How was the person told?"), kit.choices(Told))
    told_at = when_field(_("When?"))


class GiveForm(DeskForm):
    worker = forms.ModelChoiceField(
        label=_("Who tells this person?"),
        queryset=Member.objects.none(),
        error_messages={"required": ONE},
        empty_label="—",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = Member.objects.filter(is_active=True, role__in=BOUND).order_by("name")
        self.fields["worker"].queryset = people  # type: ignore[attr-defined]


class CallForm(DeskForm):
    """The officers spoke. `phone` is kept as the number of that officer."""

    once = once_field()
    party = one_of(_("With the officer of which party?"), [])
    spoke_with = text_field(_("With whom did you speak?"), missing=_("Fill in a name."), max_length=100)
    phone = phone_field(_("On which number?"), required=True)
    spoke_at = when_field(_("When?"))
    text = _text(
        _("What did you agree?"), help_text=_("Measures, who does what, when you speak again. No names of clients.")
    )

    @staticmethod
    def begins(breach: Breach, now: datetime) -> dict[str, Any]:
        known = Counterparty.objects.filter(kbo__in=telling.sharers(breach)).exclude(officer_phone="").first()
        return {"spoke_at": minute(now), "phone": known.officer_phone if known else ""}


class ReopenForm(DeskForm):
    new_facts = _text(_("Which new facts came?"))


class CloseForm(DeskForm):
    lessons = _text(_("What was learnt, and what changes?"))


def _require(form: forms.Form, cleaned: dict[str, Any], needed: Mapping[str, Any]) -> None:
    for name, words in needed.items():
        if not cleaned.get(name) and name not in form.errors:
            form.add_error(name, words)
