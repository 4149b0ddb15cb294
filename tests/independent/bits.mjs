// CRC-32 (IEEE), and Deflate that stops at what was promised.
import zlib from "node:zlib";

const TABLE = Array.from({ length: 256 }, (_, n) => { for (let i = 0; i < 8; i++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1; return n >>> 0; });

export function crc32(raw) {
  let crc = 0xffffffff;
  for (const byte of raw) crc = TABLE[(crc ^ byte) & 255] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

/** Exactly `length` bytes from the whole of `stream`, or null. */
export function inflateRawSync(stream, length) {
  try {
    const { buffer, engine } = zlib.inflateRawSync(stream, { maxOutputLength: length + 1, info: true });
    return buffer.length === length && engine.bytesWritten === stream.length ? buffer : null;
  } catch {
    return null;
  }
}
