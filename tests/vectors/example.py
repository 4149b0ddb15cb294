"""The complete example of docs/spec/parcel.md, told anew from the first vector: `python -m tests.vectors.example`."""

from __future__ import annotations

import json
import re
import textwrap
from hashlib import sha256
from pathlib import Path

from brug.core.parcel import archive, keys, manifest

FOLDER = Path(__file__).parent
SPEC = FOLDER.parents[1] / "docs" / "spec" / "parcel.md"
BEGIN, END = "<!-- example: made by python -m tests.vectors.example -->\n", "<!-- end of the example -->\n"
TEXT = """\
The files are `tests/vectors/referral.jws` and `referral.7z`; the keys are in `vectors.json` beside them and good for
nothing else. Opgroeien (0886.886.638) refers Amal Haddou, who does not exist, to OCMW Westerlo (0212.181.956). The mail
(`mails/referral.eml`) has a neutral subject, a neutral text and two attachments, both named after the parcel:

    zending-{id}.7z      {size:,} bytes
    zending-{id}.jws     {characters:,} characters

**The manifest** (`.jws`) is `base64url(header) . base64url(payload) . base64url(signature)`. Its header, as it stands:

    {header}

Its payload, here with line breaks and with `sealed` cut short:

{payload}

Without `wrapped` this is the *core*; its SHA-256 is
`{core}`. What Westerlo's key opens from `sealed`:

    {secret}

**The archive** (`.7z`): 32 bytes of SignatureHeader, {content:,} of content and 176 of header, both encrypted, then 80:

{outside}

The header, decrypted:

{inside}

It holds `bericht.json` ({message} bytes, a referral) and `bericht.pdf` ({paper} bytes). Over the phone the check code
of this parcel would be `{check}`: the first twelve digits of the archive's SHA-256, which 7-Zip shows.
"""


def told() -> str:
    signed, packed = (FOLDER / "referral.jws").read_bytes(), (FOLDER / "referral.7z").read_bytes()
    known = manifest.read(signed).manifest
    node = json.loads((FOLDER / "vectors.json").read_text())["node"]
    secret = manifest.unwrap(known, [keys.decode(each) for each in node["private_keys"]])
    members = archive.unpack(packed, keys.decode(secret.derived))
    vector = archive._Envelope.read(packed).vector
    header = archive._decrypt(packed[-256:-80], keys.decode(secret.derived), vector)
    return TEXT.format(
        id=known.id,
        size=len(packed),
        characters=len(signed),
        header=keys.decode(signed.decode().split(".")[0]).decode(),
        payload=_payload(known),
        core=sha256(known.core()).hexdigest(),
        secret=json.dumps({"derived": secret.derived, "password": secret.password}, separators=(",", ":")),
        content=len(packed) - 288,
        outside=_hex([(0, packed[:32]), (len(packed) - 80, packed[-80:])]),
        inside=_hex([(0, header)]),
        message=len(members.message),
        paper=len(members.paper),
        check=sha256(packed).hexdigest()[:12],
    )


def _payload(known: manifest.Manifest) -> str:
    """A name a line; a note broken where it has a line."""
    whole = json.loads(known.payload())
    whole["wrapped"]["sealed"] = whole["wrapped"]["sealed"][:28] + "…"
    lines = [
        f'"{name}":{json.dumps(value, ensure_ascii=False, separators=(",", ":"))}' for name, value in whole.items()
    ]
    broken = [re.sub(r"(\\n)(?=.)", "\\1\n         ", line) for line in lines]
    return textwrap.indent("{" + ",\n ".join(broken) + "}", "    ")


def _hex(parts: list[tuple[int, bytes]]) -> str:
    lines = []
    for at, raw in parts:
        lines += [f"    {at + start:<6}{raw[start : start + 40].hex()}" for start in range(0, len(raw), 40)]
    return "\n".join(lines)


def main() -> None:
    before, _, rest = SPEC.read_text().partition(BEGIN)
    SPEC.write_text(before + BEGIN + told() + END + rest.partition(END)[2])


if __name__ == "__main__":
    main()
