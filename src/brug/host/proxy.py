"""The proxy's part of a node, or of the start page: name, certificate, port; for nginx or Caddy, whichever is there."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from brug.core.identity import Invalid

KINDS = ("nginx", "caddy", "none")
PLACES = {"nginx": "etc/nginx/conf.d", "caddy": "etc/caddy/brug"}
RELOAD = {"nginx": ("nginx", "-s", "reload"), "caddy": ("systemctl", "reload", "caddy")}
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
}}
"""
CADDY = """\
# {name}, made by brug-host. Caddy fetches and renews the certificate by itself.
{host} {{
    request_body {{
        max_size 6MB
    }}
    respond /metrics 403
    reverse_proxy 127.0.0.1:{port} {{
        header_up X-Forwarded-For {{remote_host}}
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
    text = (NGINX if kind == "nginx" else CADDY).format(name=name, host=host, port=port, certificate=folder)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    if kind == "nginx" and not (folder / "fullchain.pem").exists():
        path.rename(path.with_suffix(".waits"))
        raise Invalid(
            "no_certificate",
            f"A certificate in {folder} (such as: certbot certonly --nginx -d {host}); then the same command once more."
            " All else is made.",
        )
    _reload(kind)
    return kind


def remove(root: Path, name: str) -> None:
    for kind in PLACES:
        if (path := _file(root, name, kind)).exists():
            path.unlink()
            _reload(kind)


def _file(root: Path, name: str, kind: str) -> Path:
    return root / PLACES[kind] / f"{name}.{'conf' if kind == 'nginx' else 'caddy'}"


def _reload(kind: str) -> None:
    """The proxy may be off: then it reads everything when it starts."""
    subprocess.run(RELOAD[kind], check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603
