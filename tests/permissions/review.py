"""Write rights.txt anew from the policy, for a person to read its difference: python -m tests.permissions.review."""

from __future__ import annotations

import tests.conftest  # noqa: F401  (a node)
from brug.office.parties.may import NEEDS_SECRECY, POLICY
from brug.office.parties.states import Relation, Verb
from brug.office.roles import Role
from tests.permissions.matrix import FOLDER

HEAD = """\
# Who has which right: role, verb, relation (own, team, none), and whether secrecy must be attested (domain.md §3.3).
# Read by a person: the matrix compares the program with this, so a change of the policy changes a line here too.
"""


def page() -> str:
    """The policy, a line a right."""
    lines = [
        " ".join([role, verb, relation, *(["secrecy"] if verb in NEEDS_SECRECY else [])])
        for role in Role
        for verb in Verb
        for relation in Relation
        if (role, verb, relation) in POLICY
    ]
    return HEAD + "\n".join(lines) + "\n"


if __name__ == "__main__":
    (FOLDER / "rights.txt").write_text(page())
