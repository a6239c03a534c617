/**
 * An engine for tests of the host: a real process that speaks the real channel and does what the study's description
 * says: a list of words, each an act. It keeps the steps it has done in its work folder, as checkpoints.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { serveParent } from '../../src/engine/channel.ts'
import type { EngineEvent } from '../../src/shared/events.ts'
import { ReflectoryError } from '../../src/shared/errors.ts'
import type { ModelDescription } from '../../src/shared/modelDescription.ts'
import { plan, result, trajectory } from '../sampleStudy.ts'

const use = { sequences: 1, tokens: 64, longest: 256 }
const harbor: ModelDescription = {
  folder: 'resources/harbor',
  family: 'llama',
  architecture: 'LlamaForCausalLM',
  layers: 4,
  hiddenSize: 160,
  parameters: 1000,
  contextTokens: 256,
  scores: null,
  vocabularySize: 300,
  weights: { files: 1, bytes: 4000, dtypes: { F32: 1000 } },
  tokenizer: null,
  template: null,
  adapters: [],
  memory: {
    weights: 4000,
    free: 1e9,
    uses: [
      { use: 'sampling', ...use, bytes: 2e8 },
      { use: 'adapter', ...use, bytes: 3e8 },
      { use: 'whole', ...use, bytes: 4e8 },
    ],
  },
  notes: [],
  problems: [],
}

serveParent(async (request, { signal, emit }) => {
  if (request.type === 'doctor') {
    const report = {
      node: process.versions.node,
      onnxruntime: '0',
      carried: ['cpu'],
      works: request.device === 'cpu',
      detail: 'tried',
    }
    return { type: 'doctor', report }
  }
  if (request.type === 'doctorTensorFlow') {
    return { type: 'doctorTensorFlow', report: { installed: null, works: true, detail: 'tried' } }
  }
  if (request.type === 'describeModel') {
    if (request.model !== 'harbor') throw new ReflectoryError('bad-model', request.model, 'is not there', 'Name another.')
    return { type: 'describeModel', description: harbor }
  }
  if (request.type !== 'runStudy') throw new TypeError('a defect')
  const { study, workFolder, resume } = request
  const acts = study.description.split(' ')
  if (acts.includes('bad-model'))
    throw new ReflectoryError('bad-model', 'model.safetensors', 'is cut off', 'Copy it again.')
  if (acts.includes('die-early')) process.exit(7)
  if (acts.includes('ponder')) {
    while (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, 20))
    throw new ReflectoryError('cancelled', 'study', 'was stopped', 'Start it anew.')
  }
  await emit({ ...plan, study })
  const saved = join(workFolder, 'step')
  mkdirSync(workFolder, { recursive: true })
  const first = resume && existsSync(saved) ? Number(readFileSync(saved, 'utf8')) : 0
  const of = { arm: 'rl', seed: 0 }
  await emit({ type: 'armStarted', ...of })
  for (let step = first; step < 4; step++) {
    const items = [0, 1].map((sample) =>
      trajectory(`train/${step}/${sample}`, { phase: 'train', step, sampleIndex: sample }),
    )
    await emit({ type: 'trajectoriesRecorded', ...of, items })
    await emit({ type: 'stepFinished', ...of, step, metrics: { reward: step } })
    if (step === 2 && !resume) await misbehave(acts, emit)
    writeFileSync(saved, String(step + 1))
    await emit({ type: 'checkpointSaved', ...of, step, folder: workFolder })
    if (acts.includes('slow')) await new Promise((resolve) => setTimeout(resolve, 200))
    if (signal.aborted) {
      await emit({ type: 'interrupted', reason: `stopped after step ${step}`, resumable: true })
      throw new ReflectoryError('cancelled', 'study', 'was stopped', 'Go on with --resume.')
    }
  }
  await emit({ type: 'armFinished', ...of, seconds: { training: 2, evaluation: 1 } })
  await emit({ type: 'studyFinished', result })
  return { type: 'runStudy', result }
})

async function misbehave(acts: string[], emit: (event: EngineEvent) => Promise<void>): Promise<void> {
  if (acts.includes('die')) {
    process.stderr.write('onnxruntime: out of luck\n')
    process.exit(9)
  }
  if (acts.includes('killed')) process.kill(process.pid, 'SIGKILL')
  if (acts.includes('defect')) throw new TypeError('x is not a function')
  if (acts.includes('no-room'))
    throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC', path: 'step-2/weights' })
  if (acts.includes('hang')) await new Promise(() => setInterval(() => undefined, 1000))
  if (acts.includes('nonsense')) process.send?.({ type: 'event', id: 1, event: { type: 'unheard of' } })
  if (acts.includes('flood')) {
    const items = Array.from({ length: 50 }, (_, i) => trajectory(`flood/${i}`, { text: 'x'.repeat(5000) }))
    await emit({ type: 'trajectoriesRecorded', arm: 'rl', seed: 0, items })
  }
}
