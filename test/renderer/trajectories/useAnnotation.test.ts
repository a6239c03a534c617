/** Label and note of a trajectory are kept by themselves. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { nextTick } from 'vue'
import { useAnnotation, type Labelled } from '../../../src/renderer/features/trajectories/useAnnotation.ts'
import type { TrajectoryRow } from '../../../src/shared/rpc/trajectories.ts'

const annotate = vi.hoisted(() => vi.fn())
const fail = vi.hoisted(() => vi.fn())
vi.mock('../../../src/renderer/api/client.ts', () => ({
  client: { annotate },
  asRpcError: (failure: Error) => failure.message,
}))
vi.mock('../../../src/renderer/stores/toasts.ts', () => ({ useToasts: () => ({ fail }) }))

const row: TrajectoryRow = {
  id: 7, runId: 'run', arm: 'rl', seed: 0, phase: 'train', step: 1, sampleIndex: 0, role: 'benign', category: 'c',
  splitState: 'complete', reward: null, compliance: null, correctness: null, label: null, hasNote: false,
  verdicts: { thought: 'safe', response: 'safe', whole: 'safe' }, texts: null, snippet: null,
}
let told: Labelled[] = []
const open = () => useAnnotation({ row, note: 'before' }, (labelled) => told.push(labelled))
const PAUSE_MS = 1000

beforeEach(() => {
  vi.useFakeTimers()
  vi.clearAllMocks()
  annotate.mockResolvedValue({})
  told = []
})
afterEach(() => vi.useRealTimers())

test('what was typed is saved after a pause, once, and said', async () => {
  const { note, state } = open()
  note.value = 'b'
  await nextTick()
  note.value = 'by itself'
  await vi.advanceTimersByTimeAsync(PAUSE_MS)
  expect(annotate.mock.calls).toEqual([[{ id: 7, label: null, note: 'by itself' }]])
  expect(state.value).toBe('saved')
  expect(told).toEqual([{ id: 7, label: null, hasNote: true }])
})

test('leaving saves at once what was typed last, and nothing where nothing changed', async () => {
  const { label, save } = open()
  await save()
  expect(annotate).not.toHaveBeenCalled()
  label.value = ' odd '
  await save()
  expect(annotate.mock.calls).toEqual([[{ id: 7, label: 'odd', note: 'before' }]])
})

test('a text that is typed while the last one is on its way is saved after it', async () => {
  let arrive = (): void => undefined
  annotate.mockImplementationOnce(() => new Promise<void>((resolve) => (arrive = resolve)))
  const { note, state, save } = open()
  note.value = 'first'
  const first = save()
  await nextTick()
  note.value = 'second'
  const second = save()
  await nextTick()
  expect(annotate).toHaveBeenCalledTimes(1)
  arrive()
  await Promise.all([first, second])
  expect(annotate.mock.calls.map(([{ note: sent }]) => sent)).toEqual(['first', 'second'])
  expect(state.value).toBe('saved')
})

test('what could not be saved is said, and sent again with the next save', async () => {
  annotate.mockRejectedValueOnce(new Error('disk full'))
  const { note, state, save } = open()
  note.value = 'kept'
  await save()
  expect([fail.mock.calls, state.value]).toEqual([[['disk full']], ''])
  await save()
  expect(annotate).toHaveBeenCalledTimes(2)
})
