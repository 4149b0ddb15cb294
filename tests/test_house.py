"""The house keeps its own rules: small files, first lines, one door, one declaration of what a field holds."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models

import brug.node.urls  # noqa: F401  # every enum that a page asks for
from brug.core.holds import Holds
from brug.core.words import named
from brug.desks.casework.states import ENDINGS as ENDINGS_OF_A_CASE
from brug.kit.templatetags.words import part_of

ROOT = Path(__file__).parent.parent
SRC = ROOT / "src" / "brug"
FILES = sorted(path for path in SRC.rglob("*.py") if "migrations" not in path.parts)
FILE_LINES, FUNCTION_LINES = 400, 40
BANNED = {"utils", "helpers", "common", "misc", "manager", "managers", "base", "data", "info", "item", "handler"}
OURS = [config for config in apps.get_app_configs() if config.name.startswith("brug.")]
# tokens.py: an assertion to a provider says the hour
CLOCK_READERS = re.compile(r"views\.py$|node/|host/|face/web/|kit/|members/session\w*\.py$|post/tokens\.py$")


FLOORS = ("core", "office", "kit", "desks", "face", "node", "host")


def room_of(path: Path) -> tuple[str, ...]:
    """The floor of a file, and at the desks the desk."""
    parts = path.relative_to(SRC).parts
    return parts[:2] if parts[0] == "desks" else parts[:1]


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(tree_of(path)))


@cache
def calls() -> tuple[tuple[Path, ast.Call, str], ...]:
    """Every call in our code, and what is called as it is written."""
    found = [(path, node) for path in FILES for node in nodes(path) if isinstance(node, ast.Call)]
    return tuple((path, node, ast.unparse(node.func)) for path, node in found)


def test_every_file_is_small_and_says_what_it_is() -> None:
    for path in FILES:
        assert path.read_text().count("\n") <= FILE_LINES, path
        assert (ast.get_docstring(tree_of(path)) or "\n").splitlines()[0].endswith((".", ")", ":")), path
        assert path.stem not in BANNED and not BANNED & set(path.relative_to(SRC).parts), path
        for node in nodes(path):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                told = node.body[0].end_lineno if ast.get_docstring(node) else node.lineno
                assert (node.end_lineno or 0) - (told or 0) < FUNCTION_LINES, f"{path}: {node.name}"


@pytest.mark.parametrize(("name", "room"), [("Permit", "core/protocol/"), ("Parcel", "core/parcel/seal.py")])
def test_what_opens_the_door_is_made_in_one_place(name: str, room: str) -> None:
    makers = {str(path.relative_to(SRC)) for path, _, called in calls() if called.split(".")[-1] == name}
    assert makers and all(maker.startswith(room) for maker in makers)


def test_only_pages_worker_and_command_line_read_the_clock() -> None:
    clocks = {"timezone.now", "datetime.now", "date.today", "time.time", "datetime.utcnow"}
    readers = {str(path.relative_to(SRC)) for path, _, called in calls() if called in clocks}
    assert {reader for reader in readers if not CLOCK_READERS.search(reader)} == set()


def test_what_is_logged_is_said_in_literal_words() -> None:
    """The words of our own log lines are written as they stand in the code: a value among them would be in the log."""
    for path, node, called in calls():
        if re.fullmatch(r"log\.(debug|info|warning|error|exception|critical)", called):
            assert isinstance(node.args[0], ast.Constant), f"{path}:{node.lineno}"


def test_only_the_tables_change_a_state() -> None:
    """No UPDATE and no assignment of a state but in office/moves.py, which asks the table of the model."""
    for path in FILES:
        if path == SRC / "office" / "moves.py":
            continue
        for node in nodes(path):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "update":
                assert "state" not in {each.arg for each in node.keywords}, f"{path}:{node.lineno}"
            if isinstance(node, ast.Assign):
                targets = {each.attr for each in node.targets if isinstance(each, ast.Attribute)}
                assert "state" not in targets, f"{path}:{node.lineno}"


def test_each_event_of_each_table_is_asked_for() -> None:
    """A row of a table that no verb asks for would be a promise that nobody keeps."""
    asked = {
        node.attr
        for path in FILES
        if not path.stem.endswith("states")
        for node in nodes(path)
        if isinstance(node, ast.Attribute)
    }
    asked |= {event.name for event in ENDINGS_OF_A_CASE.values()}  # a table of its own, for the form
    for model in (model for config in OURS for model in config.get_models() if hasattr(model, "transitions")):
        for row in model.transitions.values():
            assert {event.name for event in row} <= asked, model


ACTS = [path for path in FILES if room_of(path)[0] == "desks" and not path.stem.endswith("views")]


def test_what_goes_into_the_ledger_says_when() -> None:
    """Every function of every module of a desk; that it does go there, tests/moves.py looks at in each test."""
    for path in ACTS:
        source = path.read_text()
        for node in nodes(path):
            text = ast.get_source_segment(source, node) or "" if isinstance(node, ast.FunctionDef) else ""
            if isinstance(node, ast.FunctionDef) and re.search(r"\b(ledger\.|_)record\(", text):
                told = {argument.arg for argument in node.args.args + node.args.kwonlyargs}
                assert "at" in told, f"{path}: {node.name}"


def fields() -> Iterator[models.Field]:
    for config in OURS:
        for model in config.get_models():
            yield from model._meta.local_fields


def test_every_field_says_what_it_holds() -> None:
    said = [field for field in fields() if not isinstance(field, models.AutoField | models.BigAutoField)]
    assert said and not [field for field in said if field.db_comment not in set(Holds)], "a class of core/holds.py"


def test_what_is_of_a_client_is_never_stored_readable() -> None:
    """Ciphertext and sealed bytes are binary; a blind index is a truncated number."""
    of_a_client = [field for field in fields() if field.db_comment == Holds.CLIENT]
    assert of_a_client
    assert not [field for field in of_a_client if not isinstance(field, models.BinaryField | models.IntegerField)]


def test_what_decides_seals_lets_leave_and_keeps_is_changed_by_make_mutants_whole() -> None:
    """Every module of these rooms that has a function whose changes mutmut makes stands in a target, once."""
    targets = tomllib.loads((ROOT / "tests" / "mutants" / "targets.toml").read_text())
    named = [ROOT / module for target in targets.values() for module in target["modules"]]
    rooms = [SRC / "core" / "message", SRC / "core" / "parcel", SRC / "office" / "disclosure", SRC / "office" / "vault"]
    whole = {path for room in rooms for path in room.glob("*.py") if _has_a_function(path)}
    assert sorted(named) == sorted({*whole, SRC / "core" / "protocol" / "decide.py"})


def test_every_change_that_nothing_can_notice_is_of_a_line_that_still_stands() -> None:
    """Else its reason is about nothing, and hides the next change that is written alike."""
    listed = tomllib.loads((ROOT / "tests" / "mutants" / "survivors.toml").read_text())["survivor"]
    changes = [each["change"] for each in listed]
    assert len(set(changes)) == len(changes)
    sources: dict[str, str] = {}
    for path in SRC.rglob("*.py"):
        name = ".".join(path.relative_to(SRC).with_suffix("").parts).removesuffix(".__init__")
        sources[name] = " ".join(line.strip() for line in path.read_text().splitlines())
    for change in changes:
        where, _, what = change.partition(": ")
        module = next(name for name in (where.rsplit(".", cut)[0] for cut in range(1, 4)) if name in sources)
        assert what.partition(" → ")[0] in sources[module], change


def _has_a_function(path: Path) -> bool:
    """Whether one stands there without a decorator: mutmut changes no other."""
    functions = (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef))
    return any(not function.decorator_list for function in functions)


def test_rooms_point_downwards_only() -> None:
    """A foreign key as a string escapes the import contracts; the order of the floors holds for it too."""
    floors = ["vault", "ledger", "parties", "registry", "post"]
    floors += ["referrals", "casework", "quality", "breaches", "oversight", "requests", "api"]
    for config in OURS:
        for model in config.get_models():
            for field in model._meta.local_fields:
                if isinstance(field, models.ForeignKey):
                    there = field.related_model._meta.app_label
                    assert floors.index(there) <= floors.index(config.label), field


@cache
def chosen_by_a_code() -> frozenset[str]:
    """The templates of which a page takes the one of a code: those of every `part_of` that is asked for."""
    asked = {
        kind
        for path in [*FILES, *SRC.rglob("templates/**/*.html")]
        for kind in re.findall(r"""part_of(?::|\([\w.]+, )"(\w+\.\w+)""" + '"', path.read_text())
    }
    return frozenset(part_of(code, kind) for kind in asked for code in named(kind))


