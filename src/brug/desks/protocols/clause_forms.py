"""One clause of a draft, its words and every term that it can have: the fields are those of its model (art. 1).

Nothing that a document can hold must be written in a file: what a text says otherwise than the standard is told here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from types import NoneType, SimpleNamespace, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from django import forms
from pydantic import BaseModel

from brug.core.identity import municipality
from brug.core.protocol import document, source, standard
from brug.core.protocol.articles import AnyArticle
from brug.core.protocol.document import DocumentError, load
from brug.core.protocol.notation import LENGTH, LENGTH_IN_DAYS, Days, Months, dutch_day, same_words, says
from brug.core.protocol.recitals import AnyRecital
from brug.desks.protocols.clause_words import CODES, faulty, label
from brug.desks.protocols.drafts_forms import YES_OR_NO, PlacesField
from brug.kit.fields import day_field

Values = dict[str, Any]
ASIDE = frozenset({"flags", "added", "kept_by", "kind", "code", "number"})
"""What is no question: what Brug notes beside the words, and what follows from the rest."""
BLANK_ROWS = 2
REFNIS = 5  # digits
BLANK: tuple[Any, ...] = (None, "", [], ())
KINDS = {"articles": AnyArticle, "recitals": AnyRecital}


class ClauseForm(forms.Form):
    """The words and terms of the clause at `path` of the values of a draft; `clause` is what was told, once valid."""

    clause: Values

    def __init__(self, values: Values, path: source.Path, *args: Any, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.values, self.path, self.on = values, path, on
        own: Any = values
        for part in path:
            own = own[part]
        self.own: Values = own
        self.model = document.model_at(path, values)
        if (union := KINDS.get(str(path[0]))) is not None:
            kinds = [get_args(each.model_fields["kind"].annotation)[0] for each in _models(union)]
            self._add("kind", Literal[tuple(kinds)], own.get("kind"))
            self.fields["kind"].required = True
        self._ask(self.model, own, "")
        self.order_fields(["kind", "mark", "heading"])

    def _ask(self, model: type[BaseModel], value: Any, at: str) -> None:
        """A field for everything in `model`."""
        for name, field in model.model_fields.items():
            here, inner = f"{at}{name}", _inner(field.annotation)
            part = value.get(name) if isinstance(value, dict) else None
            if not _is_asked(here, self.is_of_kind):
                continue
            if _is_model(inner):
                self._ask(inner, part, f"{here}.")
            elif row := _row(inner):
                own = part if isinstance(part, list) else []
                for number in range(len(own) + BLANK_ROWS):
                    self._ask(row, own[number] if number < len(own) else None, f"{here}.{number}.")
            else:
                self._add(here, inner, part)

    @property
    def is_of_kind(self) -> bool:
        """Whether its kind says which terms it has."""
        return self.path[0] in KINDS

    def _add(self, name: str, annotation: Any, value: Any) -> None:
        field = _field(name, annotation, self.on)
        field.label, field.required, field.initial = label(name), False, _shown(annotation, value, self.on)
        field.is_conditional = True  # type: ignore[attr-defined]  # what may be missing, the document says
        self.fields[name] = field

    def _told(self, model: type[BaseModel], value: Any, at: str) -> Values:
        """The values of `model` as they were typed; what is left empty is null, a row that is left empty is none."""
        found: Values = dict(value) if isinstance(value, dict) else {}
        for name, field in model.model_fields.items():
            here, inner = f"{at}{name}", _inner(field.annotation)
            part = found.get(name)
            if here in self.fields:
                found[name] = _stored(self.cleaned_data.get(here), inner)
            elif not _is_asked(here, self.is_of_kind):
                continue
            elif _is_model(inner):
                nested = self._told(inner, part, f"{here}.")
                found[name] = nested if any(each not in (*BLANK, False) for each in nested.values()) else None
            elif row := _row(inner):
                found[name] = [*self._rows(row, part if isinstance(part, list) else [], here)]
        return {
            name: part for name, part in found.items() if part is not None or model.model_fields[name].is_required()
        }

    def _rows(self, row: type[BaseModel], own: list[Any], at: str) -> Iterator[Values]:
        number = 0
        for place in range(len(own) + BLANK_ROWS):
            told = self._told(row, own[place] if place < len(own) else None, f"{at}.{place}.")
            typed = (part for name, part in told.items() if f"{at}.{place}.{name}" in self.fields)
            if all(part in (*BLANK, False, 0) for part in typed):
                continue
            number += 1
            if "number" in row.model_fields and "justification" in row.model_fields:
                told["number"] = number
            if "code" in row.model_fields and f"{at}.{place}.code" not in self.fields and not told.get("code"):
                told["code"] = standard.slug(str(told.get("name") or told.get("words") or ""))
            yield told

    def clean(self) -> Values:
        """Says at each field what no document would take; what is left empty may be told later."""
        typed: Values = super().clean() or self.cleaned_data
        if self.errors:
            return typed
        kind = typed.get("kind")
        if self.is_of_kind and kind != self.own.get("kind"):
            self.clause = {**self.own, "kind": kind, "terms": None}
            if kind == "other":
                del self.clause["terms"]
            return typed
        self.clause = _said_too(self.model, self.own, _still_quoted(self._told(self.model, self.own, "")))
        head = source.dotted(self.path)
        try:
            load(standard.written(put(self.values, self.path, self.clause)))
        except DocumentError as error:
            for fault in error.faults:
                if fault.path == head or fault.path.startswith((f"{head}.", f"{head}[")):
                    self._say(fault, fault.path.removeprefix(head).lstrip("."))
        return typed

    def _say(self, fault: source.Fault, within: str) -> None:
        unsaid = re.fullmatch(r"the words of the text do not say (\S+)", fault.wrong)
        name = re.sub(r"\[(\d+)\]", r".\1", unsaid[1] if unsaid else within)
        near = [each for each in self.fields if f"{each}.".endswith((f"terms.{name}.", f".{name}."))] or [
            each for each in self.fields if each == name or f".{name}." in f".{each}."
        ]
        is_gap = not unsaid and near and all(self.cleaned_data.get(each) in BLANK for each in near)
        if fault.wrong not in {"nothing is filled in", "missing"} and not is_gap:
            self.add_error(near[0] if near else None, faulty(fault))  # type: ignore[arg-type]  # lazy words


def put(values: Values, path: source.Path, clause: Values) -> Values:
    """`values` with another clause at `path`."""
    if len(path) == 1:
        return {**values, str(path[0]): clause}
    several = list(values[str(path[0])])
    several[int(path[1])] = clause
    return {**values, str(path[0]): several}


def _is_asked(name: str, is_of_kind: bool) -> bool:
    last = name.rpartition(".")[2]
    if name == "kind":
        return not is_of_kind  # asked for itself
    return last not in ASIDE or _codes(name) is not None or name == "seat.number"


def _inner(annotation: Any) -> Any:
    """Without what validates it, and without None."""
    if get_origin(annotation) is Annotated:
        return _inner(get_args(annotation)[0])
    if get_origin(annotation) in {Union, UnionType}:
        some = [part for part in get_args(annotation) if part is not NoneType]
        return _inner(some[0]) if len(some) == 1 else annotation
    return annotation


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _row(annotation: Any) -> Any:
    """The model of the rows of a list; None for anything else."""
    inner = _inner(get_args(annotation)[0]) if get_origin(annotation) is tuple else None
    return inner if _is_model(inner) else None


def _models(union: Any) -> Iterator[Any]:
    for part in get_args(union):
        yield from [part] if _is_model(part) else _models(part)


def _codes(name: str) -> Mapping[str, Any] | None:
    """The words of the codes that may stand there."""
    plain = re.sub(r"\.\d+", "", name)
    return next((codes for ending, codes in CODES.items() if f".{plain}".endswith(f".{ending}")), None)


def _field(name: str, annotation: Any, on: date) -> forms.Field:
    codes, last = _codes(name), name.rpartition(".")[2]
    found: forms.Field = forms.CharField(max_length=400)
    if last == "residences":
        found = PlacesField(on)
    elif annotation in PLAIN:
        found = PLAIN[annotation]()
    elif codes is not None and get_origin(annotation) is Literal:
        found = forms.ChoiceField(choices=[("", "—"), *((code, codes[code]) for code in get_args(annotation))])
    elif codes is not None:
        found = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple, choices=[*codes.items()])
    elif last in LONG:
        found = forms.CharField(widget=forms.Textarea(attrs={"rows": 4 if "." in name else 10}))
    return found


PLAIN: Mapping[Any, Callable[[], forms.Field]] = {
    bool: lambda: forms.ChoiceField(choices=YES_OR_NO),
    date: lambda: day_field(None),
    int: lambda: forms.IntegerField(min_value=0, max_value=9999),
}
LONG = frozenset({"text", "context", "justification"})


def _shown(annotation: Any, value: Any, on: date) -> Any:
    """A value of a document as its field shows it."""
    if annotation is bool and isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and get_origin(annotation) is tuple and _inner(get_args(annotation)[0]) is str:
        places = [municipality(each, on) if each.isdecimal() and len(each) == REFNIS else None for each in value]
        names = [place.name if place else each for place, each in zip(places, value, strict=True)]
        return (", " if all(places) else "; ").join(names)
    return value


def _stored(value: Any, annotation: Any) -> Any:
    """What was typed in a field as a document has it."""
    if annotation is bool:
        return {"yes": True, "no": False}.get(value)
    if isinstance(value, date):
        return value.isoformat()
    if get_origin(annotation) is tuple and isinstance(value, str):
        return [each for part in value.split(";") if (each := part.strip())]
    if isinstance(value, str):
        return value.replace("\r\n", "\n").strip() or None
    return value


def _still_quoted(clause: Values) -> Values:
    """Without the additions and remarks that quote words which are gone."""
    printed = same_words(" ".join(source.strings({**clause, "added": [], "flags": []})))
    quoted: Values = {
        "added": [
            each for each in clause.get("added") or [] if {*same_words(each["words"]).split()} <= {*printed.split()}
        ],
        "flags": [each for each in clause.get("flags") or [] if same_words(each.get("words") or "") in printed],
    }
    return {name: part for name, part in {**clause, **quoted}.items() if name not in quoted or part}


class _Open(SimpleNamespace):
    """Values as a model has them, whether they are valid or not."""

    def __getattr__(self, name: str) -> tuple[()]:
        return ()


def _opened(value: Any) -> Any:
    if isinstance(value, dict):
        return _Open(**{name: _opened(part) for name, part in value.items()})
    if isinstance(value, list):
        return [_opened(part) for part in value]
    is_day = isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value)
    return date.fromisoformat(value) if is_day else value


def _said_too(model: Any, before: Values, told: Values) -> Values:
    """Where a term was told anew and the words were left as they are, they say it too, where they said the former."""
    text = told.get("text")
    if text != before.get("text") or not text:
        return told
    try:
        one, other = ({_TERM.get(path, path): said for path, said in model.spoken(_opened(v)).items()}
                      for v in (before, told))  # fmt: skip
    except (AttributeError, TypeError, ValueError):
        return told
    for path, said in other.items():
        former = one.get(path)
        if former and said and former != said and not says(text, said):
            text = _replaced(text, former, said)
    return told | {"text": text}


_TERM = {"notice_days": "notice_months"}  # one term of notice, in either


def _replaced(text: str, former: Any, said: Any) -> str:
    new = dutch_day(said) if isinstance(said, date) else str(said)
    if isinstance(former, Months | Days):
        pattern = LENGTH if isinstance(former, Months) else LENGTH_IN_DAYS
        return pattern.sub(lambda match: new if says(match[0], former) else match[0], text)
    return text.replace(dutch_day(former) if isinstance(former, date) else str(former), new)
