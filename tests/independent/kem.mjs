// ML-KEM-768 (FIPS 203) and X25519 as X-Wing, and HPKE (RFC 9180) over them, with what Node has: SHA-3, X25519, AES-GCM.
import { createCipheriv, createDecipheriv, createHash, createHmac, createPrivateKey, createPublicKey, diffieHellman } from "node:crypto";
const Q = 3329, N = 256, K = 3, LABEL = Buffer.from("5c2e2f2f5e5c", "hex");
const SUITE = Buffer.concat([Buffer.from("HPKE"), Buffer.from("647a00010002", "hex")]);
const hash = (name, ...parts) => createHash(name).update(Buffer.concat(parts)).digest();
const shake = (bits, length, ...parts) => createHash(`shake${bits}`, { outputLength: length }).update(Buffer.concat(parts)).digest();
const reversed = (i) => parseInt(i.toString(2).padStart(7, "0").split("").reverse().join(""), 2);
const power = (base, n) => { let out = 1; for (let i = 0; i < n; i++) out = (out * base) % Q; return out; };
const ZETAS = Array.from({ length: 128 }, (_, i) => power(17, reversed(i)));
const GAMMAS = Array.from({ length: 128 }, (_, i) => power(17, 2 * reversed(i) + 1));
const mod = (x) => ((x % Q) + Q) % Q;
function ntt(f) {
  f = [...f];
  for (let length = 128, i = 1; length >= 2; length /= 2)
    for (let start = 0; start < N; start += 2 * length, i++)
      for (let j = start; j < start + length; j++) {
        const t = (ZETAS[i] * f[j + length]) % Q;
        [f[j], f[j + length]] = [mod(f[j] + t), mod(f[j] - t)];
      }
  return f;
}
function back(f) {
  f = [...f];
  for (let length = 2, i = 127; length <= 128; length *= 2)
    for (let start = 0; start < N; start += 2 * length, i--)
      for (let j = start; j < start + length; j++)
        [f[j], f[j + length]] = [mod(f[j] + f[j + length]), mod(ZETAS[i] * mod(f[j + length] - f[j]))];
  return f.map((x) => (x * 3303) % Q);
}
function times(f, g) {
  const out = [];
  GAMMAS.forEach((gamma, i) => {
    const [a, b, c, d] = [f[2 * i], f[2 * i + 1], g[2 * i], g[2 * i + 1]];
    out.push((a * c + ((b * d) % Q) * gamma) % Q, (a * d + b * c) % Q);
  });
  return out;
}
const plus = (...polys) => polys[0].map((_, i) => mod(polys.reduce((sum, poly) => sum + poly[i], 0)));
const minus = (f, g) => f.map((x, i) => mod(x - g[i]));
function uniform(seed) {
  const stream = shake(128, 2000, seed), out = [];
  for (let at = 0; out.length < N; at += 3) {
    const [a, b, c] = stream.subarray(at, at + 3);
    for (const d of [a + 256 * (b % 16), (b >> 4) + 16 * c]) if (d < Q && out.length < N) out.push(d);
  }
  return out;
}
function binomial(seed, number) {
  const bytes = shake(256, 128, seed, Buffer.from([number])), bit = (i) => (bytes[i >> 3] >> (i & 7)) & 1;
  return Array.from({ length: N }, (_, i) => mod(bit(4 * i) + bit(4 * i + 1) - bit(4 * i + 2) - bit(4 * i + 3)));
}
function pack(f, bits, out = Buffer.alloc(32 * bits)) {
  f.forEach((x, i) => { for (let b = 0; b < bits; b++) if ((x >> b) & 1) out[(i * bits + b) >> 3] |= 1 << ((i * bits + b) & 7); });
  return out;
}
function unpack(raw, bits) {
  const bit = (i) => (raw[i >> 3] >> (i & 7)) & 1;
  return Array.from({ length: N }, (_, i) => { let x = 0; for (let b = 0; b < bits; b++) x |= bit(i * bits + b) << b; return x; });
}
const compress = (f, bits) => f.map((x) => Math.floor((x * 2 ** bits + (Q >> 1)) / Q) % 2 ** bits);
const decompress = (f, bits) => f.map((x) => (x * Q + 2 ** (bits - 1)) >> bits);
const slices = (raw, size, count) => Array.from({ length: count }, (_, i) => raw.subarray(i * size, (i + 1) * size));
const matrix = (rho) => [0, 1, 2].map((i) => [0, 1, 2].map((j) => uniform(Buffer.concat([rho, Buffer.from([j, i])]))));
function encrypt(ek, m, r) {
  const t = slices(ek, 384, K).map((raw) => unpack(raw, 12)), a = matrix(ek.subarray(384 * K));
  const y = [0, 1, 2].map((i) => ntt(binomial(r, i))), e1 = [0, 1, 2].map((i) => binomial(r, K + i));
  const u = [0, 1, 2].map((i) => plus(back(plus(...[0, 1, 2].map((j) => times(a[j][i], y[j])))), e1[i]));
  const v = plus(back(plus(...[0, 1, 2].map((j) => times(t[j], y[j])))), binomial(r, 2 * K), decompress(unpack(m, 1), 1));
  return Buffer.concat([...u.map((f) => pack(compress(f, 10), 10)), pack(compress(v, 4), 4)]);
}
function keys(d) {
  const seed = hash("sha3-512", d, Buffer.from([K])), rho = seed.subarray(0, 32), sigma = seed.subarray(32), a = matrix(rho);
  const s = [0, 1, 2].map((i) => ntt(binomial(sigma, i))), e = [0, 1, 2].map((i) => ntt(binomial(sigma, K + i)));
  const t = [0, 1, 2].map((i) => plus(...[0, 1, 2].map((j) => times(a[i][j], s[j])), e[i]));
  return { s, ek: Buffer.concat([...t.map((f) => pack(f, 12)), rho]) };
}
function decapsulate(d, z, c) {
  const { s, ek } = keys(d), u = slices(c, 320, K).map((raw) => decompress(unpack(raw, 10), 10));
  const v = decompress(unpack(c.subarray(960), 4), 4);
  const m = pack(compress(minus(v, back(plus(...[0, 1, 2].map((j) => times(s[j], ntt(u[j])))))), 1), 1);
  const g = hash("sha3-512", m, hash("sha3-256", ek));
  return encrypt(ek, m, g.subarray(32)).equals(c) ? g.subarray(0, 32) : shake(256, 32, z, c);
}
const x25519 = (raw) => createPrivateKey({ key: Buffer.concat([Buffer.from("302e020100300506032b656e04220420", "hex"), raw]), format: "der", type: "pkcs8" });
const x25519Public = (raw) => createPublicKey({ key: Buffer.concat([Buffer.from("302a300506032b656e032100", "hex"), raw]), format: "der", type: "spki" });
const rawOf = (key) => createPublicKey(key).export({ format: "der", type: "spki" }).subarray(-32);
const combined = (ssM, ssX, ctX, pkX) => hash("sha3-256", ssM, ssX, ctX, pkX, LABEL);
const extract = (salt, label, material) =>
  createHmac("sha256", salt).update(Buffer.concat([Buffer.from("HPKE-v1"), SUITE, Buffer.from(label), material])).digest();