def test_a_code_chooses_its_part_of_a_page_by_its_name() -> None:
    """No chain of `if` and `elif` compares one thing with several codes: a new code would be forgotten there."""
    for template in SRC.rglob("templates/**/*.html"):
        chains: list[dict[str, set[str]]] = []
        for tag, words in re.findall(r"{% (if|elif|endif)\b(.*?)%}", template.read_text()):
            if tag == "if":
                chains.append({})
            for name, code in re.findall(r'([\w.]+) [!=]= "([^"]*)"', words):
                chains[-1].setdefault(name, set()).add(code)
            if tag == "endif":
                assert not {name for name, codes in chains.pop().items() if len(codes) > 1}, template


def test_a_folder_of_parts_has_one_for_each_code() -> None:
    assert len(chosen_by_a_code()) > 20
    folders = {Path(name).parent for name in chosen_by_a_code()}
    there = {str(path).split("/templates/")[1] for path in SRC.rglob("templates/**/*.html")}
    assert {name for name in there if Path(name).parent in folders} == chosen_by_a_code()


def test_every_template_is_used() -> None:
    sources = "\n".join(p.read_text() for p in [*FILES, *SRC.rglob("*.html")])
    for template in SRC.rglob("templates/**/*.html"):
        name = str(template).split("/templates/")[1]
        asked_by_django = re.fullmatch(r"\d{3}(_csrf)?\.html", name) or name.startswith("kit/")
        assert asked_by_django or name in sources or name in chosen_by_a_code(), name


