"""The start page of this host: what its own process may know, written down by root (decision 38; art. 6).

/etc/brug-page/page.json   its address and port; of each node on it name, address, port; who reads health for all.
                           Its user may read it, and root alone write. No token of a member is in it.
"""

from __future__ import annotations

import hashlib
import json
import os
import pwd
import secrets
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from brug.core.identity import Invalid, parse_email
from brug.host import making, proxy
from brug.host.places import Host, Place
from brug.node import setup

USER = "brug_page"  # no name of a node has such a sign
PORT = 8400
UNIT = "brug-page.service"
FILE = "page.json"


def folder(host: Host) -> Path:
    return host.root / "etc/brug-page"


def read(where: Path) -> dict[str, Any]:
    """What stands in the file of this folder. Raises `Invalid` when there is none."""
    try:
        told: dict[str, Any] = json.loads((where / FILE).read_text())
    except FileNotFoundError:
        raise Invalid("no_start_page", "A start page: brug-host start-page ADDRESS --all makes it.") from None
    return told


def set_up(host: Host, address: str, places: list[Place], *, contact: str, port: int, kind: str | None,
           certificate: Path | None) -> list[Place]:  # fmt: skip
    """Make the page at this address for these nodes and no other; which of them read other settings now.

    `contact`: the mail address of who answers for it; "": as it was. Raises `Invalid` for what is no address.
    """
    address = address.rstrip("/")
    parts = urlsplit(address)
    if parts.scheme not in {"https", "http"} or not parts.hostname or parts.path or parts.query:
        raise Invalid("no_address", "The address of the start page, such as https://start.voorbeeld.example.")
    where = folder(host)
    before = read(where) if (where / FILE).exists() else {"readers": []}
    contact = parse_email(contact) if contact else before.get("contact", "")
    if not contact:
        raise Invalid("no_contact", "Whom to tell that the page does not work for somebody: --contact ADDRESS (mail).")
    _own(where)
    _write(where, before | {"address": address, "contact": contact, "port": port, "nodes": []})
    changed = [place for place in host.places() if _name_in(place, address if place in places else "")]
    tell(host)
    proxy.write(host.root, USER, parts.hostname, port, kind=kind, certificate=certificate)
    _unit("enable", "--now")
    return changed


def take_away(host: Host) -> list[Place]:
    """There is no such page any more; which nodes read other settings now."""
    _unit("disable", "--now")
    proxy.remove(host.root, USER)
    (folder(host) / FILE).unlink(missing_ok=True)
    return [place for place in host.places() if _name_in(place, "")]


def tell(host: Host) -> None:
    """Write down anew which nodes are on it: those whose settings name its address. Nothing where there is no page."""
    where = folder(host)
    if not (where / FILE).exists():
        return
    page = read(where)
    nodes = []
    for place in host.places():
        settings = place.settings()
        if settings.get("web", {}).get("start_page") == page["address"]:
            token = {"metrics": (place.secrets / "metrics").read_text().strip()} if page["readers"] else {}
            nodes.append(_node(place, settings) | token)
    _write(where, page | {"nodes": nodes})


def _node(place: Place, settings: dict[str, Any]) -> dict[str, Any]:
    web = settings["web"]
    scheme = "https" if web.get("https", True) else "http"
    return {
        "name": place.name,
        "label": settings["node"]["name"],
        "host": web["hosts"][0],
        "address": f"{scheme}://{web['hosts'][0]}",
        "port": web["port"],
    }


def add_reader(host: Host, name: str) -> str:
    """Let somebody read health for all; the code, which is shown once."""
    where = folder(host)
    page = read(where)
    code = secrets.token_urlsafe(32)
    others = [reader for reader in page["readers"] if reader["name"] != name]
    _write(where, page | {"readers": [*others, {"name": name, "digest": digest(code)}]})
    tell(host)
    return code


def end_reader(host: Host, name: str) -> None:
    """No more. Raises `Invalid` when nobody of that name reads."""
    where = folder(host)
    page = read(where)
    left = [reader for reader in page["readers"] if reader["name"] != name]
    if left == page["readers"]:
        raise Invalid("no_reader", f"One of: {', '.join(each['name'] for each in left) or 'nobody reads health here'}.")
    _write(where, page | {"readers": left})
    tell(host)


def digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


def _name_in(place: Place, address: str) -> bool:
    """Have its settings name the page, or none; whether that changed them."""
    path = place.folder / "brug.toml"
    text = path.read_text()
    if (new := setup.with_start_page(text, address)) == text:
        return False
    path.write_text(new)
    return True


def _own(where: Path) -> None:
    """Its folder, for its user to look into; the user is made unless the folder is some group's already."""
    if not where.exists() or where.stat().st_gid == 0:
        making.system_user(USER, "/nonexistent")
        where.mkdir(parents=True, exist_ok=True)
        os.chown(where, 0, pwd.getpwnam(USER).pw_gid)
    where.chmod(0o750)


def _write(where: Path, page: dict[str, Any]) -> None:
    new = where / f"{FILE}.new"
    with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o640), "w") as file:
        json.dump(page, file, ensure_ascii=False, indent=1)
    os.chown(new, 0, where.stat().st_gid)
    new.replace(where / FILE)


def _unit(*words: str) -> None:
    if Path("/run/systemd/system").is_dir():
        subprocess.run(["systemctl", *words, UNIT], check=False)  # noqa: S603, S607
