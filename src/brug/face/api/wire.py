"""One POST to an address that an administrator named: verified TLS, no redirect, no private network, no waiting long.

The name is looked up once, every address it has is judged, and the connection goes to one that was: so that a name
cannot change between judging and connecting. Private networks are refused unless `[api] hook_networks` names them.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Mapping
from urllib.parse import urlsplit

from django.conf import settings

TIMEOUT_SECONDS = 5.0
_READ = 1_024  # bytes of the answer that are looked at: none of it is used


def send(url: str, body: bytes, headers: Mapping[str, str]) -> str:
    """Post it; "" when the answer was 2xx, else a code that says why not."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        address = _judged(host, parts.port or (443 if parts.scheme == "https" else 80))
        if address is None:
            return "not_allowed"
        connection = _connection(parts.scheme, host, address)
    except (OSError, ValueError, ssl.SSLError):
        return "not_reached"
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("POST", path, body=body, headers={"User-Agent": "Brug", **headers, "Connection": "close"})
        answer = connection.getresponse()
        answer.read(_READ)
        return "" if 200 <= answer.status < 300 else f"status_{answer.status}"
    except (OSError, http.client.HTTPException):
        return "not_reached"
    finally:
        connection.close()


CARRIERS = tuple(  # addresses that carry an IPv4 one to where we do not see, or that lead nowhere public
    ipaddress.ip_network(network)
    for network in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96", "5f00::/16", "192.88.99.0/24")
)


def _judged(host: str, port: int) -> tuple[str, int] | None:
    """An address of `host` to connect to, when every one it has is allowed."""
    found = {str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    allowed = all(may_be_called(ipaddress.ip_address(address.partition("%")[0])) for address in found)
    return (sorted(found)[0], port) if found and allowed else None


def may_be_called(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """A public address, or one of a network that brug.toml names; an IPv4 address inside an IPv6 one counts as itself.

    >>> may_be_called(ipaddress.ip_address("169.254.169.254"))
    False
    """
    plain = getattr(address, "ipv4_mapped", None) or address
    if plain.is_global and not plain.is_multicast and not any(plain in network for network in CARRIERS):
        return True
    return any(plain in ipaddress.ip_network(network) for network in settings.API_HOOK_NETWORKS)


def _connection(scheme: str, host: str, address: tuple[str, int]) -> http.client.HTTPConnection:
    """Connected to `address`, and over https to nobody but `host`."""
    plain = socket.create_connection(address, timeout=TIMEOUT_SECONDS)
    connection = http.client.HTTPConnection(host, address[1], timeout=TIMEOUT_SECONDS)
    if scheme == "https":
        context = ssl.create_default_context(cafile=settings.API_HOOK_CA or None)
        try:
            plain = context.wrap_socket(plain, server_hostname=host)
        except BaseException:
            plain.close()
            raise
    connection.sock = plain
    return connection