def test_every_template_that_is_named_is_there() -> None:
    """A page that asks for another fails only when somebody opens it."""
    there = {str(path).split("/templates/")[1] for path in SRC.rglob("templates/**/*.html")}
    named = {name for path in FILES for name in re.findall(r"\"((?:\w+/)*\w+\.html)\"", path.read_text())}
    for path in SRC.rglob("templates/**/*.html"):
        named |= set(re.findall(r"{%\s*(?:include|extends) \"([^\"]+)\"", path.read_text()))
    assert len(named) > 200
    assert named - there == set()


def test_no_piece_of_a_tag_stands_as_words_in_a_template() -> None:
    for template in SRC.rglob("templates/**/*.html"):
        words = re.sub(r"{%.*?%}|{{.*?}}|{#.*?#}", "", template.read_text())
        assert not re.search(r"{[%{#]|[%}#]}", words), template


def test_every_template_says_what_it_is() -> None:
    for template in SRC.rglob("templates/**/*.html"):
        assert template.read_text().startswith("{#"), template


def test_what_one_block_of_a_template_names_another_does_not_use() -> None:
    """A block forgets at its end what it named: the link in another block would lead nowhere."""
    for template in SRC.rglob("templates/**/*.html"):
        parts = re.findall(r"{% block (\w+) %}(.*?)(?={% endblock %}\n|{% block )", template.read_text(), re.S)
        named = {name: set(re.findall(r"{% url [^%]* as (\w+) %}", body)) for name, body in parts}
        for name, body in parts:
            foreign = {word for other, words in named.items() if other != name for word in words} - named[name]
            tags = re.sub(
                r'"[^"]*"|{% \w+', "", " ".join(re.findall(r"{[{%].*?[%}]}", body))
            )  # without their own names
            assert not {word for word in foreign if re.search(rf"\b{word}\b", tags)}, (template, name)


def test_no_address_to_download_from_and_no_path_of_a_machine() -> None:
    suspect = re.compile(r"registry\.npmjs|files\.pythonhosted|pypi\.org/simple|/home/\w+/|/opt/\w+/")
    listed = [p for p in ROOT.rglob("*") if p.is_file() and p.suffix in {".py", ".txt", ".json", ".toml", ".yaml", ""}]
    skipped = {".git", ".venv", "node_modules", "demo", "__pycache__", ".mypy_cache", ".ruff_cache", ".hypothesis"}
    for path in listed:
        if not skipped & set(path.relative_to(ROOT).parts) and path != Path(__file__):
            assert not suspect.search(path.read_text(errors="ignore")), path


def test_the_page_of_states_is_the_one_of_the_tables() -> None:
    from tools.states import page

    assert (ROOT / "docs" / "states.md").read_text() == page(), "run: make states"


