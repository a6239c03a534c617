/** Reads the messages of a parent that is another program than this Node, as `host/messageFrames.ts` writes them. */
import type { Readable } from 'node:stream'
import { deserialize } from 'node:v8'

export function readFrames(stream: Readable, onMessage: (raw: unknown) => void): void {
  let parts: Buffer[] = []
  let bytes = 0
  let wanted = 4
  stream.on('data', (part: Buffer) => {
    parts.push(part)
    bytes += part.length
    while (bytes >= wanted) {
      const all = Buffer.concat(parts)
      const end = 4 + all.readUInt32LE(0)
      if (bytes >= end) {
        onMessage(deserialize(all.subarray(4, end)))
        bytes -= end
        wanted = 4
        parts = [all.subarray(end)]
      } else {
        wanted = end
        parts = [all]
      }
    }
  })
}
