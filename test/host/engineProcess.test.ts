/** The channel between parent and engine, over a real child process. */
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { nodeEngine } from '../../src/host/engineChild.ts'
import { EngineDefect, EngineDied, startEngine } from '../../src/host/engineProcess.ts'

const program = fileURLToPath(new URL('fakeEngine.ts', import.meta.url))

test('answers requests with typed replies, and a defect is told apart from an error for people', async () => {
  const engine = startEngine(nodeEngine(program))
  const { report } = await engine.request({ type: 'doctor', device: 'cpu' }).reply
  expect(report.node).toBe(process.versions.node)
  await expect(engine.request({ type: 'verify', folder: '/', executor: 'onnx' }).reply).rejects.toThrow(EngineDefect)
  expect(engine.silentForMs()).toBeLessThan(5000)
  await engine.close()
  await expect(engine.request({ type: 'doctor', device: 'cpu' }).reply).rejects.toThrow(EngineDied)
})

test('says why an engine that cannot start did not', async () => {
  const engine = startEngine(nodeEngine(fileURLToPath(new URL('absent.ts', import.meta.url))))
  await expect(engine.request({ type: 'doctor', device: 'cpu' }).reply).rejects.toThrow(
    /^the engine ended with status 1; its last words: Error.*: Cannot find module .*absent\.ts/,
  )
  await engine.close()
})
