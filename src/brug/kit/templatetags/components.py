"""The components of the pages as template tags: one consistent language, shown together at /components."""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms, template
from django.template.defaultfilters import linebreaksbr
from django.template.loader import render_to_string
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeData, SafeString, mark_safe
from django.utils.translation import gettext, gettext_lazy

from brug.core.protocol.document import Protocol
from brug.kit.forms import DressedField

register = template.Library()

COLOURS = frozenset({"neutral", "accent", "warm", "sun", "info", "success", "warning", "danger"})
VARIANTS = frozenset({"primary", "secondary", "tertiary"})


def _colour(name: str) -> str:
    """The colour, if it is one of the theme's. Raises `TemplateSyntaxError`: a wrong colour would show as none."""
    if name not in COLOURS:
        raise template.TemplateSyntaxError(f"{name!r} is no colour of the theme; expected {', '.join(sorted(COLOURS))}")
    return name


def _variant(name: str) -> str:
    if name not in VARIANTS:
        raise template.TemplateSyntaxError(f"{name!r} is no variant; expected {', '.join(sorted(VARIANTS))}")
    return name


@register.simple_tag(takes_context=True)
def again(context: template.Context, name: str) -> SafeString:
    """Render the block `name` once more: the title of a page is its heading too, unless it says otherwise."""
    block = context.render_context[BLOCK_CONTEXT_KEY].get_block(name)
    return SafeString(block.render(context).strip())


@register.simple_tag
def tick(name: str, reference: UUID, version: int, form: str) -> SafeString:
    """A tick in a row of a table, of the form with the id `form` elsewhere on the page; `label.pick` words it."""
    box = forms.CheckboxInput({"form": form, "class": "ds-input"}, check_test=lambda _value: False)
    return box.render(name, f"{reference}:{version}")


def _target(field: forms.BoundField) -> str:
    return field.first_id if isinstance(field, DressedField) else field.id_for_label


@register.inclusion_tag("kit/components/error_summary.html")
def error_summary(*bound: forms.BaseForm) -> dict[str, Any]:
    """Everything wrong with the form(s), each linked to its field; nothing when nothing is wrong.

    Words that stand at several fields are told apart by the names of those fields.
    """
    said = [(field, str(error)) for form in bound if form.is_bound for field in form for error in field.errors]
    count = Counter(error for _field, error in said)
    faults = [
        (_target(field), f"{str(field.label).rstrip('?')}: {error}" if count[error] > 1 else error)
        for field, error in said
    ]
    general = [error for form in bound if form.is_bound for error in form.non_field_errors()]
    return {"general": general, "faults": faults}


@register.inclusion_tag("kit/components/steps.html")
def steps(current: int, *names: str) -> dict[str, Any]:
    """Where one is in a task of a few pages; `current` counts from 1."""
    return {"steps": list(enumerate(names, start=1)), "current": current, "total": len(names)}


@register.simple_block_tag
def table(content: str, caption: str, *columns: str, action: str = "", **look: bool) -> SafeString:
    """Rows under `columns`; on a telephone each row is a card. `action` heads what can be done, and is read out only.

    The caption is read out; with `shown` it is seen too. With `wraps` the first cell of a row may be long. A row:
    `<tr role="row">`, its cells with `data-label`.
    """
    context = {"content": content, "caption": caption, "columns": columns, "action": action, **look}
    return render_to_string("kit/components/table.html", context)


@register.simple_block_tag
def listing(content: str, caption: str, *columns: str, **look: Any) -> SafeString:
    """The same in a card of its own."""
    return card(table(content, caption, *columns, **look))


@register.simple_block_tag(takes_context=True)
def form_of(context: template.Context, content: str, form: forms.BaseForm, summary: bool = True) -> SafeString:
    """What is wrong, then the form with all its fields and below them `content`: the buttons, and what else it says.

    Without `summary` the page says above what is wrong.
    """
    known = {"content": content, "form": form, "csrf_token": context.get("csrf_token")}
    said = SafeString(render_to_string("kit/components/error_summary.html", error_summary(form)) if summary else "")
    return said + render_to_string("kit/components/form.html", known)


