"""No untrue sentence: what says none, nothing or done on a page stands under what was computed, or has its reason."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.test_house import FILES, SRC, chosen_by_a_code, nodes, tree_of

CLAIM = re.compile(
    r"^(no \w|nothing|nobody|none\b|no one|everything (is|was)|every family|all of (it|them) (is|was))"
    r"|need not do|\b(was|were|is|are|has been|have been) (kept|saved|erased|sent|told)\b",
    re.IGNORECASE,
)
TAGS = re.compile(
    r"\{%\s*(if|elif|else|endif|for|empty|endfor|translate|blocktranslate|empty_state|alert|card|event)\b(.*?)%\}", re.S
)
SAID_BECAUSE = {  # template → why what it says without a condition is true wherever the page is seen
    "403_csrf.html": (1, "the request went no further"),
    "405.html": (1, "the request went no further"),
    "409.html": (1, "the act raised before it wrote"),
    "413.html": (1, "the body was not read"),
    "503.html": (1, "the database refused to write"),
    "accessibility.html": (1, "the statement of the release, with its day"),
    "ask.html": (1, "the page asks the protocol and has no act"),
    "by_hand_list.html": (2, "a rule: what the sweep does, and what an archive by hand is"),
    "by_hand_take_over.html": (1, "a rule: who may read an archive"),
    "calendar.html": (1, "the feed has no field for a person (test_giving)"),
    "components.html": (2, "fictional, on the page of components"),
    "decline.html": (1, "a rule: no message is made of a no (art. 3)"),
    "departures.html": (2, "what the page is about"),
    "denied.html": (2, "shown instead of the act"),
    "erased.html": (2, "the page after the erasure"),
    "go_on.html": (1, "shown instead of the act"),
    "join.html": (1, "a rule: no message is made of it"),
    "no_protocol.html": (1, "shown where the directory names no protocol"),
    "outcome.html": (1, "what the button does"),
    "passkey_add.html": (1, "what a passkey is"),
    "quarantine.html": (3, "a rule: what the quarantine keeps is sealed"),
    "refuse.html": (1, "what the button does"),
    "restored.html": (1, "shown where something was kept"),
    "stay.html": (2, "shown by the script when it was kept, and by the session"),
    "unsent.html": (2, "included by the parts of the two states before anything leaves"),
    "withdraw.html": (2, "what the button does"),
    "of.html": (1, "what the paper holds (decision 30)"),
    "drafts.html": (1, "the right that the page shows"),
    "event.html": (1, "what the button does"),
    "advice.html": (1, "a rule: what an advice keeps"),
    "consent.html": (1, "what the family is told of the protocol"),
    "figures.html": (2, "how the figures are made, and when (decision 32)"),
    "processors.html": (1, "a rule (art. 6)"),
    "processor.html": (1, "a rule (art. 6)"),
    "looked.html": (1, "a rule: what the log book forgets"),
}


def claims(path: Path) -> Iterator[tuple[bool, str]]:
    """The sentences of a template that claim something, each with whether a condition stands above it."""
    text = re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.S)
    depth = int(str(path).split("/templates/")[-1] in chosen_by_a_code())  # it is shown for its code alone
    for found in TAGS.finditer(text):
        tag, rest = found.groups()
        depth += (tag in ("if", "for")) - (tag in ("endif", "endfor"))
        if (" as " in rest and tag in ("translate", "blocktranslate")) or "asvar" in rest:
            continue  # words for a place of their own: that is where they are said
        said = re.findall(r'"([^"]*)"', rest)
        if tag == "blocktranslate":
            said = [text[found.end() : text.find("{% endblocktranslate", found.end())]]
        for words in said:
            for sentence in sentences(words):
                yield depth > 0, sentence


SAID_BY_CODE = {  # module → what it says without a condition, and why that is true wherever it is said
    "desks/casework/giving_views.py": (1, "said before anything is given"),
    "desks/mailroom/by_hand_views.py": (
        1,
        "the act erases it or raises (test_typing_over_takes_in_and_erases_the_rest)",
    ),
    "desks/mailroom/calls_views.py": (1, "the act erases them or raises"),
    "desks/mailroom/meeting_views.py": (
        2,
        "a card is kept apart until it is compared; the cards are a duty (test_new_keys)",
    ),
    "desks/mailroom/quarantine_views.py": (1, "it waits to leave, or the act raised"),
    "desks/mailroom/second_person_views.py": (1, "what is proposed counts when the second agreed"),
    "desks/members/forms.py": (1, "a choice"),
    "desks/oversight/evidence_views.py": (1, "the message was sealed before the act, or it raised"),
    "desks/oversight/notices_views.py": (1, "the message was sealed before the act, or it raised"),
    "desks/protocols/events_forms.py": (1, "whose an event is"),
    "desks/protocols/offering_views.py": (1, "said where they have a node"),
    "desks/referrals/consents_views.py": (1, "the words for a consent without a leaflet"),
    "desks/referrals/views.py": (
        7,
        "the state says that nothing left, the act erased, or the form stands under what asked",
    ),
    "desks/requests/views.py": (2, "above the form that refuses: what it does"),
    "desks/window/views.py": (1, "the switch is shut"),
    "face/web/second_views.py": (1, "what is proposed counts when the second agreed"),
}
IN_DUTCH = re.compile(r"\b(geen|niets|niemand|gewist|verstuurd|bewaard)\b|hoeft niet|^alles\b", re.IGNORECASE)
SAID_IN_DUTCH = {  # module of mails and papers, which speak Dutch whatever the page does → the same
    "host/proxy.py": (1, "a node answers after it wrote, and what it wrote outlasts its process"),
    "core/codes.py": (1, "words of a code"),
    "core/kind.py": (1, "of a message that has no field for one"),
    "core/message/oversight.py": (1, "of an overview without processors"),
    "core/protocol/life.py": (1, "words of a code"),
    "desks/breaches/drafts.py": (1, "advice"),
    "desks/oversight/evidence_paper.py": (2, "of a pack that counted none; there is no other way out (art. 6)"),
    "desks/oversight/register.py": (1, "a rule: the receipt erases (art. 3)"),
    "desks/requests/dossier_paper.py": (4, "two labels; what was found, and that nothing was, under what was asked"),
    "office/post/alerts.py": (1, "it asks no answer"),
    "office/post/mail.py": (1, "said to a party with a node alone"),
}
DONE_ELSEWHERE = {  # function → who did what it says is done, before it is called
    "_done": "its caller hands it the act, or did it",
    "_kept": "its callers kept",
    "_sent": "its caller sent",
    "end": "the sessions ended in the line before",
    "form_valid": "the form of the second factor kept it",
    "get_default_success_url": "it is asked for once the password was changed",
}
TRANSLATES = re.compile(r"(_|n?gettext(_lazy|_noop)?)$")
ASKS_THE_FORM = re.compile(r"(not )?(request\.|form\.is_(valid|bound)|'\w+' in request\.)")


def sentences(words: str) -> Iterator[str]:
    """Those that claim something."""
    for sentence in re.split(r"(?<=[.:?!])\s+", words.strip()):
        if CLAIM.search(sentence) and not sentence.startswith("How ") and not sentence.endswith("?"):
            yield sentence


class Said(ast.NodeVisitor):
    """What a module says: each claim, with whether it was computed.

    It was where a condition stands above it that asks more than what was clicked, and where it is a row of a table:
    then it is the name of a state, an act or a fault, and is said of what is in it.
    """

    def __init__(self) -> None:
        self.found: list[tuple[bool, str]] = []
        self.done: list[ast.Call] = []
        self._conditions: list[str] = []
        self._functions: list[ast.FunctionDef] = []

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        kept, self._conditions = self._conditions, []
        self._functions.append(node)
        self.generic_visit(node)
        self._functions.pop()
        self._conditions = kept

    def visit_If(self, node: ast.If) -> None:
        self._under(ast.unparse(node.test), [node.test, *node.body, *node.orelse])

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self._under(ast.unparse(node.test), [node.body, node.orelse])

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        self._under("what raised", list(node.body))

    def _under(self, condition: str, nodes: list[ast.AST]) -> None:
        self._conditions.append(condition)
        for node in nodes:
            self.visit(node)
        self._conditions.pop()

    def visit_Call(self, node: ast.Call) -> None:
        name = ast.unparse(node.func)
        if TRANSLATES.search(name):
            is_computed = not self._functions or any(not ASKS_THE_FORM.match(each) for each in self._conditions)
            literal = [
                each.value for each in node.args if isinstance(each, ast.Constant) and isinstance(each.value, str)
            ]
            self.found += [(is_computed, sentence) for words in literal for sentence in sentences(words)]
        if name == "messages.success":
            self.done.append(node)
        self.generic_visit(node)


def test_each_none_nothing_and_done_is_said_under_what_was_computed() -> None:
    found = [(path.name, *claim) for path in sorted(SRC.rglob("templates/**/*.html")) for claim in claims(path)]
    loose = [(name, sentence) for name, is_computed, sentence in found if not is_computed]
    counted = Counter(name for name, _sentence in loose)
    known = {name: count for name, (count, _why) in SAID_BECAUSE.items()}
    assert dict(counted) == known, [claim for claim in loose if counted[claim[0]] != known.get(claim[0])]
    assert len(found) - len(loose) > 100, "most claims are computed"


def test_a_claim_without_a_condition_is_seen(tmp_path: Path) -> None:
    page = tmp_path / "x.html"
    page.write_text('{% if a %}{% translate "Nothing came." %}{% endif %}{% translate "You are well. Nobody waits." %}')
    assert list(claims(page)) == [(True, "Nothing came."), (False, "Nobody waits.")]


def test_each_none_nothing_and_done_of_the_code_is_computed_or_argued() -> None:
    loose: list[tuple[str, str]] = []
    computed = 0
    for path in FILES:
        said = Said()
        said.visit(tree_of(path))
        computed += sum(is_computed for is_computed, _sentence in said.found)
        name = str(path.relative_to(SRC))
        loose += [(name, sentence) for is_computed, sentence in said.found if not is_computed]
    counted = Counter(name for name, _sentence in loose)
    known = {name: count for name, (count, _why) in SAID_BY_CODE.items()}
    assert dict(counted) == known, [claim for claim in loose if counted[claim[0]] != known.get(claim[0])]
    assert computed > 60, "most claims are computed"


def test_what_mails_and_papers_say_in_dutch_is_argued() -> None:
    found = Counter(
        str(path.relative_to(SRC))
        for path in FILES
        for node in nodes(path)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if " " in node.value and IN_DUTCH.search(node.value) and node.value not in told_to_programmers(path)
    )
    assert dict(found) == {name: count for name, (count, _why) in SAID_IN_DUTCH.items()}


def told_to_programmers(path: Path) -> set[str]:
    """What stands alone as a statement: docstrings."""
    alone = (node.value for node in nodes(path) if isinstance(node, ast.Expr))
    return {node.value for node in alone if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def test_done_is_said_after_the_act_and_never_where_it_raised() -> None:
    """An act names who did it (`by`); where it raises, the page says what did not happen."""
    before, elsewhere = 0, set()
    for path in FILES:
        for function in (node for node in nodes(path) if isinstance(node, ast.FunctionDef)):
            said = Said()
            said.generic_visit(function)
            acts = [
                node.lineno
                for node in ast.walk(function)
                if isinstance(node, ast.Call) and any(each.arg == "by" for each in node.keywords)
            ]
            raised = [node for node in ast.walk(function) if isinstance(node, ast.ExceptHandler)]
            for call in said.done:
                assert not any(each.lineno <= call.lineno <= (each.end_lineno or 0) for each in raised), (
                    path,
                    call.lineno,
                )
                if any(line <= call.lineno for line in acts):
                    before += 1
                else:
                    elsewhere.add(function.name)
    assert elsewhere == set(DONE_ELSEWHERE)
    assert before > 60


def test_a_claim_of_the_code_without_a_condition_is_seen() -> None:
    said = Said()
    said.visit(
        ast.parse(
            """
WORDS = {State.GONE: _("Nothing is left.")}
def page(request):
    if request.method == "POST" and form.is_valid():
        messages.success(request, _("Kept. They are told."))
    messages.info(request, _("Nobody waits.") if count == 0 else _("Look."))
"""
        )
    )
    assert said.found == [(True, "Nothing is left."), (False, "They are told."), (True, "Nobody waits.")]
