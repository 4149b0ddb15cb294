// The other end, written from docs/spec alone: `node brug.mjs read NODE MANIFEST ARCHIVE MAIL`, `node brug.mjs write GIVEN MANIFEST ARCHIVE`.
import { createCipheriv, createDecipheriv, createHash, createPrivateKey, createPublicKey, sign, verify } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { crc32 } from "node:zlib";
import { inflateRawSync } from "./bits.mjs";
import { look } from "./ledger.mjs";
import { both, isParcel } from "./mail.mjs";
import { isMessage } from "./message.mjs";
import * as kem from "./kem.mjs";

export class Refused extends Error {}
const refuse = (code) => { throw new Refused(code); };
const sha256 = (...parts) => createHash("sha256").update(Buffer.concat(parts.map((part) => Buffer.from(part)))).digest();
const encode = (raw) => Buffer.from(raw).toString("base64url");

/** Base64url without padding in its one spelling, or null. */
function decode(text) {
  if (typeof text !== "string" || !/^[A-Za-z0-9_-]*$/.test(text)) return null;
  const raw = Buffer.from(text, "base64url");
  return encode(raw) === text ? raw : null;
}

const keyId = (raw) => encode(sha256(raw).subarray(0, 16));
const publicKey = (raw) => createPublicKey({ key: Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), raw]), format: "der", type: "spki" });
const privateKey = (raw) => createPrivateKey({ key: Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), raw]), format: "der", type: "pkcs8" });

