// Both parts of a parcel in a mail, as parcel.md says how a reader finds them.
const NAME = /^zending-[0-9a-f-]{36}\.(7z|jws)$/;

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

function decoded(body, coding = "7bit") {
  if (/base64/i.test(coding)) return Buffer.from(body.replace(/[^A-Za-z0-9+/=]/g, ""), "base64");
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

/** By ending; null where one stands there twice. */
export function attachments(raw) {
  const found = {};
  for (const { fields, body } of leaves(raw.toString("latin1"))) {
    const name = parameter(fields["content-disposition"], "filename") ?? parameter(fields["content-type"], "name") ?? "";
    const ending = NAME.exec(name)?.[1];
    if (ending && ending in found) return null;
    if (ending) found[ending] = decoded(body, fields["content-transfer-encoding"]);
  }
  return found;
}

/** Whether a node takes it out of the mailbox; `kindOf` a manifest, proven or not, says whether a person opens it. */
export function isParcel(raw, kindOf) {
  const { fields } = split(raw.toString("latin1"));
  if (/^auto-replied/i.test(fields["auto-submitted"] ?? "") || /^multipart\/report\b/i.test(fields["content-type"] ?? "")) return false;
  const found = attachments(raw);
  return found === null || (Object.keys(found).length > 0 && !(found.jws && kindOf(found.jws) === "onward"));
}