def test_the_page_of_kept_data_is_the_one_of_the_models() -> None:
    from tools.data import page

    assert (ROOT / "docs" / "data.md").read_text() == page(), "run: make states"


def test_the_page_of_articles_is_the_one_of_the_modules(tmp_path: Path) -> None:
    from tools.articles import main

    main(tmp_path / "articles.md")
    assert (ROOT / "docs" / "articles.md").read_text() == (tmp_path / "articles.md").read_text(), "run: make articles"


COMPOSE = {"node/settings.py", "node/demo_people.py"}  # which applications there are, and what the demo shows of one


def test_below_and_above_the_desks_nobody_knows_one_by_name() -> None:
    """The node composes plugs; office and kit ask them. A desk that is added changes no file of these floors."""
    for path in FILES:
        if room_of(path)[0] in {"office", "kit", "node", "host"} and str(path.relative_to(SRC)) not in COMPOSE:
            assert "brug.desks" not in path.read_text(), path


def test_templates_obey_the_floors_too() -> None:
    """What a template extends, includes or loads is an import: downwards only, and no desk's of another desk."""
    found = sorted((room_of(path), path) for path in SRC.rglob("templates/**/*.html"))
    found.sort(key=lambda each: -FLOORS.index(each[0][0]))  # of one name the lowest: a higher one stands in its place
    where = {str(path).split("/templates/")[1]: room for room, path in found}
    tags = {path.stem: room_of(path) for path in SRC.rglob("templatetags/*.py")}
    for template in SRC.rglob("templates/**/*.html"):
        here, text = room_of(template), template.read_text()
        asked = [(name, where[name]) for name in re.findall(r'{% (?:extends|include) "([^"]+)"', text)]
        loaded = [name for words in re.findall(r"{% load ([\w ]+?) %}", text) for name in words.split()]
        asked += [(name, tags[name]) for name in loaded if name in tags]
        parts = {re.sub(r"\.(\w+)", "", kind) for kind in re.findall(r'\|part_of:"([^"]+)"', text)}
        asked += [(name, where[name]) for name in chosen_by_a_code() if name.split("/")[0] in parts]
        for name, there in asked:
            assert here == there or FLOORS.index(there[0]) < FLOORS.index(here[0]), f"{template} asks for {name}"


ENDINGS = {  # what a module holds → its name, or the last part of it (CONTRIBUTING.md)
    "views": lambda node: (
        isinstance(node, ast.FunctionDef)
        and bool(node.args.args)
        and node.args.args[0].arg == "request"
        and "HttpResponse" in ast.unparse(node.returns or ast.Constant(""))
        and not node.name.startswith("_")
    ),
    "models": lambda node: isinstance(node, ast.ClassDef) and "models.Model" in map(ast.unparse, node.bases),
    "urls": lambda node: isinstance(node, ast.Assign) and "urlpatterns" in map(ast.unparse, node.targets),
    "forms": lambda node: (
        isinstance(node, ast.ClassDef)
        and any(re.search(r"(^|[.])\w*(Form|Fields)$", ast.unparse(each)) for each in node.bases)
    ),
    "states": lambda node: isinstance(node, ast.AnnAssign) and ast.unparse(node.target).endswith("TRANSITIONS"),
}
NAMED_OTHERWISE = {"kit/pages.py", "desks/members/sessions.py", "face/api/once.py"}  # around a view, and no page itself


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_module_is_named_after_what_it_holds(ending: str) -> None:
    for path in FILES:
        name = str(path.relative_to(SRC))
        if room_of(path)[0] not in {"office", "kit", "desks", "face"} or name in NAMED_OTHERWISE:
            continue
        if any(ENDINGS[ending](node) for node in tree_of(path).body):
            assert path.stem == ending or path.stem.endswith(f"_{ending}"), name


def test_where_a_reader_starts_with_an_article_is_a_room_that_names_it() -> None:
    from tools.articles import START

    rows = [line.split("|") for line in (ROOT / "docs" / "articles.md").read_text().splitlines() if line.count("|") > 6]
    told = {cells[1].strip(): re.findall(r"`([^`]+)`", cells[4]) for cells in rows}
    assert {name: list(rooms) for name, rooms in START.items()} == {name: told[name] for name in START}
    assert all(1 <= len(rooms) <= 2 for rooms in START.values())