@register.simple_tag(takes_context=True)
def plain_form(
    context: template.Context,
    form: forms.BaseForm,
    text: str,
    back: str = "",
    *parts: Any,
    summary: bool = True,
    **look: str,
) -> SafeString:
    """The same with one button that says `text`, looking as `look` has it (`button`).

    `back`: where «Back» leads, if anywhere, with its `parts` as in `link_button`.
    """
    sends = render_to_string("kit/components/button.html", button(text, **look))
    leads = link_button(back, gettext("Back"), *parts, variant="tertiary") if back else ""
    said: SafeString = form_of(context, buttons(SafeString(sends + leads)), form, summary)
    return said


@register.simple_block_tag
def card(content: str, color: str = "", heading: str = "") -> SafeString:
    """A card around `content`: white, or tinted in a colour. `heading` becomes its h2."""
    context = {"content": content, "color": _colour(color) if color else "", "heading": heading}
    return render_to_string("kit/components/card.html", context)


@register.simple_block_tag
def alert(content: str, color: str = "info", heading: str = "") -> SafeString:
    """A box that asks for attention: info, success, warning or danger."""
    return render_to_string(
        "kit/components/alert.html", {"content": content, "color": _colour(color), "heading": heading}
    )


@register.inclusion_tag("kit/components/fact.html")
def fact(label: str, value: Any = "", article: str = "", change: str = "") -> dict[str, Any]:
    """One term and its value, inside `<dl class="facts">`; `article` is the article of the protocol it rests on.

    `change`: where the value is changed.
    """
    kept = linebreaksbr(value) if value else ""
    if not isinstance(value, SafeData):  # an address of mail breaks before its @, if it must break
        kept = mark_safe(kept.replace("@", "<wbr>@"))  # noqa: S308 (escaped just now)
    return {"label": label, "value": kept, "article": article, "change": change}


@register.filter
def written_day(text: str) -> str:
    """A day that a document keeps as 2026-11-24, as people write it; what is no such day stays as it is."""
    day = parse_date(text or "") if isinstance(text, str) else None
    return date_format(day, "j F Y") if day else text


@register.simple_block_tag
def timeline(content: str) -> SafeString:
    """What happened, newest first, around `event` tags."""
    return format_html('<ol class="timeline">{}</ol>', content)


@register.inclusion_tag("kit/components/event.html")
def event(text: str, when: str = "", at: datetime | None = None, todo: bool = False) -> dict[str, Any]:
    """One line of a timeline: what, when in words, the instant if it has one; `todo` for what is still to be done."""
    return {"text": text, "when": when, "at": at, "todo": todo}


@register.simple_tag
def tag(text: str, color: str = "neutral") -> SafeString:
    """The state of something, in a word."""
    return format_html('<span class="ds-tag" data-color="{}" data-size="sm">{}</span>', _colour(color), text)


@register.inclusion_tag("kit/components/empty_state.html")
def empty_state(heading: str, text: str = "", url: str = "", action: str = "") -> dict[str, Any]:
    """Nothing here yet: says why, and how to begin."""
    return {"heading": heading, "text": text, "url": url, "action": action}


@register.simple_block_tag
def buttons(content: str) -> SafeString:
    """A row of buttons, the one that matters first; on a phone each takes the width."""
    return format_html('<div class="buttons">{}</div>', content)


@register.inclusion_tag("kit/components/button.html")
def button(
    text: str, variant: str = "primary", color: str = "accent", name: str = "", value: str = "", hidden: str = ""
) -> dict[str, Any]:
    """A button that sends its form. `hidden` is read out after the text, where many buttons say the same."""
    return {
        "text": text,
        "variant": _variant(variant),
        "color": _colour(color),
        "name": name,
        "value": value,
        "hidden": hidden,
    }


def _address(where: str, parts: tuple[Any, ...]) -> str:
    """`where` when it is an address; else it is the name of one of our pages, and `parts` what its address asks."""
    return reverse(where, args=parts) if re.fullmatch(r"[a-z]+[\w-]*", where) else where


@register.simple_tag
def link_button(
    where: str, text: str, *parts: Any, variant: str = "primary", color: str = "accent", hidden: str = ""
) -> SafeString:
    """A link that looks like a button: goes somewhere, changes nothing. `hidden` is read out after the text.

    `where`: an address, or the name of a page, with the `parts` of its address.
    """
    more = format_html('<span class="ds-sr-only"> {}</span>', hidden) if hidden else ""
    return format_html(
        '<a class="ds-button" href="{}" data-variant="{}" data-color="{}">{}{}</a>',
        _address(where, parts),
        _variant(variant),
        _colour(color),
        text,
        more,
    )