/** RFC 8785 for what a manifest holds. */
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value && typeof value === "object") return `{${Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
  return JSON.stringify(value);
}

// The manifest.
const header = (kid) => canonical({ alg: "Ed25519", kid, typ: "brug-parcel+jws" });
const isInt = (value, from, to) => Number.isInteger(value) && value >= from && value <= to;
const hasNames = (value, needed, free = []) =>
  value !== null && typeof value === "object" && !Array.isArray(value) && needed.every((name) => name in value) &&
  Object.keys(value).every((name) => needed.includes(name) || free.includes(name));
const matches = (value, form) => typeof value === "string" && form.test(value);

function isSecond(text) {
  if (!matches(text, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)) return false;
  const at = new Date(text);
  return !Number.isNaN(at.getTime()) && at.toISOString() === text.replace("Z", ".000Z");
}

function isManifest(m) {
  const needed = ["archive", "checkpoint", "format", "id", "incarnation", "kind", "practice", "recipient", "sender", "sent_at"];
  return hasNames(m, needed, ["consistency", "protocol", "wrapped"]) && m.format === "brug/parcel/1" &&
    matches(m.id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/) && matches(m.kind, /^[a-z][a-z_]{0,39}$/) &&
    hasNames(m.archive, ["name", "sha256", "size"]) && m.archive.name === `zending-${m.id}.7z` &&
    matches(m.archive.sha256, /^[0-9a-f]{64}$/) && isInt(m.archive.size, 1, 2 ** 31 - 1) &&
    matches(m.sender, /^[0-9]{10}$/) && matches(m.recipient, /^[0-9]{10}$/) && isSecond(m.sent_at) &&
    typeof m.practice === "boolean" && isInt(m.incarnation, 1, 2 ** 31 - 1) && typeof m.checkpoint === "string" && [...m.checkpoint].length <= 8192 &&
    (m.kind === "onward") === !("protocol" in m) && (!("protocol" in m) || isAgreed(m.protocol)) &&
    (!("consistency" in m) || (hasNames(m.consistency, ["after", "proof"]) && isInt(m.consistency.after, 0, 2 ** 53 - 1) &&
      Array.isArray(m.consistency.proof) && m.consistency.proof.length <= 106 && m.consistency.proof.every((step) => decode(step)?.length === 32))) &&
    (!("wrapped" in m) || (hasNames(m.wrapped, ["key", "sealed"]) && decode(m.wrapped.key) !== null && decode(m.wrapped.sealed) !== null));
}

const isAgreed = (p) => hasNames(p, ["id", "sha256", "version"]) && matches(p.id, /^[a-z0-9]+(-[a-z0-9]+)+$/) && p.id.length <= 100 &&
  matches(p.sha256, /^[0-9a-f]{64}$/) && isInt(p.version, 1, 9999);

/** Shape only: three parts, the one header, canonical payload of the one form. */
function parse(jws) {
  const parts = jws.toString("latin1").split(".");
  const [head, payload, signature] = parts.map(decode);
  if (parts.length !== 3 || !head || !payload || !signature) refuse("not_a_parcel");
  const kid = /^\{"alg":"Ed25519","kid":"([A-Za-z0-9_-]{22})"/.exec(head.toString("latin1"))?.[1] ?? "";
  let m;
  try { m = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(payload)); } catch { refuse("not_a_parcel"); }
  if (head.toString("latin1") !== header(kid) || !isManifest(m) || canonical(m) !== payload.toString()) refuse("not_a_parcel");
  return { m, kid, signature, digest: sha256(payload).toString("hex"), signed: Buffer.from(parts.slice(0, 2).join(".")) };
}

const core = ({ wrapped, ...rest }) => canonical(rest);
const infoOf = (m) => Buffer.concat([Buffer.from("brug/parcel/1"), sha256(core(m))]);

function unwrap(m, own) {
  if (!m.wrapped) refuse("no_password");
  const key = own.map(decode).find((raw) => keyId(kem.publicOf(raw)) === m.wrapped.key) ?? refuse("other_key");
  let plain, secret;
  try { plain = kem.open(key, decode(m.wrapped.sealed), infoOf(m)); } catch { refuse("unbound_password"); }
  try { secret = JSON.parse(plain); } catch { refuse("wrong_password"); }
  const right = hasNames(secret, ["derived", "password"]) && decode(secret.derived)?.length === 32 && typeof secret.password === "string";
  if (!right || ![...secret.password].length || [...secret.password].length > 200) refuse("wrong_password");
  return decode(secret.derived);
}

// The archive: the layout, byte for byte; a reader writes again what it read.
const steps = (length) => [4096, 16384].find((step) => length <= step) ?? Math.ceil(length / 65536) * 65536;
const little = (value, bytes) => { const out = Buffer.alloc(bytes); out.writeUIntLE(value, 0, Math.min(bytes, 6)); return out; };
const number = (value) => Buffer.concat([Buffer.from([0xfc]), little(value, 6)]);
const hex = (text) => Buffer.from(text.replaceAll(" ", ""), "hex");
const aes = (salt, vector) => Buffer.concat([hex("24 06f10701 22 d3ff"), salt, vector]);
const EMPTY = hex("00 00 00 ff ff");
const tailOf = (C, salt, vector, crc) =>
  Buffer.concat([hex("1706"), number(C), hex("0109"), number(176), hex("00 070b010001"), aes(salt, vector), hex("0c"), number(167), hex("0a01"), crc, hex("0000")]);

function startOf(C, tail) {
  const next = Buffer.concat([little(C + 176, 8), little(80, 8), little(crc32(tail), 4)]);
  return Buffer.concat([hex("377abcaf271c 0004"), little(crc32(next), 4), next]);
}

const headerOf = (C, salt, vector, { stream, total, message, crcs }) => {
  const names = Buffer.concat([hex("00"), Buffer.from("bericht.json\0bericht.pdf\0", "utf16le")]);
  return Buffer.concat([hex("010406"), number(0), hex("0109"), number(C), hex("00 070b010002"), aes(salt, vector), hex("03 040108 0100 0c"), number(stream), number(total),
    hex("00 080d0209"), number(message), hex("0a01"), crcs, hex("0000 0502 11 33"), names, hex("0000")]);
};

const cbc = (make, key, vector, data) => { const c = make("aes-256-cbc", key, vector).setAutoPadding(false); return Buffer.concat([c.update(data), c.final()]); };
const padded = (raw, length) => Buffer.concat([raw, Buffer.alloc(length - raw.length)]);

function openArchive(file, key) {
  if (!file.length || steps(file.length) !== file.length || file.length > 1048576) refuse("bad_archive");
  const C = file.length - 288, tail = file.subarray(-80), salt = tail.subarray(32, 48), crc = tail.subarray(74, 78);
  if (!tail.equals(tailOf(C, salt, tail.subarray(48, 64), crc)) || !file.subarray(0, 32).equals(startOf(C, tail))) refuse("bad_archive");
  const plain = cbc(createDecipheriv, key, tail.subarray(48, 64), file.subarray(32 + C, -80)), listing = plain.subarray(0, 167);
  if (!little(crc32(listing), 4).equals(crc)) refuse("wrong_password");
  const told = { stream: listing.readUIntLE(73, 6), total: listing.readUIntLE(80, 6), message: listing.readUIntLE(92, 6), crcs: listing.subarray(100, 108) };
  const vector = listing.subarray(49, 65);
  if (!plain.equals(padded(headerOf(C, salt, vector, told), 176))) refuse("bad_archive");
  if (told.total > 1e6 || told.message > told.total || told.stream > C || told.stream <= C - 5) refuse("bad_archive");
  const content = cbc(createDecipheriv, key, vector, file.subarray(32, 32 + C));
  if (content.subarray(told.stream).some((byte) => byte)) refuse("bad_archive");
  const both = inflateRawSync(content.subarray(0, told.stream), told.total) ?? refuse("bad_archive");
  const message = both.subarray(0, told.message), paper = both.subarray(told.message);
  if (!Buffer.concat([little(crc32(message), 4), little(crc32(paper), 4)]).equals(told.crcs)) refuse("bad_archive");
  return { message, paper };
}

function derive(password, salt) {
  const prefix = Buffer.concat([salt, Buffer.from(password, "utf16le")]), hash = createHash("sha256"), width = prefix.length + 8;
  const rounds = Buffer.alloc(width * 4096);
  for (let high = 0; high < 2 ** 19; high += 4096) {
    for (let i = 0; i < 4096; i++) { prefix.copy(rounds, i * width); rounds.writeUInt32LE(high + i, i * width + prefix.length); }
    hash.update(rounds);
  }
  return hash.digest();
}

function makeArchive(message, paper, [start, end], key, salt, vectors) {
  const size = steps(start.length + end.length + 288), C = size - 288;
  const blocks = Array(Math.floor((C - start.length - end.length) / 5)).fill(EMPTY), stream = Buffer.concat([start, ...blocks, end]);
  const crcs = Buffer.concat([little(crc32(message), 4), little(crc32(paper), 4)]);
  const listing = headerOf(C, salt, vectors.subarray(0, 16), { stream: stream.length, total: message.length + paper.length, message: message.length, crcs });
  const tail = tailOf(C, salt, vectors.subarray(16), little(crc32(listing), 4));
  return Buffer.concat([startOf(C, tail), cbc(createCipheriv, key, vectors.subarray(0, 16), padded(stream, C)), cbc(createCipheriv, key, vectors.subarray(16), padded(listing, 176)), tail]);
}

// The checks, in their order.
const DAY = 86400000;
const keysOf = (node, party) => (node.counterparties[party]?.signing_keys ?? []).map(decode);

// The text of an offer: in its one form, and the one that the manifest names (The digest of a protocol).
const sorted = (value, keep) => Array.isArray(value) ? value.map((each) => sorted(each, keep)) :
  value === null || typeof value !== "object" ? keep.string(value) :
  Object.fromEntries(Object.keys(value).sort().filter(keep.name).map((name) => [name, sorted(value[name], keep)]));
const whole = { name: () => true, string: (text) => text };
const agreed = {
  name: (name) => !["flags", "kept_by", "added", "signed_on", "electronic"].includes(name),
  string: (text) => typeof text !== "string" ? text : text.split("\n").map((line) => line.split(/\s+/u).filter(Boolean).join(" ")).filter(Boolean).join("\n").normalize("NFC"),
};

function broughtBy(text, named) {
  let found;
  try { found = JSON.parse(text); } catch { return null; }
  if (found === null || typeof found !== "object" || JSON.stringify(sorted(found, whole)) !== text) return null;
  const digest = sha256(Buffer.from(JSON.stringify(sorted(found, agreed)))).toString("hex");
  if (found.id !== named.id || found.version !== named.version || digest !== named.sha256) return null;
  const parties = ["discloser", "recipient"].map((role) => found.parties.find((each) => each.role === role).kbo.replaceAll(".", ""));
  return { parties, sha256: digest };
}

export function read(node, jws, file) {
  const told = {};
  try {
    if (jws.length > 32768 || file.length > 1048576) refuse("too_large");
    const { m, kid, signature, digest, signed } = parse(jws);
    const key = keysOf(node, m.sender).find((raw) => keyId(raw) === kid) ?? refuse("unknown_sender");
    if (!verify(null, signed, publicKey(key), signature)) refuse("bad_signature");
    if (m.recipient !== node.kbo) refuse("not_for_us");
    if (m.practice !== node.practice) refuse("practice");
    told.checkpoint = look(m, node, decode);
    const before = node.accepted[m.id];
    if (before !== undefined && before !== digest) refuse("id_reused");
    if (before !== undefined) return { outcome: "duplicate", ...told };
    const at = Date.parse(node.at), sent = Date.parse(m.sent_at);
    if (sent < at - 90 * DAY) refuse("expired");
    if (sent > at + DAY) refuse("from_the_future");
    if (file.length !== m.archive.size || sha256(file).toString("hex") !== m.archive.sha256) refuse("archive_changed");
    const { message } = openArchive(file, unwrap(m, node.private_keys));
    const content = isMessage(message) ?? refuse("bad_message");
    if (content.kind !== m.kind) refuse("bad_message");
    if (content.kind === "key_card") {
      if (keyId(keysOf(node, m.sender)[0]) !== kid) refuse("unknown_sender");
      if (decode(content.parcel_key)?.length !== 1216 || Date.parse(content.made_at) > at + DAY) refuse("bad_message");
    }
    if (!m.protocol) refuse("protocol_denies");
    const brought = content.kind === "protocol_offer" ? broughtBy(content.document, m.protocol) ?? refuse("bad_message") : undefined;
    const held = node.protocols.find((each) => each.id === m.protocol.id && each.version === m.protocol.version) ?? brought;
    if (!held || [...held.parties].sort().join() !== [m.sender, m.recipient].sort().join()) refuse("unknown_protocol");
    if (held.sha256 !== m.protocol.sha256) refuse("other_text");
    if (!node.allows) refuse("protocol_denies");
    return { outcome: "accepted", ...told, message: content };
  } catch (error) {
    if (error instanceof Refused) return { outcome: error.message, ...told };
    throw error;
  }
}

export function write(given) {
  const salt = decode(given.salt), key = derive(given.password, salt), message = Buffer.from(given.message), own = decode(given.signing_key);
  const file = makeArchive(message, decode(given.paper), given.deflate.map(decode), key, salt, decode(given.vectors));
  const m = { ...given.facts, archive: { name: `zending-${given.facts.id}.7z`, sha256: sha256(file).toString("hex"), size: file.length } };
  const secret = Buffer.from(canonical({ derived: encode(key), password: given.password })), to = decode(given.recipient_key);
  const wrapped = { key: keyId(to), sealed: encode(kem.seal(to, secret, infoOf(m), decode(given.seed))) };
  const ownPublic = createPublicKey(privateKey(own)).export({ format: "der", type: "spki" }).subarray(-32);
  const content = `${encode(header(keyId(ownPublic)))}.${encode(canonical({ ...m, wrapped }))}`;
  return { manifest: `${content}.${encode(sign(null, Buffer.from(content), privateKey(own)))}`, archive: file };
}

function readMail(node, raw) {
  const told = (jws) => { try { return parse(Buffer.from(jws)).m; } catch { return {}; } };
  if (!isParcel(raw, (jws) => told(jws).kind)) return { outcome: "left" };
  const found = both(raw, (jws) => told(jws).archive?.sha256);
  return found ? read(node, found.jws, found.file) : { outcome: "not_a_parcel" };
}

const [verb, ...paths] = process.argv.slice(2);
if (verb === "read") {
  const node = JSON.parse(readFileSync(paths[0], "utf8"));
  const answer = paths[3] === "-" ? read(node, readFileSync(paths[1]), readFileSync(paths[2])) : readMail(node, readFileSync(paths[3]));
  process.stdout.write(`${JSON.stringify(answer)}\n`);
} else if (verb === "write") {
  const made = write(JSON.parse(readFileSync(paths[0], "utf8")));
  writeFileSync(paths[1], made.manifest);
  writeFileSync(paths[2], made.archive);
}
