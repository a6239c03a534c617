/** `npm run bench -- model`: what a real model's size costs, each limit with its verdict, and how fast texts become tokens. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { writeLargeModel } from './largeModel.ts'
import { measureTokenizers, tokenizerLine } from './tokenizer.ts'

const Loaded = z.object({ readMs: z.number(), readyMs: z.number(), limitMs: z.number() })
const Decoded = z.object({ tokensPerSecond: z.number(), bandwidthShare: z.number(), memoryRatio: z.number() })
const Trained = z.object({ ratio: z.number(), ms: z.number(), tokensPerSecond: z.number(), peakMB: z.number() })

const verdict = (isMet: boolean): string => (isMet ? 'pass' : 'MISS')

function measure<T>(folder: string, kind: string, schema: z.ZodType<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const program = join(import.meta.dirname, 'measureLarge.ts')
    const child = spawn(process.execPath, [program, folder, kind], { stdio: ['ignore', 'pipe', 'inherit'] })
    let output = ''
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) resolve(schema.parse(JSON.parse(output)))
      else reject(new Error(`measurement ended with ${code}`))
    })
  })
}

/** @param kept a folder where the model stays for the next time; a temporary one where null */
export async function benchModel(kept: string | null, say: (line: string) => void): Promise<void> {
  const folder = kept ?? mkdtempSync(join(tmpdir(), 'reflectory-large-'))
  try {
    say('a model of the shape of Qwen2.5-0.5B, random weights, bf16 on the disk, two threads')
    writeLargeModel(folder)
    const { readMs, readyMs, limitMs } = await measure(folder, 'load', Loaded)
    const ready = `ready to sample after ${readyMs.toFixed(0)} ms; reading its files once takes ${readMs.toFixed(0)} ms`
    say(`${ready}   (at most ${limitMs.toFixed(0)}: ${verdict(readyMs <= limitMs)})`)
    const { tokensPerSecond, bandwidthShare, memoryRatio } = await measure(folder, 'decode', Decoded)
    say(`memory in sampling ${memoryRatio.toFixed(2)} of the weights as 32-bit numbers   (at most 1.30: ${verdict(memoryRatio <= 1.3)})`)
    const decoded = `decoding one sequence: ${tokensPerSecond.toFixed(1)} tokens/s, ${bandwidthShare.toFixed(2)} of the rate of copying memory`
    say(`${decoded}   (at least 0.60: ${verdict(bandwidthShare >= 0.6)})`)
    const { ratio, ms, peakMB } = await measure(folder, 'lora', Trained)
    const trained = `training an adapter, 4 x 256: ${ratio.toFixed(2)} of the product's rate, ${ms.toFixed(0)} ms, peak ${peakMB} MB`
    say(`${trained}   (at least 0.50: ${verdict(ratio >= 0.5)})`)
    for (const speed of measureTokenizers()) say(tokenizerLine(speed))
  } finally {
    if (kept === null) rmSync(folder, { recursive: true, force: true })
  }
}
