"""The Debian package: one virtual environment with the wheel and what it needs as locked, units, and who runs them.

    python -m tools.debian WHEELHOUSE TARGET

Made with Debian's own dpkg-deb, for the Python of the Debian it is built on. The same commit and the same wheels give
the same package: times come from the commit, and compiled modules are checked by their source's hash.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

from brug import __version__

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
PYTHON = "/usr/bin/python3"  # Debian's own, which the package depends on
INSIDE = "usr/lib/brug"
FILES = {  # of the package → of this repository
    "lib/systemd/system/brug-host.service": "deploy/brug-host.service",
    "lib/systemd/system/brug-page.service": "deploy/brug-page.service",
    "lib/systemd/system/brug-backup.service": "deploy/brug-backup.service",
    "lib/systemd/system/brug-backup.timer": "deploy/brug-backup.timer",
    "etc/default/brug-host": "deploy/brug-host.default",
    "usr/share/doc/brug/README.md": "README.md",
    "usr/share/doc/brug/operations.md": "docs/operations.md",
    "usr/share/doc/brug/postgresql.sql": "deploy/postgresql.sql",
    "usr/lib/brug/postgresql.sql": "deploy/postgresql.sql",
    "usr/share/doc/brug/copyright": "LICENSE",
}
LINKS = {"usr/bin/brug": "../lib/brug/bin/brug", "usr/sbin/brug-host": "../lib/brug/bin/brug-host"}
CONFIGURATION = ("/etc/default/brug-host",)


def build(wheelhouse: Path, target: Path) -> Path:
    """Make `brug_VERSION_ARCHITECTURE.deb` in `target`, of the wheels in `wheelhouse`."""
    architecture = _said(["dpkg", "--print-architecture"])
    committed = _said(["git", "log", "-1", "--format=%ct"])
    with tempfile.TemporaryDirectory(prefix="brug-deb-") as folder:
        tree = Path(folder) / "tree"
        _environment(tree / INSIDE, wheelhouse)
        for inside, ours in FILES.items():
            _put(tree / inside, (ROOT / ours).read_bytes())
        _put(tree / "usr/sbin/brug-as", (DEPLOY / "brug-as").read_bytes(), 0o755)
        for inside, to in LINKS.items():
            (tree / inside).parent.mkdir(parents=True, exist_ok=True)
            (tree / inside).symlink_to(to)
        changes = gzip.compress((ROOT / "CHANGELOG.md").read_bytes(), 9, mtime=0)
        _put(tree / "usr/share/doc/brug/changelog.gz", changes)
        _control(tree, architecture)
        made = target / f"brug_{__version__}_{architecture}.deb"
        environment = os.environ | {"SOURCE_DATE_EPOCH": committed}
        pack = ["dpkg-deb", "--root-owner-group", "-Zzstd", "-z6", "--build", str(tree), str(made)]
        subprocess.run(pack, check=True, env=environment, stdout=subprocess.DEVNULL)
    return made


def _environment(folder: Path, wheelhouse: Path) -> None:
    """A virtual environment that knows where it will be, with nothing in it that was not in the wheelhouse."""
    subprocess.run([PYTHON, "-m", "venv", "--without-pip", str(folder)], check=True)
    [wheel] = wheelhouse.glob("brug-*.whl")
    offline = ["--no-index", "--find-links", str(wheelhouse), "--no-compile", "--no-warn-script-location", str(wheel)]
    pip = [sys.executable, "-m", "pip", "--python", str(folder / "bin/python"), "install", "-qq"]
    subprocess.run([*pip, *offline], check=True)
    for script in (folder / "bin").iterdir():
        if script.is_symlink():
            continue
        if script.name in {"brug", "brug-host"}:
            lines = script.read_text().splitlines(keepends=True)
            script.write_text("".join([f"#!/{INSIDE}/bin/python3\n", *lines[1:]]))
        else:
            script.unlink()
    (folder / "pyvenv.cfg").write_text("home = /usr/bin\ninclude-system-site-packages = false\nversion = 3.11\n")
    for record in folder.rglob("direct_url.json"):  # where it was built is nobody's business
        record.unlink()
    hashed = ["-m", "compileall", "-qq", "-j", "2", "--invalidation-mode", "unchecked-hash"]
    subprocess.run([PYTHON, *hashed, "-s", str(folder.parents[2]), "-p", "/", str(folder / "lib")], check=True)


def _control(tree: Path, architecture: str) -> None:
    """What dpkg reads: the package's name and needs, its configuration, its scripts, its checksums."""
    files = sorted(path for path in tree.rglob("*") if path.is_file() and not path.is_symlink())
    size = sum(path.stat().st_size for path in files) // 1024
    sums = "".join(f"{hashlib.md5(path.read_bytes()).hexdigest()}  {path.relative_to(tree)}\n" for path in files)  # noqa: S324
    control = (DEPLOY / "debian/control").read_text()
    told = control.format(version=__version__, architecture=architecture, size=size)
    _put(tree / "DEBIAN/control", told.encode())
    _put(tree / "DEBIAN/conffiles", "".join(f"{path}\n" for path in CONFIGURATION).encode())
    _put(tree / "DEBIAN/md5sums", sums.encode())
    for script in ("preinst", "postinst", "prerm", "postrm"):
        _put(tree / "DEBIAN" / script, (DEPLOY / "debian" / script).read_bytes(), 0o755)
    for path in tree.rglob("*"):
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o755)
        elif not path.is_symlink():
            path.chmod(0o755 if path.stat().st_mode & stat.S_IXUSR else 0o644)


def _put(path: Path, content: bytes, mode: int = 0o644) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    path.chmod(mode)


def _said(command: list[str]) -> str:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


if __name__ == "__main__":
    print(build(Path(sys.argv[1]), Path(sys.argv[2])))
