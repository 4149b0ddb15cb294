"""What `seal_to` does with random bytes of our own choosing, so that vectors come out the same: ML-KEM-768 (FIPS 203,
Algorithms 13 to 17), X-Wing and HPKE from their texts, with nothing of the HPKE of `cryptography`. Only for vectors."""

from __future__ import annotations

import hmac
from hashlib import sha3_256, sha3_512, sha256, shake_128, shake_256

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

Q, N, K, DU, DV = 3329, 256, 3, 10, 4
LABEL = rb"\.//^\ "[:-1]
SUITE = b"HPKE" + (0x647A).to_bytes(2, "big") + (1).to_bytes(2, "big") + (2).to_bytes(2, "big")
Poly = list[int]


def _reversed(bits: int) -> int:
    return int(f"{bits:07b}"[::-1], 2)


ZETAS = [pow(17, _reversed(i), Q) for i in range(128)]
GAMMAS = [pow(17, 2 * _reversed(i) + 1, Q) for i in range(128)]


def _ntt(f: Poly) -> Poly:
    f, i, length = list(f), 1, 128
    while length >= 2:
        for start in range(0, N, 2 * length):
            zeta, i = ZETAS[i], i + 1
            for j in range(start, start + length):
                t = zeta * f[j + length] % Q
                f[j], f[j + length] = (f[j] + t) % Q, (f[j] - t) % Q
        length //= 2
    return f


def _back(f: Poly) -> Poly:
    f, i, length = list(f), 127, 2
    while length <= 128:
        for start in range(0, N, 2 * length):
            zeta, i = ZETAS[i], i - 1
            for j in range(start, start + length):
                t = f[j]
                f[j], f[j + length] = (t + f[j + length]) % Q, zeta * (f[j + length] - t) % Q
        length *= 2
    return [x * 3303 % Q for x in f]


def _times(f: Poly, g: Poly) -> Poly:
    out = []
    for i, gamma in enumerate(GAMMAS):
        a, b, c, d = f[2 * i], f[2 * i + 1], g[2 * i], g[2 * i + 1]
        out += [(a * c + b * d * gamma) % Q, (a * d + b * c) % Q]
    return out


def _plus(*polys: Poly) -> Poly:
    return [sum(column) % Q for column in zip(*polys, strict=True)]


def _uniform(seed: bytes) -> Poly:
    stream, out, at = shake_128(seed).digest(2000), list[int](), 0
    while len(out) < N:
        a, b, c = stream[at : at + 3]
        out += [d for d in (a + 256 * (b % 16), b // 16 + 16 * c) if d < Q]
        at += 3
    return out[:N]


def _binomial(seed: bytes, number: int) -> Poly:
    bits = int.from_bytes(shake_256(seed + bytes([number])).digest(128), "little")
    two = [(bits >> 2 * i & 1) + (bits >> 2 * i + 1 & 1) for i in range(2 * N)]
    return [(two[2 * i] - two[2 * i + 1]) % Q for i in range(N)]


def _unpacked(raw: bytes) -> Poly:
    value = int.from_bytes(raw, "little")
    return [value >> 12 * i & 0xFFF for i in range(N)]


def _packed(f: Poly, bits: int) -> bytes:
    value = sum((((x << bits) + Q // 2) // Q % (1 << bits)) << bits * i for i, x in enumerate(f))
    return value.to_bytes(32 * bits, "little")


def encapsulate(public: bytes, m: bytes) -> tuple[bytes, bytes]:
    """(shared secret, ciphertext) of ML-KEM-768 for the 32 random bytes `m` (FIPS 203, Algorithm 17)."""
    shared, r = (g := sha3_512(m + sha3_256(public).digest()).digest())[:32], g[32:]
    t, rho = [_unpacked(public[384 * i : 384 * (i + 1)]) for i in range(K)], public[384 * K :]
    y = [_ntt(_binomial(r, i)) for i in range(K)]
    e1, e2 = [_binomial(r, K + i) for i in range(K)], _binomial(r, 2 * K)
    a = [[_uniform(rho + bytes([j, i])) for j in range(K)] for i in range(K)]
    u = [_plus(_back(_plus(*(_times(a[j][i], y[j]) for j in range(K)))), e1[i]) for i in range(K)]
    mu = [(m[i // 8] >> i % 8 & 1) * ((Q + 1) // 2) for i in range(N)]
    v = _plus(_back(_plus(*(_times(t[j], y[j]) for j in range(K)))), e2, mu)
    return shared, b"".join(_packed(each, DU) for each in u) + _packed(v, DV)


def seal_to(public: bytes, content: bytes, *, info: bytes, seed: bytes) -> bytes:
    """`enc ‖ ciphertext`: `seed` is 64 bytes, the `m` of ML-KEM and the ephemeral key of X25519."""
    shared_m, ct_m = encapsulate(public[:1184], seed[:32])
    ephemeral, pk_x = X25519PrivateKey.from_private_bytes(seed[32:]), public[1184:]
    ct_x = ephemeral.public_key().public_bytes_raw()
    shared_x = ephemeral.exchange(X25519PublicKey.from_public_bytes(pk_x))
    shared = sha3_256(shared_m + shared_x + ct_x + pk_x + LABEL).digest()
    context = b"\0" + _extract(b"", b"psk_id_hash", b"") + _extract(b"", b"info_hash", info)
    secret = _extract(shared, b"secret", b"")
    key, nonce = _expand(secret, b"key", context, 32), _expand(secret, b"base_nonce", context, 12)
    return ct_m + ct_x + AESGCM(key).encrypt(nonce, content, b"")


def _extract(salt: bytes, label: bytes, material: bytes) -> bytes:
    return hmac.digest(salt or bytes(32), b"HPKE-v1" + SUITE + label + material, "sha256")


def _expand(secret: bytes, label: bytes, info: bytes, length: int) -> bytes:
    labelled = length.to_bytes(2, "big") + b"HPKE-v1" + SUITE + label + info
    return hmac.digest(secret, labelled + b"\1", sha256)[:length]
