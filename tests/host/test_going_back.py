"""An upgrade that is not well goes back by itself, to the code of before; nothing is lost (decision 39)."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import brug
from brug.host import supervisor
from tests import CLEAN
from tests.host.conftest import BIN, DEBIAN, Trial, as_root

SRC = Path(brug.__file__).parent
FAILS = """
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("parties", "0009_start_page")]
    operations = [migrations.RunSQL("SELECT no_such_thing()")]
"""
EARLIER = Path(__file__).parents[1] / "release" / "release-0.3.0.tar.xz"
pytestmark = [as_root, pytest.mark.skipif(not DEBIAN.exists(), reason="nodes run former code with Debian's python")]


def write(code: Path, name: str, text: str) -> None:
    (code / "brug" / name).unlink(missing_ok=True)
    (code / "brug" / name).write_text(text)


@pytest.fixture
def installed(trial: Trial) -> Iterator[Path]:
    """Where the code of the host is, which runs: a link, as an installation changes what is there."""
    now, broken = trial.host.root / "now", trial.host.root / "broken"
    now.symlink_to(SRC.parent)
    for part in ("", "node", "office", "office/parties", "office/parties/migrations"):
        (broken / "brug" / part).unlink(missing_ok=True) if part else None
        (broken / "brug" / part).mkdir(parents=True)
        for each in (SRC / part).iterdir():
            (broken / "brug" / part / each.name).symlink_to(each)
    write(broken, "__init__.py", '__version__ = "9.9.9"\n')
    trial.keep(SRC.parent)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(CLEAN, "PYTHONPATH", str(now))
        yield now


def versions(trial: Trial) -> dict[str, str]:
    return {child["node"]: child["version"] for child in supervisor.ask(trial.host, "list")["children"]}


def upgrade(trial: Trial) -> str:
    """What a program of the version that is installed now says of it."""
    command = [str(BIN / "brug-host"), "--root", str(trial.host.root), "upgrade", "--all"]
    done = subprocess.run(command, env=CLEAN, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout
    return done.stderr


@pytest.mark.soak(only=True)  # minutes: a host of real processes that falls and comes back
def test_a_node_that_falls_with_the_new_code_runs_that_of_before_and_stays_so(trial: Trial, installed: Path) -> None:
    write(trial.host.root / "broken", "node/serving.py", "def serve_and_work():\n    raise SystemExit(3)\n")
    with trial.running():
        installed.unlink()
        installed.symlink_to(trial.host.root / "broken")
        said = upgrade(trial)
        assert "geel: " not in said and "pages: Nothing answers" in said, said
        assert f"It went back by itself: it runs {brug.__version__}, and is well" in said, said
        assert versions(trial) == {"geel": brug.__version__, "mol": brug.__version__}
        assert trial.get("geel", "/login") == trial.get("mol", "/login") == 200
        assert trial.host.place("geel").former == brug.__version__, "also after the next boot"
        assert trial.host.place("mol").former == "", "the one after it was not touched"

        installed.unlink()
        installed.symlink_to(SRC.parent)  # mended
        supervisor.ask(trial.host, "renew")
        supervisor.wait_for(trial.host, version=brug.__version__)
        trial.brug_host("backup", "geel")
        assert "It was so before" in upgrade(trial), "no way for mail to go out is no fault of an upgrade"
        assert trial.host.place("geel").former == "" and trial.get("geel", "/healthz") == 200


@pytest.mark.soak(only=True)  # minutes: a host of real processes that falls and comes back
def test_where_the_tables_cannot_be_brought_along_nothing_changes(trial: Trial, installed: Path) -> None:
    write(trial.host.root / "broken", "office/parties/migrations/0099_fails.py", FAILS)
    with trial.running():
        installed.unlink()
        installed.symlink_to(trial.host.root / "broken")
        said = upgrade(trial)
        assert "could not be brought to this version. It went back by itself" in said, said
        assert trial.get("geel", "/login") == 200 and versions(trial)["geel"] == brug.__version__


def test_the_release_before_runs_on_the_tables_of_today(trial: Trial) -> None:
    shutil.unpack_archive(EARLIER, trial.host.root / "earlier")
    trial.keep(trial.host.root / "earlier")
    for path in (trial.host.root, trial.host.root / "earlier"):
        path.chmod(0o755)
    (trial.host.place("geel").secrets / "former").write_text("0.3.0")
    with trial.running():
        assert versions(trial)["geel"] == "0.3.0"
        assert trial.get("geel", "/healthz") == 200, "pages and worker"
        said = trial.brug_host("check", "geel", check=False).stdout
        assert "mail_out" in said and "database" not in said and "node" not in said.split()
        trial.brug_host("backup", "geel")
        os.kill(trial.pid("geel"), 15)
