import { expect, it } from 'vitest'
import { TimeLeft, type Work } from '../../../src/engine/study/timeLeft.ts'

const evaluation: Work = { kind: 'evaluation', units: 200, unitCost: 10 }
const training: Work = { kind: 'rl', units: 20, unitCost: 500 }

function clock() {
  let ms = 0
  return { now: () => ms, pass: (seconds: number) => (ms += 1000 * seconds) }
}

it('says nothing before there is something to go by', () => {
  const { now, pass } = clock()
  const left = new TimeLeft([evaluation, training], now)
  left.start(0)
  pass(5)
  left.advance(3)
  expect(left.secondsLeft()).toBeNull()
  expect(left.ratePerSecond()).toBeNull()
})

it('takes parts of another kind to cost what they should against those that were timed', () => {
  const { now, pass } = clock()
  const left = new TimeLeft([evaluation, training], now)
  left.start(0)
  pass(10)
  left.advance(100)
  expect(left.ratePerSecond()).toBe(10)
  // 1,000 of cost took 10 s; 1,000 and 10,000 are left.
  expect(left.secondsLeft()).toBeCloseTo(110)
})

it('goes by what a kind has really taken, once it was timed', () => {
  const { now, pass } = clock()
  const left = new TimeLeft([evaluation, training, evaluation, training], now)
  left.start(0)
  pass(20)
  left.finish()
  left.start(1)
  pass(40)
  left.advance(10)
  // 10 steps at 4 s, an evaluation of 20 s, 20 steps at 4 s.
  expect(left.secondsLeft()).toBeCloseTo(140)
})

it('does not take what an earlier process did for speed', () => {
  const { now, pass } = clock()
  const left = new TimeLeft([training], now)
  left.start(0, 15)
  pass(6)
  left.advance(17)
  expect(left.ratePerSecond()).toBeCloseTo(1 / 3)
  expect(left.secondsLeft()).toBeCloseTo(9)
})

it('comes to nothing at the end', () => {
  const { now, pass } = clock()
  const left = new TimeLeft([training, evaluation], now)
  for (const part of [0, 1]) {
    left.start(part)
    pass(30)
    left.finish()
  }
  expect(left.secondsLeft()).toBe(0)
})
