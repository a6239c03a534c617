/**
 * `npm run bench -- bundle`: a run of about a gigabyte, trajectories of 500 tokens, written as a bundle and taken into another
 * store, each in a process of its own so that its memory is its own.
 */
import { execFileSync } from 'node:child_process'
import { closeSync, fsyncSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { createRecorder } from '../src/host/recorder.ts'
import { RandomStream } from '../src/shared/random.ts'
import { StudyConfig } from '../src/shared/study.ts'
import type { Trajectory } from '../src/shared/trajectory.ts'
import { openStore } from '../src/store/openStore.ts'
import { verdictOf } from './verdict.ts'

const TOKENS = 500
const LIMIT_SECONDS_PER_BYTE = 1 / 100e6
const LIMIT_BYTES = 300e6
const TOGETHER = 64
/** Arms and seeds answer the same prompts. */
const SAME_PROMPT = 8

const Step = z.object({ seconds: z.number(), processorSeconds: z.number(), peakBytes: z.number(), bytes: z.number() })

export function benchBundle(rows: number, say: (line: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'reflectory-bench-'))
  try {
    const store = join(folder, 'there', 'reflectory.sqlite')
    play(store, join(folder, 'there'), rows)
    say(`${rows.toLocaleString('en')} trajectories of ${TOKENS} tokens, a store of ${(statSync(store).size / 1e6).toFixed(0)} MB`)
    say(`the disk writes ${(diskRate(folder) / 1e6).toFixed(0)} MB/s`)
    const bundle = join(folder, 'bundle.zip')
    for (const [what, args] of [
      ['written', ['write', store, bundle]],
      ['taken in', ['read', join(folder, 'here', 'reflectory.sqlite'), bundle]],
    ] as const) {
      const program = fileURLToPath(new URL('bundleStep.ts', import.meta.url))
      const told = execFileSync(process.execPath, [program, ...args], { encoding: 'utf8' })
      const { seconds, processorSeconds, peakBytes, bytes } = Step.parse(JSON.parse(told))
      say(
        `${what}: ${(bytes / 1e6).toFixed(0)} MB in ${seconds.toFixed(1)} s, ${(bytes / seconds / 1e6).toFixed(0)} MB/s (100 MB/s or the disk's): ` +
          `${verdictOf(seconds, bytes * LIMIT_SECONDS_PER_BYTE, seconds, processorSeconds)}; memory ${(peakBytes / 1e6).toFixed(0)} MB of 300: ` +
          verdictOf(peakBytes, LIMIT_BYTES, peakBytes),
      )
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function play(file: string, folder: string, rows: number): void {
  const store = openStore(file)
  const random = new RandomStream(0, ['bench bundle'])
  const study = StudyConfig.parse({ name: 'bench', arms: [{ name: 'base', method: 'base' }] })
  const recorder = createRecorder(store, { id: 'bench', configHash: 'bench', workFolder: join(folder, 'work'), ownerPid: process.pid }, false)
  const model = { name: 'bench', folder: 'bench', architecture: 'none', parameters: 1, contextTokens: 1024, chatTemplate: 'none', hash: 'bench' }
  const arms = [{ arm: 'base', seed: 0, method: 'base', steps: 0 } as const]
  recorder.record({ type: 'studyPlanned', study, model, sources: [], judges: ['harbor'], arms, device: 'cpu', threads: 2 })
  for (let done = 0; done < rows; done += TOGETHER) {
    const items = Array.from({ length: Math.min(TOGETHER, rows - done) }, (_, i) => trajectory(random, done + i))
    recorder.record({ type: 'trajectoriesRecorded', arm: 'base', seed: 0, items })
  }
  recorder.stop('interrupted', 'made for a bench', false)
  store.close()
}

const WORDS = ['first', 'the', 'model', 'takes', 'seven', 'and', 'adds', 'what', 'was', 'asked', 'wait', 'check', 'again', 'so', 'nine']

function trajectory(random: RandomStream, index: number): Trajectory {
  const words = Array.from({ length: TOKENS }, () => WORDS[random.integer(WORDS.length)])
  const [thought, response] = [words.slice(0, 400).join(' '), words.slice(400).join(' ')]
  const numbers = () => Float32Array.from({ length: TOKENS }, () => random.uniform())
  const verdict = (component: 'thought' | 'response' | 'whole') =>
    ({ kind: 'scored', judge: 'harbor', version: '1', component, safe: random.uniform(), raw: null, reason: 'made up' }) as const
  const prompt = Math.floor(index / SAME_PROMPT)
  const question = Array.from({ length: 30 }, (_, i) => WORDS[(prompt + i) % WORDS.length]).join(' ')
  return {
    id: `base/0/evaluation/0/prompt-${prompt}/${index % SAME_PROMPT}`,
    phase: 'evaluation',
    step: 0,
    prompt: { id: `prompt-${prompt}`, set: 'bench', role: 'benign', category: 'bench', text: question, answer: null },
    sampleIndex: index % SAME_PROMPT,
    thinking: true,
    promptTokens: new Int32Array(40).fill(7),
    tokens: Int32Array.from({ length: TOKENS }, () => random.integer(30_000)),
    logProbabilities: numbers(),
    entropies: numbers(),
    text: `${thought} ${response}`,
    split: { state: 'complete', thought, response },
    verdicts: [verdict('thought'), verdict('response'), verdict('whole')],
    compliance: null,
    correctness: null,
    rewardParts: {},
    reward: null,
    advantage: null,
    finish: 'stop',
  }
}

/** Bytes a second that reach the disk. */
function diskRate(folder: string): number {
  const piece = Buffer.alloc(2 ** 22, 1)
  const file = openSync(join(folder, 'rate'), 'w')
  const start = performance.now()
  for (let i = 0; i < 64; i++) writeSync(file, piece)
  fsyncSync(file)
  closeSync(file)
  return (64 * piece.length * 1000) / (performance.now() - start)
}
