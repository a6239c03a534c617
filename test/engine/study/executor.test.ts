/** A study that computes with TensorFlow.js, as it is planned. */
import { expect, it, vi } from 'vitest'
import { planStudy } from '../../../src/engine/study/plan.ts'
import { StudyConfig } from '../../../src/shared/study.ts'
import { temporaryFolder } from '../../temporaryFolder.ts'

const few = { count: 2 }
const study = (executor: 'onnx' | 'tfjs') =>
  StudyConfig.parse({
    name: 'executor',
    executor,
    data: { puzzles: { harbor: 'puzzle', split: 'held-out', ...few } },
    evaluation: { sources: ['puzzles'] },
    arms: [{ name: 'base', method: 'base' }],
  })

it('refuses a broken native build before anything is recorded, says where it computes, and is silent otherwise', async () => {
  vi.stubEnv('REFLECTORY_TFJS', temporaryFolder())
  await expect(planStudy(study('tfjs'))).rejects.toThrow('tfjs-node-gpu is not installed in it')
  vi.stubEnv('REFLECTORY_TFJS', '')
  const planned = await planStudy(study('tfjs'))
  expect(planned.planned.device).toBe('tfjs')
  const text = 'TensorFlow.js computes in WebAssembly, slowly: @tensorflow/tfjs-node-gpu was not found'
  expect(planned.notices).toContainEqual({ level: 'warning', text })
  const usual = await planStudy(study('onnx'))
  expect(usual.planned.device).toBe('cpu')
  expect(usual.notices.filter((notice) => notice.text.includes('TensorFlow'))).toEqual([])
})
