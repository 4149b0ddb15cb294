// Deflate that stops at what was promised.
import zlib from "node:zlib";

/** Exactly `length` bytes from the whole of `stream`, or null. */
export function inflateRawSync(stream, length) {
  try {
    const { buffer, engine } = zlib.inflateRawSync(stream, { maxOutputLength: length + 1, info: true });
    return buffer.length === length && engine.bytesWritten === stream.length ? buffer : null;
  } catch {
    return null;
  }
}
