"""A YAML text as plain values with the line of each, and every fault of a document at once (art. 1)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml
from pydantic_core import ErrorDetails, PydanticCustomError

from brug.core.identity import Invalid

Path = tuple[str | int, ...]
LARGEST = 1_000_000  # characters, of one document
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast, where it was built


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a document. `path` such as `articles.3.terms.items[0].justification`, `line` from 1."""

    path: str
    line: int
    wrong: str
    expected: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.path or 'the document'}: {self.wrong}; expected {self.expected}"


class DocumentError(Invalid):
    """The text is no protocol. `faults` holds every fault, in the order of the lines; the values are not repeated."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(faults, key=lambda fault: (fault.line, fault.path)))
        super().__init__("document", "\n".join(map(str, self.faults)))


@dataclass(slots=True)
class Source:
    """What stood in the text: JSON-like `values`, the `lines` of each path, and what YAML allows but we do not."""

    values: Any = None
    lines: dict[Path, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def line(self, path: Path) -> int:
        """The line of the nearest thing that was written on the way to `path`."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def value(self, path: Path) -> Any:
        """What stands at `path`; None if there is nothing."""
        found = self.values
        for part in path:
            try:
                found = found[part]
            except (KeyError, IndexError, TypeError):
                return None
        return found


def said(wrong: str, expected: str) -> PydanticCustomError:
    """To be raised by a validator: what is wrong and what was expected."""
    return PydanticCustomError("said", "{wrong}; expected {expected}", {"wrong": wrong, "expected": expected})


def read(text: str) -> Source:
    """The values of the YAML `text`. Dates stay text. Raises `DocumentError` if it is no YAML."""
    if len(text) > LARGEST:
        raise DocumentError([Fault("", 1, "too long", f"at most {LARGEST} characters")])
    try:
        root = yaml.compose(text, Loader=LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        wrong = getattr(error, "problem", None) or "not readable"
        raise DocumentError([Fault("", mark.line + 1 if mark else 1, f"no YAML: {wrong}", "valid YAML")]) from None
    source = Source()
    if root is not None:
        source.values = _value(root, (), source, set())
    return source


def _value(node: yaml.Node, path: Path, source: Source, seen: set[int]) -> Any:
    source.lines.setdefault(path, node.start_mark.line + 1)
    if id(node) in seen:
        source.faults.append(Fault(dotted(path), node.start_mark.line + 1, "an alias", "the value written out"))
        return None
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, source, seen)
    if isinstance(node, yaml.SequenceNode):
        return [_value(child, (*path, number), source, seen) for number, child in enumerate(node.value)]
    plain = isinstance(node, yaml.ScalarNode) and not node.style
    return _scalar(node.value) if plain else node.value


def _mapping(node: yaml.MappingNode, path: Path, source: Source, seen: set[int]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, child in node.value:
        line = key.start_mark.line + 1
        name = key.value if isinstance(key, yaml.ScalarNode) else "?"
        here = (*path, name)
        if name in values:
            source.faults.append(Fault(dotted(here), line, "this key stands here twice", "each key once"))
            continue
        source.lines[here] = line
        values[name] = _value(child, here, source, seen)
    return values


def _scalar(text: str) -> str | int | bool | None:
    """YAML's own guesses, less the surprising ones: `no` is a word, 012 and 2024-01-01 are text."""
    if text in {"true", "false"}:
        return text == "true"
    if text in {"", "null", "~"}:
        return None
    return int(text) if re.fullmatch(r"0|-?[1-9]\d{0,17}", text, re.ASCII) else text


def strings(values: Any) -> Iterator[str]:
    """Every text in JSON-like values."""
    if isinstance(values, dict):
        yield from (found for part in values.values() for found in strings(part))
    elif isinstance(values, list):
        yield from (found for part in values for found in strings(part))
    elif isinstance(values, str):
        yield values


def dotted(path: Path) -> str:
    """A path as people write it.

    >>> dotted(("articles", "3", "terms", "items", 0))
    'articles.3.terms.items[0]'
    """
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")


def faults(errors: Iterable[ErrorDetails], source: Source, keys: Callable[[Path, Any], list[str]]) -> Iterator[Fault]:
    """The errors of pydantic as faults with lines. `keys` gives the keys that may stand at a path."""
    errors = list(errors)
    for error in errors:
        path: Path = error["loc"]
        if error["type"] == "too_short" and any(e["loc"][: len(path)] == path != e["loc"] for e in errors):
            continue  # too few only because those that stand there are wrong
        context = error.get("ctx", {})
        wrong, expected = error["type"], _lower(error["msg"])
        if error["type"] == "said":
            wrong, expected = context["wrong"], context["expected"]
            wrong = wrong if source.value(path) is not None else "nothing is filled in"
        elif error["type"] == "extra_forbidden":
            wrong, expected = "unknown key", "one of " + ", ".join(keys(path[:-1], source.values))
        elif error["type"] == "missing":
            wrong, expected = "missing", "this key"
        elif error["type"] == "value_error":
            wrong, expected = "not valid", _lower(str(context["error"]))
        else:
            wrong = "not valid" if source.value(path) is not None else "nothing is filled in"
            expected = _EXPECTED.get(error["type"], expected).format(**context)
        yield Fault(dotted(path), source.line(path), wrong, expected)


def _lower(message: str) -> str:
    message = message.removeprefix("Input should be ").removeprefix("Value error, ").rstrip(".")
    return message[:1].lower() + message[1:] if not message[:2].isupper() else message


_EXPECTED = {
    "string_type": "text (put it between quotes if it looks like a number)",
    "too_short": "at least {min_length}",
    "string_too_short": "some text",
    "literal_error": "{expected}",
    "union_tag_invalid": "a kind among {expected_tags}",
    "union_tag_not_found": "a kind",
    "string_pattern_mismatch": "text of the form {pattern}",
    "string_too_long": "at most {max_length} characters",
}
