/** Messages to a Node whose V8 may be older than this program's: each as its length in four bytes, then as `v8.serialize` writes it. */
import v8 from 'node:v8'

/**
 * The version of that format that Node 24 reads. Electron's V8 writes 16 (Chromium does since 150 at the latest), which a Node 24
 * refuses by that number alone: values of every kind that we send are written alike in both.
 */
const READABLE_VERSION = 15

export function frameOf(message: unknown): Buffer {
  const bytes = v8.serialize(message)
  // The first byte says that a version follows.
  bytes[1] = Math.min(bytes[1], READABLE_VERSION)
  const length = Buffer.alloc(4)
  length.writeUInt32LE(bytes.length)
  return Buffer.concat([length, bytes])
}