@register.simple_tag(takes_context=True)
def post_button(context: template.Context, where: str, text: str, *parts: Any, **look: str) -> SafeString:
    """A button that is a form by itself: it does what stands at `where` with its `parts`, or at this page ("").

    `look`: as `button` takes it, with a `name` and a `value` where the page asks which button it was.
    """
    sends = render_to_string("kit/components/button.html", button(text, **look))
    token = context.get("csrf_token", "")
    known = {"content": buttons(sends), "action": _address(where, parts), "csrf_token": token}
    return render_to_string("kit/components/post_button.html", known)


@register.simple_tag(takes_context=True)
def sure_button(context: template.Context, text: str, where: str, *parts: Any, **look: str) -> SafeString:
    """The button of a question, which answers yes to this page, and beside it the way back: `where` with its `parts`.

    `look`: as `button` takes it; the way back has its colour.
    """
    yes = render_to_string("kit/components/button.html", button(text, **look))
    no = link_button(where, gettext("No, go back"), *parts, variant="tertiary", color=look.get("color", "accent"))
    known = {"content": buttons(SafeString(yes + no)), "csrf_token": context.get("csrf_token", "")}
    return render_to_string("kit/components/post_button.html", known)


@register.inclusion_tag("kit/components/back.html")
def back(where: str, text: str, *parts: Any) -> dict[str, Any]:
    """The way back, above the heading; `where` and `parts` as in `link_button`."""
    return {"url": _address(where, parts), "text": text}


@register.inclusion_tag("kit/components/denied.html")
def denied(reasons: Any, heading: str = "", protocol: Protocol | None = None, told: str = "") -> dict[str, Any]:
    """Why the protocol says no: every reason (`core.protocol.decide.Reason`), with its article.

    With `protocol` the articles lead to that version; `told` stands at the end instead of "nothing has been sent".
    """
    return {"reasons": list(reasons), "heading": heading, "protocol": protocol, "told": told}


CLAUSES = {
    "title": gettext_lazy("the title"),
    "preamble": gettext_lazy("the preamble"),
    "closing": gettext_lazy("the closing"),
    "discloser": gettext_lazy("the discloser"),
    "recipient": gettext_lazy("the recipient"),
    "signatory": gettext_lazy("who signs along"),
    "recital": gettext_lazy("recital %(mark)s"),
    "party": gettext_lazy("party %(mark)s"),
    "protocol": gettext_lazy("the protocol as a whole"),
}


@register.filter
def ground(article: str) -> str:
    """The place in the protocol or the law as a reader knows it: "art. 3" stays, all else is named in their language.

    Of the GDPR what stands between brackets is a paragraph, and after it a letter: "GDPR 33(3)(a)".
    """
    kind, _, mark = article.partition(" ")
    if kind == "GDPR":
        number, *parts = re.findall(r"\w+", mark)
        words = gettext("GDPR, art. %(number)s") % {"number": number}
        if parts:
            words += gettext(", paragraph %(paragraph)s") % {"paragraph": parts[0]}
        return ", ".join([words, *parts[1:]])
    if kind not in CLAUSES:
        return article
    words = str(CLAUSES[kind])
    return words % {"mark": mark} if "%" in words else f"{words} {mark}".strip()


@register.inclusion_tag("kit/components/confirm.html", takes_context=True)
def confirm(
    context: template.Context,
    question: str,
    consequence: str,
    action: str,
    button_text: str,
    cancel: str,
    color: str = "danger",
) -> dict[str, Any]:
    """Ask before something that cannot be undone: one button that posts to `action`, one way back to `cancel`."""
    return {
        "question": question,
        "consequence": consequence,
        "action": action,
        "button_text": button_text,
        "cancel": cancel,
        "color": _colour(color),
        "csrf_token": context.get("csrf_token"),
    }


@register.inclusion_tag("kit/components/figure_card.html")
def figure_card(label: str, value: str, note: str = "", color: str = "accent") -> dict[str, Any]:
    """One number, large, with what it counts."""
    return {"label": label, "value": value, "note": note, "color": _colour(color)}
