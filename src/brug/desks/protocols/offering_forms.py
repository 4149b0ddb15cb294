"""What changes at our side beside the text, and the agreement to another mailbox (art. 6, 11)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from brug.core.protocol.document import Protocol
from brug.core.protocol.life import EventKind
from brug.kit.fields import one_of, tick
from brug.kit.forms import DeskForm, choices, fold_others, unfold
from brug.office.registry import queries


class ChangeForm(DeskForm):
    """What became otherwise at our side, beside the text."""

    fault_at = "mailbox"
    kind = one_of(
        _("What changes at your side?"),
        choices(
            (EventKind.MAILBOX_ASKED, EventKind.OFFICER_CHANGED, EventKind.REPRESENTATIVE_CHANGED),
        ),
        missing=_("Choose what changes."),
    )
    mailbox = forms.EmailField(
        label=_("New e-mail address"),
        required=False,
        help_text=_("Of the mailbox, or of the officer."),
        error_messages={"invalid": _("Type an e-mail address, such as naam@voorbeeld.be.")},
    )
    name = forms.CharField(label=_("Name of who represents you from now on"), required=False, max_length=100)
    capacity = forms.CharField(label=_("In which capacity, such as general director"), required=False, max_length=100)

    def __init__(self, protocol: Protocol, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if queries.our_side(protocol) == "discloser":
            kind: Any = self.fields["kind"]
            kind.choices = [choice for choice in kind.choices if choice[0] != EventKind.MAILBOX_ASKED]
        under: dict[str, tuple[str, ...]] = {
            kind: ("mailbox",) for kind in (EventKind.MAILBOX_ASKED, EventKind.OFFICER_CHANGED)
        }
        unfold(self, "kind", {**under, EventKind.REPRESENTATIVE_CHANGED: ("name", "capacity")})

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        needed = ("name", "capacity") if typed.get("kind") == EventKind.REPRESENTATIVE_CHANGED else ("mailbox",)
        for name in needed:
            if name in typed and not typed[name]:
                self.add_error(name, _("Fill this in."))
        fold_others(self, "kind")
        return typed


class AgreeMailboxForm(DeskForm):
    """Both ticks, or nothing: a mailbox that one person changes alone is how families are stolen (art. 6)."""

    called = tick(
        _("I called them myself, on a number that did not come with the question."),
        missing=_("Call them yourself, on the number that we know."),
    )
    same = tick(
        _("The address that they say is what stands on this page."),
        missing=_("Have them say it. Not the same? Then leave it as it is."),
    )
