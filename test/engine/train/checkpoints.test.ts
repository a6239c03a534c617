import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { AdamW, defaultAdamW } from '../../../src/engine/train/adamw.ts'
import { loadCheckpoint, saveCheckpoint } from '../../../src/engine/train/checkpoints.ts'
import { temporaryFolder } from '../../temporaryFolder.ts'

let folder: string
beforeEach(() => {
  folder = temporaryFolder()
})

function trainer(first: number) {
  const parameters = [
    { name: 'layers.0.weight', shape: [2, 1], data: Float32Array.of(first, 0.1) },
    { name: 'norm', shape: [1], data: Float32Array.of(1) },
  ]
  return { parameters, optimizer: new AdamW(parameters, defaultAdamW) }
}

const gradients = new Map([
  ['layers.0.weight', Float32Array.of(0.3, -0.2)],
  ['norm', Float32Array.of(1e-30)],
])

function saveSteps(count: number): ReturnType<typeof trainer> {
  const made = trainer(0.5)
  for (let step = 1; step <= count; step++) {
    made.optimizer.step(gradients, 0.01)
    const metrics = Array.from({ length: step }, (_, i) => ({ loss: i / 3 }))
    saveCheckpoint(folder, made.parameters, { step, optimizer: made.optimizer.state(), metrics }, 'arm a')
  }
  return made
}

describe('checkpoints', () => {
  it('give back every bit of weights, moments, steps and metrics', () => {
    const { parameters, optimizer } = saveSteps(3)
    const { state, damaged } = loadCheckpoint(folder, 'arm a')!
    expect(damaged).toEqual([])
    expect(state.step).toBe(3)
    expect(state.metrics).toEqual([{ loss: 0 }, { loss: 1 / 3 }, { loss: 2 / 3 }])
    expect([...state.weights]).toEqual(expect.arrayContaining(parameters.map(({ name, data }) => [name, data])))
    expect(state.optimizer.steps).toBe(3)
    expect(new Map(state.optimizer.tensors)).toEqual(new Map(optimizer.state().tensors))
  })

  it('keeps the newest two', () => {
    saveSteps(4)
    expect(readdirSync(folder).sort()).toEqual(['step-00000003.safetensors', 'step-00000004.safetensors'])
  })

  it('writes the same bytes for the same state', () => {
    saveSteps(1)
    const file = join(folder, 'step-00000001.safetensors')
    const before = readFileSync(file)
    rmSync(file)
    saveSteps(1)
    expect(readFileSync(file).equals(before)).toBe(true)
  })

  it('falls back to the older checkpoint when the newest is cut short, and says so', () => {
    saveSteps(2)
    const newest = join(folder, 'step-00000002.safetensors')
    truncateSync(newest, 200)
    const loaded = loadCheckpoint(folder, 'arm a')!
    expect(loaded.state.step).toBe(1)
    expect(loaded.damaged.map(({ file }) => file)).toEqual([newest])
  })

  it('ignores a file that was still being written', () => {
    saveSteps(1)
    writeFileSync(join(folder, 'step-00000002.safetensors.partial'), 'half')
    expect(loadCheckpoint(folder, 'arm a')!.state.step).toBe(1)
  })

  it('refuses to start over in silence when checkpoints exist and none can be read', () => {
    saveSteps(1)
    truncateSync(join(folder, 'step-00000001.safetensors'), 5)
    expect(() => loadCheckpoint(folder, 'arm a')).toThrow('no checkpoint can be read')
  })

  it('refuses to go on under other settings', () => {
    saveSteps(1)
    expect(() => loadCheckpoint(folder, 'arm b')).toThrow('other settings')
  })

  it('finds nothing in a folder that is empty or missing', () => {
    expect(loadCheckpoint(folder, 'arm a')).toBeNull()
    expect(loadCheckpoint(join(folder, 'none'), 'arm a')).toBeNull()
  })
})
