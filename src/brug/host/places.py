"""Where the nodes of this host are, and whose they are: a node runs as whoever owns its folder, and never as root.

/etc/brug/NAME/unlock        what opens its keys: root's alone (art. 6)
/etc/brug/NAME/environment   its mail passwords: root's alone
/etc/brug/NAME/owner         who makes its tables on PostgreSQL, for one command: root's alone
/etc/brug/NAME/stopped       there while it should not run
/etc/brug/NAME/former        there while it runs the code of before the last upgrade: which version
/var/lib/brug/NAME           the node; its user's alone
/var/lib/brug-aside/NAME     sealed keys and journal, on another disk
/var/backups/brug/NAME       its backups, on another disk
/run/brug/host               where the running host listens; root's alone
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from brug.core.identity import Invalid

NAME = re.compile(r"[a-z][a-z0-9-]{0,20}")


@dataclass(frozen=True, slots=True)
class Place:
    """One node of a host: its name, and under which root everything lies ("/"; another for a trial)."""

    root: Path
    name: str

    @property
    def secrets(self) -> Path:
        return self.root / "etc/brug" / self.name

    @property
    def unlock(self) -> Path:
        return self.secrets / "unlock"

    @property
    def sealed(self) -> Path:
        """In its place where systemd unseals the secret (TPM)."""
        return self.secrets / "unlock.cred"

    @property
    def folder(self) -> Path:
        return self.root / "var/lib/brug" / self.name

    @property
    def aside(self) -> Path:
        return self.root / "var/lib/brug-aside" / self.name

    @property
    def backups(self) -> Path:
        return self.root / "var/backups/brug" / self.name

    @property
    def user(self) -> str:
        return f"brug-{self.name}"

    @property
    def owner(self) -> tuple[int, int]:
        """User and group that its processes run as. Raises `Invalid` where that would be root."""
        found = self.folder.stat()
        if found.st_uid == 0 or found.st_gid == 0:
            raise Invalid("node_of_root", f"{self.folder} of a user that exists for this node alone, not of root.")
        return found.st_uid, found.st_gid

    @property
    def may_run(self) -> bool:
        return not (self.secrets / "stopped").exists()

    @property
    def former(self) -> str:
        """The version of before the last upgrade, while it runs that; else ""."""
        file = self.secrets / "former"
        return file.read_text() if file.exists() else ""

    def environment(self, name: str = "environment") -> dict[str, str]:
        """What its file says, as systemd reads it: NAME=value, one a line; quotes around a value are left out."""
        file = self.secrets / name
        lines = file.read_text().splitlines() if file.is_file() else []
        pairs = (line.partition("=") for line in lines if "=" in line and not line.lstrip().startswith(("#", ";")))
        return {name.strip(): value.strip().strip("\"'") for name, _, value in pairs}

    def settings(self) -> dict[str, Any]:
        """Its brug.toml. Raises `Invalid` where that cannot be read."""
        path = self.folder / "brug.toml"
        try:
            return tomllib.loads(path.read_text())
        except tomllib.TOMLDecodeError as wrong:
            raise Invalid("settings_broken", f"Settings that can be read: {path} has a fault. {wrong}") from None


@dataclass(frozen=True, slots=True)
class Host:
    """All nodes under one root."""

    root: Path = Path("/")

    def place(self, name: str) -> Place:
        """Raises `Invalid` for what cannot be the name of a node."""
        if not NAME.fullmatch(name):
            raise Invalid("node_name", "A name of a node: small letters, digits and hyphens, such as westerlo.")
        return Place(self.root, name)

    def places(self) -> list[Place]:
        """Every node that was made here, by name."""
        secrets = self.root / "etc/brug"
        found = {path.parent.name for name in ("unlock", "unlock.cred") for path in secrets.glob(f"*/{name}")}
        return [Place(self.root, name) for name in sorted(found)]

    def chosen(self, names: list[str], *, every: bool) -> list[Place]:
        """Those of these names, or all. Raises `Invalid` for one that is not here, and where neither was said."""
        known = {place.name: place for place in self.places()}
        if not every and not names:
            raise Invalid("no_node_named", "The name of a node, or --all.")
        if missing := [name for name in names if name not in known]:
            raise Invalid("no_such_node", f"The name of a node of this host; {', '.join(missing)} is not here.")
        return list(known.values()) if every else [known[name] for name in names]

    @property
    def socket(self) -> Path:
        return self.root / "run/brug/host"

    def ports(self) -> Iterator[int]:
        """Those that its nodes have."""
        for place in self.places():
            if (place.folder / "brug.toml").is_file():
                yield int(place.settings().get("web", {}).get("port", 0))
