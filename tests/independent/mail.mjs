// Both parts of a parcel in a mail, as parcel.md says how a reader finds them.
import { createHash } from "node:crypto";

const NAME = /^zending-[0-9a-f-]{36}\.(7z|jws)$/i, JWS = /^[\w-]{60,200}\.[\w-]{200,32768}\.[\w-]{86}$/;

function split(text) {
  const [, head = "", body = ""] = /^([^]*?)\r?\n\r?\n([^]*)$/.exec(text) ?? [, text, ""];
  const fields = {};
  for (const line of head.replace(/\r?\n[ \t]+/g, " ").split(/\r?\n/)) {
    const [, name, value] = /^([^:]+):\s*(.*)$/.exec(line) ?? [];
    if (name) fields[name.toLowerCase()] = value;
  }
  return { fields, body };
}

function parameter(field, name) {
  const plain = new RegExp(`;\\s*${name}="?([^";]*)"?`, "i").exec(field ?? "")?.[1];
  const coded = new RegExp(`;\\s*${name}\\*=[^']*'[^']*'([^;]*)`, "i").exec(field ?? "")?.[1];
  return coded ? decodeURIComponent(coded) : plain;
}

function decoded(body, coding = "") {
  if (/base64/i.test(coding)) return Buffer.from(body, "base64");
  if (/quoted-printable/i.test(coding))
    return Buffer.from(body.replace(/=\r?\n/g, "").replace(/=([0-9A-Fa-f]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16))), "latin1");
  return Buffer.from(body, "latin1");
}

function* leaves(text, depth = 0) {
  const { fields, body } = split(text), border = parameter(fields["content-type"], "boundary");
  if (border && depth < 10) {
    const [, ...parts] = `\n${body}`.split(new RegExp(`\\r?\\n--${border.replace(/[^\w]/g, "\\$&")}(?:--)?[ \\t]*(?:\\r?\\n|$)`));
    for (const part of parts) yield* leaves(part, depth + 1);
  } else yield { fields, body };
}

/** Manifests and archives by their content, each once; whether an archive bears the name of a parcel. */
function look(raw) {
  const manifests = new Set(), archives = new Map();
  let named = false;
  for (const { fields, body } of leaves(raw.toString("latin1"))) {
    const name = parameter(fields["content-disposition"], "filename") ?? parameter(fields["content-type"], "name") ?? "";
    const content = decoded(body, fields["content-transfer-encoding"]), text = content.toString("latin1").replace(/\s|^\u00ef\u00bb\u00bf/g, "");
    if (content.subarray(0, 6).equals(Buffer.from("377abcaf271c", "hex"))) {
      archives.set(createHash("sha256").update(content).digest("hex"), content);
      named ||= NAME.test(name);
    } else if (JWS.test(text) && Buffer.from(text.split(".")[0], "base64url").includes('"brug-parcel+jws"')) manifests.add(text);
  }
  return { manifests: [...manifests], archives, named };
}

/** The manifest and the archive that it names, else the first; null where there is not one of each. */
export function both(raw, hashOf) {
  const { manifests: [jws, other], archives } = look(raw);
  return jws && !other && archives.size ? { jws: Buffer.from(jws), file: archives.get(hashOf(jws)) ?? [...archives.values()][0] } : null;
}

/** Whether a node takes it out of the mailbox; `kindOf` a manifest, proven or not, says whether a person opens it. */
export function isParcel(raw, kindOf) {
  const { fields } = split(raw.toString("latin1")), { manifests, named } = look(raw);
  if (/^auto-replied/i.test(fields["auto-submitted"] ?? "") || /^multipart\/report\b/i.test(fields["content-type"] ?? "")) return false;
  return manifests.length ? !manifests.some((jws) => kindOf(jws) === "onward") : named;
}
