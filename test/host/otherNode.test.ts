/** An engine on another Node than this program's, whose V8 may be older: Electron's writes a format that Node 24 does not read. */
import { linkSync, copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import v8 from 'node:v8'
import { afterEach, expect, test, vi } from 'vitest'
import { readFrames } from '../../src/engine/messageFrames.ts'
import { nodeEngine } from '../../src/host/engineChild.ts'
import { startEngine } from '../../src/host/engineProcess.ts'
import { frameOf } from '../../src/host/messageFrames.ts'
import { temporaryFolder } from '../temporaryFolder.ts'

afterEach(() => vi.restoreAllMocks())

/** As a newer V8 writes: what follows the number is the same. */
function writeNewer(): void {
  const serialize = v8.serialize
  vi.spyOn(v8, 'serialize').mockImplementation((value) => {
    const bytes = serialize(value)
    bytes[1] = 16
    return bytes
  })
}

/** The same program under another name. */
function otherNode(): string {
  const copy = join(temporaryFolder(), process.platform === 'win32' ? 'node.exe' : 'node')
  try {
    linkSync(process.execPath, copy)
  } catch {
    copyFileSync(process.execPath, copy)
  }
  return copy
}

const messages = [
  { type: 'first', tokens: Int32Array.of(1, -2, 3), cost: Infinity, none: undefined },
  'ä→б'.repeat(50_000),
  { known: [{ entropies: Float32Array.of(0.5), at: null }] },
]

test('messages come as they were sent, however the stream cuts them, also where a newer V8 wrote them', () => {
  writeNewer()
  const all = Buffer.concat(messages.map(frameOf))
  for (const size of [1000, 4099, all.length]) {
    const [stream, heard] = [new PassThrough(), vi.fn()]
    readFrames(stream, heard)
    for (let at = 0; at < all.length; at += size) stream.emit('data', all.subarray(at, at + size))
    expect(heard.mock.calls.map(([message]) => message)).toEqual(messages)
  }
  const [stream, heard] = [new PassThrough(), vi.fn()]
  readFrames(stream, heard)
  for (const byte of frameOf(messages[0])) stream.emit('data', Buffer.of(byte))
  expect(heard.mock.calls).toEqual([[messages[0]]])
})

test('an engine on another Node is asked by a newer V8, answers, and ends when it is let go', async () => {
  writeNewer()
  const engine = startEngine(nodeEngine(undefined, otherNode()))
  const tokens = Int32Array.of(5, 6, 7)
  const asked = { type: 'showTokens', model: 'harbor', tokens, splitState: 'complete', cues: 'r1' } as const
  const reply = await engine.request(asked).reply
  expect(reply.shown).toBeDefined()
  await engine.close()
})
