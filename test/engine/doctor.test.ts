/** The examination of the machine. */
import { describe, expect, test } from 'vitest'
import type { Device } from '../../src/shared/devices.ts'
import { startEngine } from '../../src/host/engineProcess.ts'
import { requires } from '../requirements.ts'

const hasGpu = requires('webgpu')

/** In the engine's own process, as the command line does it. */
async function examine(device: Device) {
  const engine = startEngine()
  try {
    return (await engine.request({ type: 'doctor', device }).reply).report
  } finally {
    await engine.close()
  }
}

describe('doctor', () => {
  test('finds the processor working, and names the versions', async () => {
    const report = await examine('cpu')
    expect(report).toMatchObject({ works: true, node: process.versions.node })
    expect(report.carried).toContain('cpu')
    expect(report.onnxruntime).toMatch(/^\d+\.\d+\.\d+/)
  })

  test('says what TensorFlow.js would compute with', async () => {
    const engine = startEngine()
    const { report } = await engine.request({ type: 'doctorTensorFlow' }).reply
    await engine.close()
    expect(report).toMatchObject({ works: true, detail: expect.stringContaining('a 64 x 64 product came out right') })
  })

  test.skipIf(!hasGpu)('finds a GPU working, a software one too', async () => {
    expect(await examine('webgpu')).toMatchObject({ works: true })
  })
})