const expand = (secret, label, info, length) =>
  createHmac("sha256", secret).update(Buffer.concat([Buffer.from([length >> 8, length & 255]), Buffer.from("HPKE-v1"), SUITE, Buffer.from(label), info, Buffer.from([1])])).digest().subarray(0, length);
function schedule(shared, info) {
  const none = Buffer.alloc(0), salt = Buffer.alloc(32);
  const context = Buffer.concat([Buffer.from([0]), extract(salt, "psk_id_hash", none), extract(salt, "info_hash", info)]);
  const secret = extract(shared, "secret", none);
  return [expand(secret, "key", context, 32), expand(secret, "base_nonce", context, 12)];
}

/** The public parcel key (1,216 bytes) of a private one (96). */
export const publicOf = (own) => Buffer.concat([keys(own.subarray(0, 32)).ek, rawOf(x25519(own.subarray(64)))]);

/** enc ‖ ciphertext, with the 64 random bytes of `seed`: m of ML-KEM, and the ephemeral key of X25519. */
export function seal(publicKey, content, info, seed) {
  const ek = publicKey.subarray(0, 1184), pkX = publicKey.subarray(1184), m = seed.subarray(0, 32), own = x25519(seed.subarray(32));
  const g = hash("sha3-512", m, hash("sha3-256", ek)), ctM = encrypt(ek, m, g.subarray(32)), ctX = rawOf(own);
  const ssX = diffieHellman({ privateKey: own, publicKey: x25519Public(pkX) });
  const [key, nonce] = schedule(combined(g.subarray(0, 32), ssX, ctX, pkX), info), cipher = createCipheriv("aes-256-gcm", key, nonce);
  return Buffer.concat([ctM, ctX, cipher.update(content), cipher.final(), cipher.getAuthTag()]);
}

/** What was sealed to this private key with this very info; throws for anything else. */
export function open(own, sealed, info) {
  if (sealed.length < 1136) throw new Error("too short");
  const x = x25519(own.subarray(64)), ctX = sealed.subarray(1088, 1120), pkX = rawOf(x);
  const ssM = decapsulate(own.subarray(0, 32), own.subarray(32, 64), sealed.subarray(0, 1088));
  const ssX = diffieHellman({ privateKey: x, publicKey: x25519Public(ctX) });
  const [key, nonce] = schedule(combined(ssM, ssX, ctX, pkX), info), decipher = createDecipheriv("aes-256-gcm", key, nonce);
  decipher.setAuthTag(sealed.subarray(-16));
  return Buffer.concat([decipher.update(sealed.subarray(1120, -16)), decipher.final()]);
}
