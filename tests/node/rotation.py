"""`brug keys rotate`, dying before each file that it replaces or destroys; after each death everything is read."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

from tests import CLEAN, forked

DEAD = 9


def die_everywhere(home: Path, *words: str, steps: int = 100) -> int:
    """Let the command, with `words`, die at its first, second, … step until it gets to the end, or to as many `steps`;
    how often it died."""
    environment = CLEAN | {"BRUG_HOME": str(home), "DJANGO_SETTINGS_MODULE": "brug.node.settings"}
    done = forked.run("-m", "tests.node.rotation", steps, *words, env=environment)
    assert done.returncode == 0, done.stderr
    return int(done.stdout.split()[-1])


def main() -> None:
    """Each attempt is a fork: it dies for real, and what it left is read by another fork."""
    import django

    django.setup()
    for step in range(int(sys.argv[1])):
        died = _forked(lambda: _rotate(dying_at=step))  # noqa: B023
        if _forked(_read_all):
            sys.exit(f"what was left at step {step} is not readable")
        if died == 0:
            break
        if os.waitstatus_to_exitcode(died) != DEAD:
            sys.exit(f"at step {step} the command failed by itself")
    sys.stdout.write(f"{step}\n")


def _forked(do: Callable[[], object]) -> int:
    process = os.fork()
    if process == 0:
        try:
            do()
        except BaseException:
            import traceback

            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return os.waitpid(process, 0)[1]


def _rotate(dying_at: int) -> None:
    steps = 0

    def dies(call: object, after: bool) -> object:
        def dying(*given: object, **named: object) -> object:
            nonlocal steps
            result = call(*given, **named) if after else None  # type: ignore[operator]
            if steps == dying_at:
                os._exit(DEAD)
            steps += 1
            return result if after else call(*given, **named)  # type: ignore[operator]

        return dying

    from brug.office.vault import keyring

    os.replace = dies(dies(os.replace, False), True)  # type: ignore[assignment]
    os.link = dies(dies(os.link, False), True)  # type: ignore[assignment]
    Path.unlink = dies(Path.unlink, True)  # type: ignore[method-assign,assignment]
    keyring._renew = dies(keyring._renew, True)  # type: ignore[assignment]
    from brug.node import cli

    if cli.main(["--home", os.environ["BRUG_HOME"], "keys", "rotate", *sys.argv[2:]]):
        os._exit(1)


def _read_all() -> None:
    from brug.office.keys import services as keys
    from brug.office.vault import services as vault
    from brug.office.vault.models import Envelope

    assert len(keys.lasting()) == 4
    records = list(Envelope.objects.values_list("record", flat=True))
    assert len(records) > 20
    for record in records:
        vault.read(record)


if __name__ == "__main__":
    main()
