"""What sealing costs, against 7-Zip and against the one derivation that no archive can do without (art. 6).

    python benchmarks/seal.py [ROUNDS]          25 rounds when not said; about ten seconds

One referral of 5 KB (message and paper, as bytes) is sealed: archive, manifest, password to the recipient's key,
signature. Every turn has a password of its own, since 7-Zip remembers the key of the last one. The three take turns, so
that all see the same machine; medians count.

seal_vs_kdf            a seal over one bare derivation, 2^19 rounds of SHA-256 (at most 1.5)
seal_vs_7zip           a seal over `7zz a` making the same archive: its two members, Deflate, names encrypted
seal_two_cores_vs_one  seals a second in two threads over one, the best of five turns each
"""

from __future__ import annotations

import resource
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from statistics import median
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from brug.core import message
from brug.core.parcel import keys, seal
from brug.core.parcel.archive import ArchiveKey
from brug.core.parcel.manifest import make_id
from brug.core.protocol.decide import Permit

AT = datetime(2026, 11, 23, 14, 3, tzinfo=UTC)
OPGROEIEN, WESTERLO = "0886886638", "0212181956"
CLIENT = message.Client(given_name="Amal", family_name="Haddou", phone="+32470000001", email="amal@voorbeeld.example")
FIELDS = CLIENT.fields_given()
REFERRAL = message.Referral(
    referral_id=uuid4(),
    client=CLIENT,
    residence="13049",
    attestation=message.Attestation(
        informed_on=date(2026, 11, 20),
        consented_on=date(2026, 11, 20),
        purposes=frozenset({"contact"}),
        fields=FIELDS,
        bound_by_secrecy=True,
        met_on_duty=True,
        judged_with_client=True,
    ),
    notifier=message.Notifier(name="An Peeters", team="zuiderkempen"),
)
PAPER = secrets.token_bytes(4400)  # as a PDF: nothing left to compress
PERMIT = Permit("opgroeien-ocmw-westerlo", 1, "referral", "art. 5", OPGROEIEN, WESTERLO, FIELDS, AT, "0" * 64)
SENDER = seal.Sender(OPGROEIEN, Ed25519PrivateKey.generate(), incarnation=1, practice=False)
RECIPIENT_KEY = keys.public_parcel_key(keys.generate_parcel_key())


def seal_one(_: int = 0) -> seal.Parcel:
    return seal.seal(
        PERMIT,
        REFERRAL,
        paper=lambda _: PAPER,
        parcel_id=make_id(AT),
        at=AT,
        sender=SENDER,
        recipient_key=RECIPIENT_KEY,
        checkpoint="brug/0886886638/ledger\n1\n" + "A" * 43 + "=\n\n",
    )


def derive_one() -> None:
    """The bare derivation: a fresh password as long as a parcel's, a salt, and the key."""
    ArchiveKey.derive(secrets.token_urlsafe(16), secrets.token_bytes(16))


def seven_zip_one(folder: Path) -> None:
    """The command line, with the password through standard input."""
    typed = secrets.token_urlsafe(16)
    target = folder / f"{uuid4()}.7z"
    command = ["7zz", "a", "-t7z", "-m0=Deflate", "-mhe=on", "-p", target.name, "bericht.json", "bericht.pdf"]
    subprocess.run(command, cwd=folder, input=f"{typed}\n{typed}\n".encode(), capture_output=True, check=True)
    target.unlink()


def seconds(do: Callable[[], object]) -> float:
    began = time.perf_counter()
    do()
    return time.perf_counter() - began


def processor_seconds() -> float:
    """Used so far, by this process and those it started: what a busy machine does not change."""
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def both(do: Callable[[], object]) -> tuple[float, float]:
    used = processor_seconds()
    return seconds(do), processor_seconds() - used


def per_second(threads: int, seals: int = 24) -> float:
    with ThreadPoolExecutor(threads) as pool:
        return seals / seconds(lambda: list(pool.map(seal_one, range(seals))))


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 25
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "bericht.json").write_bytes(seal._json(REFERRAL))
        (folder / "bericht.pdf").write_bytes(PAPER)
        contenders = {"seal": seal_one, "7zip": partial(seven_zip_one, folder), "kdf": derive_one}
        for do in contenders.values():  # once without counting
            do()
        measured = [{name: both(do) for name, do in contenders.items()} for _ in range(rounds)]
    middle = {name: median(turn[name][0] for turn in measured) for name in contenders}
    used = {name: median(turn[name][1] for turn in measured) for name in contenders}
    speeds = [(per_second(1), per_second(2)) for _ in range(5)]
    for name, value in middle.items():
        print(f"{name}: {1000 * value:.1f} ms, of which {1000 * used[name]:.1f} ms of processor")
    one, two = (max(speed[index] for speed in speeds) for index in (0, 1))
    print(f"one thread: {one:.0f} seals a second; two: {two:.0f}")
    print(f"ratio: seal_vs_kdf {middle['seal'] / middle['kdf']:.2f}")
    print(f"ratio: seal_vs_7zip {middle['seal'] / middle['7zip']:.2f}")
    print(f"ratio: seal_two_cores_vs_one {two / one:.2f}")


if __name__ == "__main__":
    main()
