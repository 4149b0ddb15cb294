"""The proxy's part of a node, or of the start page: name, certificate, port; for nginx or Caddy, whichever is there."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from brug.core.identity import Invalid

KINDS = ("nginx", "caddy", "none")
PLACES = {"nginx": "etc/nginx/conf.d", "caddy": "etc/caddy/brug"}
RELOAD = {"nginx": ("nginx", "-s", "reload"), "caddy": ("systemctl", "reload", "caddy")}
AWAY = (  # what the proxy itself says while a node begins anew, or has fallen: a person must not read "Bad Gateway"
    '<!doctype html><html lang="nl-BE"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    "<title>Brug is even weg</title><h1>Brug is even weg</h1><p>Wat u bewaard of verstuurd hebt, is er nog. Wacht een"
    " minuut, ga terug en probeer opnieuw. Duurt het langer, bel dan wie Brug bij u beheert.</p></html>"
)
# No log of who looked when: it is personal, the ledger has it; and the address of an invitation opens an account.
NGINX = """\
# {name}, made by brug-host.
server {{
    listen 443 ssl http2;
    listen [::]:443 ssl http2;
    server_name {host};
    ssl_certificate {certificate}/fullchain.pem;
    ssl_certificate_key {certificate}/privkey.pem;
    ssl_protocols TLSv1.2 TLSv1.3;
    client_max_body_size 6m;
    access_log off;
    location = /metrics {{ deny all; }}
    location / {{
        proxy_pass http://127.0.0.1:{port};
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_set_header Host $host;
        proxy_set_header X-Forwarded-Proto https;
        proxy_set_header X-Forwarded-For $remote_addr;
    }}
    error_page 502 504 = @away;
    location @away {{
        default_type "text/html; charset=utf-8";
        add_header Retry-After 10 always;
        return 503 '{away}';
    }}
}}
"""
LARGE = "^([6-9]|[1-9][0-9]+)" + 6 * "[0-9]" + "$"  # bytes: else Caddy breaks off, and says that the node is away
CADDY = """\
# {name}, made by brug-host. Caddy fetches and renews the certificate by itself.
{host} {{
    request_body {{
        max_size 6MB
    }}
    @large header_regexp Content-Length {large}
    respond @large 413
    respond /metrics 403
    reverse_proxy 127.0.0.1:{port} {{
        header_up X-Forwarded-For {{remote_host}}
    }}
    handle_errors {{
        @away expression `{{err.status_code}} in [502, 504]`
        header @away Content-Type "text/html; charset=utf-8"
        header @away Retry-After 10
        respond @away `{away}` 503
    }}
}}
"""


def write(root: Path, name: str, host: str, port: int, *, kind: str | None, certificate: Path | None) -> str:
    """Write it, and have the proxy read it; which proxy it was. Raises `Invalid` when nginx has no certificate yet."""
    kind = kind or next((each for each in ("nginx", "caddy") if shutil.which(each)), "none")
    if kind == "none":
        return kind
    path = _file(root, name, kind)
    folder = certificate or root / "etc/letsencrypt/live" / host
    text = (NGINX if kind == "nginx" else CADDY).format(
        name=name, host=host, port=port, certificate=folder, away=AWAY, large=LARGE
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    if kind == "caddy":
        _have_caddy_read(path)
    if kind == "nginx" and not (folder / "fullchain.pem").exists():
        path.rename(path.with_suffix(".waits"))
        raise Invalid(
            "no_certificate",
            f"A certificate in {folder} (such as: certbot certonly --nginx -d {host}); then the same command once more."
            " All else is made.",
        )
    _reload(kind)
    return kind


def _have_caddy_read(path: Path) -> None:
    """Its own file names no other one, as Debian installs it, and it runs as a user of its own."""
    path.parent.chmod(0o755)
    path.chmod(0o644)
    own, line = path.parent.with_name("Caddyfile"), f"import {path.parent.name}/*.caddy"
    text = own.read_text() if own.exists() else ""
    if line not in text.splitlines():
        own.write_text(f"{text.rstrip()}\n\n{line}\n".lstrip())


def remove(root: Path, name: str) -> None:
    for kind in PLACES:
        if (path := _file(root, name, kind)).exists():
            path.unlink()
            _reload(kind)


def _file(root: Path, name: str, kind: str) -> Path:
    return root / PLACES[kind] / f"{name}.{'conf' if kind == 'nginx' else 'caddy'}"


def _reload(kind: str) -> None:
    """The proxy may be off, or come later: then it reads everything when it starts."""
    if not shutil.which(RELOAD[kind][0]):
        return
    subprocess.run(RELOAD[kind], check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603
