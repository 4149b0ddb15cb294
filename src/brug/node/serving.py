"""The pages of this node over HTTP, for a proxy with TLS before them; alone, or in one process with the worker.

What a request carries is held in memory only: an upload may hold a person, and a temporary file would be one more
place to erase.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import NoReturn

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.utils import timezone
from waitress.server import BaseWSGIServer, MultiSocketServer, create_server

from brug.core.identity import Invalid

THREADS = 8


def listen(port: int = 0) -> BaseWSGIServer | MultiSocketServer:
    """The server of the pages, listening where brug.toml says, or at `port`. Raises `Invalid` where that is taken."""
    port = port or settings.WEB_PORT
    place = f"{settings.WEB_HOST}:{port}"
    try:
        return create_server(
            WSGIHandler(),
            host=settings.WEB_HOST,
            port=port,
            threads=THREADS,
            ident="",
            max_request_body_size=settings.LARGEST_REQUEST,
            inbuf_overflow=2 * settings.LARGEST_REQUEST,
            outbuf_overflow=64 * settings.LARGEST_REQUEST,
            clear_untrusted_proxy_headers=False,  # the settings say how many proxies are believed
            channel_timeout=60,
        )
    except OSError as failure:
        why = os.strerror(failure.errno or 0)
        words = (
            f"A free address for the pages: {place} is not ({why}). Does this node run already? brug.toml, [web] port."
        )
        raise Invalid("port_taken", words) from None


def serve(*, port: int = 0, said: Callable[[str], object] = lambda place: None) -> None:
    """Until SIGTERM or SIGINT; what is being answered is finished. `said` hears where it listens. Raises `Invalid`."""
    server = listen(port)
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _stop)
    said(f"{settings.WEB_HOST}:{settings.WEB_PORT}")
    server.run()


def _stop(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)


def serve_and_work() -> int:
    """Pages and worker in one process, as on a host of many nodes: half the memory of two. Until SIGTERM or SIGINT; the
    exit code."""
    from brug.node import acts, worker

    server = listen()
    acts.unlocked(timezone.now())

    def pages() -> None:
        try:
            server.run()
        finally:  # a node without pages is none: end, and be started anew
            os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=pages, name="pages", daemon=True).start()
    code = worker.run()
    server.task_dispatcher.shutdown()
    return code
