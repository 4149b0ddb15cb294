"""Brug as somebody gets it: a wheel and its wheelhouse, installed without a network outside the repository."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests import CLEAN
from tools import release


@pytest.fixture(scope="session")
def wheelhouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, and of every dependency as it is locked."""
    folder = tmp_path_factory.mktemp("wheelhouse")
    release.wheel(folder)
    release.wheelhouse(folder)
    return folder


@pytest.fixture(scope="session")
def installed(wheelhouse: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`bin` of a fresh venv with nothing but what the wheelhouse gives; no index is asked."""
    folder, uv = tmp_path_factory.mktemp("installed"), Path(sys.executable).parent / "uv"
    subprocess.run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, folder], check=True, env=CLEAN)
    [wheel] = wheelhouse.glob("brug-*.whl")
    offline = ["--quiet", "--offline", "--no-index", "--find-links", wheelhouse, "--python", folder / "bin/python"]
    subprocess.run([uv, "pip", "install", *offline, wheel], check=True, env=CLEAN, cwd=folder)
    return folder / "bin"
