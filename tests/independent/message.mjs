// A message in its one normal form: message.schema.json, and what it says in words.
import { readFileSync } from "node:fs";

const SCHEMA = JSON.parse(readFileSync(new URL("../../docs/spec/message.schema.json", import.meta.url), "utf8"));
const NAME = /^[\p{L}\p{M}\p{Cn} .'\u2019\u02bc\-\u2010\u00b7\u05f3\u05f4\u0f0b\u200c\u200d\u2027\u30fb]+$/u;
const LINE = /^[\p{L}\p{M}\p{N}\p{Cn} "#&'()*+,\-./:;[\]\u00b0\u200c\u200d\u2019]+$/u;
const words = (text) => text === text.normalize("NFC") && !/^ | $|  /.test(text);
const isName = (text) => words(text) && NAME.test(text) && /\p{L}|\p{Cn}/u.test(text);
const isLine = (text) => words(text) && LINE.test(text) && !isNational(text);
const isRemark = (text) => !/[^\P{Cc}\n]|\p{Cs}|^\p{White_Space}|\p{White_Space}$/u.test(text) && !isNational(text);
const FORMS = { given_name: isName, family_name: isName, street: isLine, number: isLine, box: isLine,
  remark: isRemark, facts: isRemark, consequences: isRemark, measures: isRemark, task: isRemark, guarantees: isRemark };

/** A national register number, as parcel.md says. */
const NATIONAL = /(?<!\p{Nd})[0-9](?:[^\p{L}\p{N}_]{0,3}[0-9]){10}(?!\p{Nd})/gu;
const isNational = (text) => (text.normalize("NFKC").match(NATIONAL) ?? []).map((each) => each.replace(/[^0-9]/g, "")).some((n) => {
  const [first, check, year, month] = [n.slice(0, 9), n.slice(9), n.slice(0, 2), n.slice(2, 4)].map(Number);
  const fits = check === 97 - (first % 97) || (year <= 26 && check === 97 - ((2e9 + first) % 97));
  return fits && Number(n) > 0 && month <= 52 && month % 20 <= 12;
});
/** A day of the calendar, and a second of the clock, whose forms are right. */
const isDay = (text) => { const at = new Date(`${text.slice(0, 10)}T00:00:00Z`); return !Number.isNaN(at.getTime()) && at.toISOString().slice(0, 10) === text.slice(0, 10); };
const isTime = (text) => { const [hour, minute, second] = text.slice(11, 19).split(":").map(Number); return isDay(text) && hour < 24 && minute < 60 && second < 60; };

function fits(value, schema, name = "") {
  if (schema.$ref) return fits(value, SCHEMA.$defs[schema.$ref.split("/").pop()], name);
  if (schema.oneOf) return schema.oneOf.some((each) => fits(value, each, name));
  if ("const" in schema) return value === schema.const;
  if (schema.enum) return schema.enum.includes(value);
  if (schema.type === "object") return isObject(value, schema);
  if (schema.type === "array")
    return Array.isArray(value) && value.length >= (schema.minItems ?? 0) && value.length <= (schema.maxItems ?? 1e6) &&
      (!schema.uniqueItems || new Set(value).size === value.length) && value.every((each) => fits(each, schema.items));
  if (schema.type === "integer") return value instanceof Whole && value.n >= (schema.minimum ?? -Infinity) && value.n <= (schema.maximum ?? Infinity) && value.n < (schema.exclusiveMaximum ?? Infinity);
  if (schema.type === "boolean") return typeof value === "boolean";
  if (schema.type !== "string" || typeof value !== "string") return false;
  const length = [...value].length;
  return length >= (schema.minLength ?? 0) && length <= (schema.maxLength ?? Infinity) && (!schema.pattern || new RegExp(schema.pattern, "u").test(value)) &&
    (schema.format !== "date" || isDay(value)) && (schema.format !== "date-time" || isTime(value)) && (!FORMS[name] || FORMS[name](value));
}

const isObject = (value, schema) =>
  value !== null && typeof value === "object" && !Array.isArray(value) && (schema.required ?? []).every((name) => name in value) &&
  Object.entries(value).every(([name, each]) => schema.properties[name] && fits(each, schema.properties[name], name));

/** A number without a point: JSON.parse makes 1 of 1.0, and a reader must tell them apart. */
class Whole { constructor(n) { this.n = n; } toJSON() { return this.n; } }

/** JSON with every name once and whole numbers kept apart. */
function parse(text) {
  let at = 0;
  const fail = () => { throw new SyntaxError("not JSON in its one form"); };
  const space = () => { while (" \t\n\r".includes(text[at] ?? "x")) at++; };
  const token = (form) => { form.lastIndex = at; const found = form.exec(text)?.[0] ?? fail(); at += found.length; return found; };
  const list = (close, each) => { at++; space(); if (text[at] === close) { at++; return; } for (;;) { each(); space(); if (text[at] === close) { at++; return; } if (text[at++] !== ",") fail(); } };
  const string = () => JSON.parse(token(/"(?:[^"\\]|\\.)*"/gy));
  function value() {
    space();
    if (text[at] === "{") {
      const out = Object.create(null);
      list("}", () => { space(); const name = string(); space(); if (text[at++] !== ":" || name in out) fail(); out[name] = value(); });
      return out;
    }
    if (text[at] === "[") { const out = []; list("]", () => out.push(value())); return out; }
    if (text[at] === '"') return string();
    const word = token(/-?[0-9][0-9.eE+-]*|true|false|null/gy);
    return /^-?(0|[1-9][0-9]*)$/.test(word) ? new Whole(Number(word)) : JSON.parse(word);
  }
  const found = value();
  space();
  return at === text.length ? found : fail();
}

/** What no schema says: a way to reach, one or two names, one correction, a ground. */
function hangsTogether(m) {
  const { client, correction } = m;
  if (client && !(client.phone || client.email || client.address?.street)) return false;
  if (client && (!client.family_name || !client.given_name === !client.has_one_name)) return false;
  if (m.kind === "quality_answer" && (m.result === "corrected") !== Boolean(correction)) return false;
  if (m.kind === "rights_notice" && (m.right === "rectified") !== Boolean(correction)) return false;
  if (correction && Object.keys(correction).length !== 1) return false;
  return m.kind !== "notice" || (m.about === "at_once") === Boolean(m.ground);
}

/** The message, or null. */
export function isMessage(raw) {
  try {
    const found = parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(raw));
    const kind = Object.values(SCHEMA.$defs).find((each) => each.properties?.kind?.const === found.kind);
    return kind && fits(found, kind) && hangsTogether(found) ? JSON.parse(JSON.stringify(found)) : null;
  } catch {
    return null;
  }
}
