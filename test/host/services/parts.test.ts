/** Small parts of the services by themselves: bundling, thinning out, snippets, and the gate. */
import { expect, test, vi } from 'vitest'
import { coalesce } from '../../../src/host/services/coalesce.ts'
import { snippetOf } from '../../../src/host/services/snippet.ts'
import { thinOut } from '../../../src/host/services/thinOut.ts'
import type { Progress } from '../../../src/shared/events.ts'
import type { Pushed } from '../../../src/shared/rpc/pushed.ts'
import { trajectory } from '../../sampleStudy.ts'
import { openDesk } from './openDesk.ts'

test('a thousand events of a quarter of a second become three messages, in their order', () => {
  vi.useFakeTimers()
  const pushed: Pushed[] = []
  const coalescer = coalesce('r', (each) => pushed.push(each), () => 'now')
  const of = { arm: 'rl', seed: 0 }
  const progress = (done: number): Progress => ({
    type: 'progress', ...of, phase: 'training', done, total: 9, unit: 'steps', ratePerSecond: null, etaSeconds: null,
  })
  for (let step = 0; step < 300; step++) {
    coalescer.add({ type: 'stepFinished', ...of, step, metrics: { reward: step === 7 ? NaN : step } })
    coalescer.add({ type: 'trajectoriesRecorded', ...of, items: [trajectory('a')] })
    coalescer.add(progress(step))
  }
  expect(pushed).toEqual([])
  vi.advanceTimersByTime(250)
  expect(pushed.map(({ type }) => type)).toEqual(['steps', 'samples', 'progress'])
  expect(pushed[0]).toMatchObject({ steps: expect.arrayContaining([{ step: 7, metrics: { reward: null } }]) })
  expect(pushed[1]).toMatchObject({ count: 300 })
  coalescer.add(progress(8))
  coalescer.add({ type: 'armFinished', ...of, seconds: { training: 2, evaluation: 1 } })
  expect(pushed.slice(3).map(({ type }) => type)).toEqual(['progress', 'armChanged'])
  vi.useRealTimers()
})

test('many steps are thinned out to means that end with the newest', () => {
  const rows = Array.from({ length: 10_001 }, (_, step) => ({ step, metrics: { loss: step, rare: step % 2 ? null : 1 } }))
  const { steps, series } = thinOut(rows, 500)
  expect(steps.length).toBeLessThanOrEqual(500)
  expect([steps[0], steps.at(-1)]).toEqual([4, 10_000])
  expect(series.loss.at(-1)).toBe((9980 + 10_000) / 2)
  expect(series.rare.every((value) => value === 1)).toBe(true)
  expect(thinOut(rows.slice(0, 3), 500)).toMatchObject({ steps: [0, 1, 2], series: { loss: [0, 1, 2] } })
  expect(thinOut([], 500)).toEqual({ steps: [], series: {} })
})

test('a snippet is short, marks its words, and takes them literally', () => {
  const text = `${'x '.repeat(500)}Wait (really) wait${' y'.repeat(500)}`
  const snippet = snippetOf(text, 'wait (really)')!
  expect(snippet.filter(({ isMatch }) => isMatch).map(({ text }) => text)).toEqual(['Wait', '(really)', 'wait'])
  expect(snippet.map(({ text }) => text).join('').length).toBeLessThan(300)
  expect(snippetOf('nothing', 'wait')).toBeNull()
})

test('the gate answers anything that is no call of the contract', async () => {
  const { client } = openDesk()
  await expect(client.listRuns({ limit: 1e9 })).rejects.toThrow(/listRuns.*limit/s)
  await expect(client.runDetail({ runId: 'none' })).rejects.toThrow('none: there is no such run')
})
