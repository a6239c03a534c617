/** Progress on a terminal and in a log. */
import { expect, test } from 'vitest'
import { createProgress, describeTime } from '../../src/cli/progress.ts'
import type { EngineEvent } from '../../src/shared/events.ts'

function watch(isTTY: boolean, columns = 80) {
  const written: string[] = []
  const clock = { ms: 0 }
  const display = createProgress({ write: (text) => written.push(text), isTTY, columns }, () => clock.ms)
  return { written, clock, display }
}

const progress = (done: number, phase = 'training'): EngineEvent => ({
  type: 'progress',
  arm: 'rl',
  seed: 0,
  phase,
  done,
  total: 60,
  unit: 'steps',
  ratePerSecond: 0.5,
  etaSeconds: 118,
})

test('writes a line for a new phase, every few seconds, and at the end', () => {
  const { written, clock, display } = watch(false)
  display.show({ type: 'stepFinished', arm: 'rl', seed: 0, step: 0, metrics: { reward: 0.5, other: 1 } })
  display.show(progress(1))
  display.show(progress(2))
  clock.ms = 6000
  display.show(progress(3))
  display.show(progress(60))
  display.show(progress(0, 'evaluating'))
  expect(written).toEqual([
    'rl, seed 0: training 1/60 steps, 2 min left, 0.50 steps/s, reward 0.500\n',
    'rl, seed 0: training 3/60 steps, 2 min left, 0.50 steps/s, reward 0.500\n',
    'rl, seed 0: training 60/60 steps, 2 min left, 0.50 steps/s, reward 0.500\n',
    'rl, seed 0: evaluating 0/60 steps, 2 min left, 0.50 steps/s\n',
  ])
})

test('draws one bar in place on a terminal, never wider than the window', () => {
  const { written, display } = watch(true, 100)
  display.show(progress(30))
  expect(written[0]).toMatch(/^\r\u001b\[K\[##########\.{10}\] rl, seed 0/)
  display.show({ type: 'notice', level: 'warning', text: 'careful' })
  expect(written.slice(1)).toEqual(['\r\u001b[K', 'warning: careful\n'])
})

test('gives up metrics and then the bar before the time that is left', () => {
  const shownAt = (columns: number) => {
    const { written, display } = watch(true, columns)
    display.show({ type: 'stepFinished', arm: 'rl', seed: 0, step: 29, metrics: { reward: 0.5 } })
    display.show(progress(30))
    return written[0].slice('\r\u001b[K'.length)
  }
  for (const columns of [100, 80, 70, 60]) {
    expect(shownAt(columns)).toContain('30/60 steps, 2 min left, 0.50 steps/s')
    expect(shownAt(columns).length).toBeLessThan(columns)
  }
  expect(shownAt(100)).toContain('reward')
  expect(shownAt(70)).not.toContain('reward')
  expect(shownAt(60)).not.toContain('[')
  expect(shownAt(20)).toHaveLength(19)
  // A terminal that does not know its width.
  expect(shownAt(0)).toContain('2 min left')
})

test('tells small numbers shortly', () => {
  const { written, display } = watch(false)
  display.show({ type: 'stepFinished', arm: 'rl', seed: 0, step: 1, metrics: { reward: -0.00000406, loss: 0, kl: 0.0123 } })
  display.show(progress(1))
  expect(written[0]).toMatch(/reward -4\.1e-6, loss 0\.00, kl 0\.0123\n$/)
})

test('tells times as people do', () => {
  expect([0.2, 59, 100, 7500].map(describeTime)).toEqual(['1 s', '59 s', '2 min', '2 h 5 min'])
})
