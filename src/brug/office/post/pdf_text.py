"""The text of a PDF that a stranger made, read by a process of its own that can reach nothing and ends in time.

A reader of PDFs has more corners than can be looked at: it gets the bytes, some seconds and some memory.
"""

from __future__ import annotations

import sys

SECONDS = 10  # of the clock; of the processor as many
MEMORY = 512 * 1024 * 1024  # bytes that the process may take
MOST_PAGES = 20
TEXT_LIMIT = 20_000  # characters


def text_of(content: bytes) -> str | None:
    """The text of its first pages; None for one that is locked, holds pictures only, or cannot be read."""
    import subprocess

    command = [sys.executable, "-I", __file__]
    try:
        done = subprocess.run(command, input=content, capture_output=True, timeout=SECONDS, env={}, check=True)  # noqa: S603
    except (subprocess.SubprocessError, OSError):
        return None
    return done.stdout.decode("utf-8", "replace").strip() or None


def _main() -> None:
    import io
    import resource

    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    from pypdf import PdfReader

    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # it writes no file
    resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))
    reader = PdfReader(io.BytesIO(sys.stdin.buffer.read()))
    text = "\n".join(page.extract_text() for page in reader.pages[:MOST_PAGES])
    sys.stdout.buffer.write(text[:TEXT_LIMIT].encode("utf-8", "replace"))


if __name__ == "__main__":
    _main()
