/** `reflectory export`: what an arm of a run trained, as a folder that other programs load. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { z } from 'zod'
import { startEngine } from '../host/engineProcess.ts'
import { ReflectoryError } from '../shared/errors.ts'
import { armFolder, trainedModelIn } from '../shared/runFolders.ts'
import { listArms } from '../store/runs.ts'
import { needRun, withStore } from './records.ts'

const Options = z.object({
  store: z.string(),
  arm: z.string(),
  seed: z.number().optional(),
  to: z.string(),
  adapter: z.boolean().default(false),
  json: z.boolean().default(false),
})

export async function exportCommand(runId: string, raw: unknown): Promise<void> {
  const { store, arm, seed, to, adapter, json } = Options.parse(raw)
  const source = withStore(store, (opened) => {
    const run = needRun(opened, runId)
    const trained = listArms(opened, runId).filter(({ method }) => method !== 'base')
    const found = trained.find(({ name, seed: own }) => name === arm && (seed === undefined || own === seed))
    const known = trained.map(({ name, seed: own }) => `${name} (seed ${own})`).join(', ')
    if (!found) throw new ReflectoryError('bad-argument', '--arm', 'this run trained no such arm', `It trained: ${known || 'none'}.`)
    return trainedModelIn(armFolder(run.workFolder, found.name, found.seed))
  })
  if (!existsSync(source)) {
    throw new ReflectoryError('bad-argument', source, 'the arm has not been trained to its end, or its folder has gone', 'Resume the run first.')
  }
  const engine = startEngine()
  try {
    const request = { type: 'exportModel', source, target: resolve(to), form: adapter ? 'adapter' : 'merged' } as const
    const { folder, dtype } = await engine.request(request).reply
    process.stdout.write(json ? `${JSON.stringify({ folder, dtype })}\n` : `wrote ${folder} (${adapter ? 'adapter' : 'whole model'}, ${dtype})\n`)
  } finally {
    await engine.close()
  }
}
