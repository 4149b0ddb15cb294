// What a receiver makes of the sender's checkpoint (ledger.md): signed notes, RFC 6962, and what convicts.
import { createHash, createPublicKey, verify } from "node:crypto";

const sha256 = (...parts) => createHash("sha256").update(Buffer.concat(parts.map((part) => Buffer.from(part)))).digest();
const node = (left, right) => sha256([1], left, right);
const unbase64 = (text) => (Buffer.from(text, "base64").toString("base64") === text ? Buffer.from(text, "base64") : null);
const spki = (raw) => createPublicKey({ key: Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), raw]), format: "der", type: "spki" });
const idOf = (name, kind, raw) => sha256(`${name}\n`, [kind], raw).subarray(0, 4);

/** { size, root, at } of a note that this key signed; else the reason. */
function parse(note, origin, key) {
  const border = note.lastIndexOf("\n\n"), lines = note.slice(border + 2);
  if (note.length > 16384 || border < 0 || !lines.endsWith("\n") || /[\x00-\x09\x0b-\x1f]/.test(note)) return "bad_note";
  let text = note.slice(0, border + 1), signed = false, at = -1;
  for (const line of lines.slice(0, -1).split("\n")) {
    const [, name, encoded] = /^— ([^\s+]+) (\S*)$/.exec(line) ?? [];
    if (!name) return "bad_note";
    const raw = unbase64(encoded);
    if (!raw) return "bad_encoding";
    if (raw.length < 5) return "bad_note";
    if (name !== origin) continue;
    const id = raw.subarray(0, 4);
    if (id.equals(idOf(name, 1, key))) {
      if (!verify(null, Buffer.from(text), spki(key), raw.subarray(4))) return "bad_signature";
      signed = true;
    } else if (id.equals(idOf(name, 4, key))) {
      const seconds = raw.readBigUInt64BE(4);
      if (!verify(null, Buffer.from(`cosignature/v1\ntime ${seconds}\n${text}`), spki(key), raw.subarray(12))) return "bad_signature";
      at = Number(seconds);
    }
  }
  if (!signed) return "unsigned_note";
  const [, name, size, root] = /^([^\n]+)\n(0|[1-9][0-9]{0,18})\n([^\n]+)\n$/.exec(text) ?? [];
  const raw = root && unbase64(root);
  if (!name || raw?.length !== 32) return "bad_checkpoint";
  return name === origin ? { size: Number(size), root: raw, at } : "other_log";
}

/** RFC 9162 section 2.1.4.2. */
function follows(old, size, oldRoot, root, proof) {
  if (old === 0 || old === size) return proof.length === 0 && (old === 0 || oldRoot.equals(root));
  const path = Number.isInteger(Math.log2(old)) ? [oldRoot, ...proof] : [...proof];
  if (!path.length) return false;
  let fn = old - 1, sn = size - 1, [fr] = path, sr = fr;
  while (fn % 2) [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
  for (const step of path.slice(1)) {
    if (sn === 0) return false;
    if (fn % 2 || fn === sn) {
      [fr, sr] = [node(step, fr), node(step, sr)];
      while (fn % 2 === 0 && fn) [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
    } else sr = node(sr, step);
    [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
  }
  return sn === 0 && fr.equals(oldRoot) && sr.equals(root);
}

/** `cosigned`, `none`, `fork` or `smaller`, or the reason why no line is given. */
export function look(m, known, decode) {
  const key = decode(known.counterparties[m.sender].checkpoint_key ?? ""), origin = `brug/${m.sender}/ledger`;
  if (!m.checkpoint || !key?.length) return "none";
  const told = parse(m.checkpoint, origin, key), seen = (known.witnessed ?? []).map((note) => parse(note, origin, key));
  if (typeof told === "string") return told;
  if (seen.some((old) => old.size === told.size && !old.root.equals(told.root))) return "fork";
  const next = seen.filter((old) => old.size > told.size).reduce((one, other) => (one && one.size < other.size ? one : other), null);
  if (!seen.some((old) => old.size === told.size) && next && next.at >= 0 && next.at < told.at) return "smaller";
  const last = seen.reduce((one, other) => (other.size > one.size ? other : one), { size: 0, root: sha256("") });
  if (told.size === last.size && told.root.equals(last.root)) return "cosigned";
  if (m.consistency?.after !== last.size) return "none";
  return told.size >= last.size && follows(last.size, told.size, last.root, told.root, m.consistency.proof.map(decode)) ? "cosigned" : "no_proof";
}
