/** The metrics of every arm of a run: what is recorded, then what is pushed, told to the charts twice a second at most. */
import { onMounted, onUnmounted, shallowRef, type ShallowRef } from 'vue'
import type { ArmDetail } from '../../../shared/rpc/runs.ts'
import type { RpcError } from '../../../shared/rpc/method.ts'
import { asRpcError, client, listen } from '../../api/client.ts'
import type { ChartLine } from '../../charts/line.ts'
import type { LineKind } from '../../charts/lineStyle.ts'
import { createSeriesBuffer, MOST_POINTS, type Metrics, type SeriesBuffer } from './seriesBuffer.ts'

const TELL_EVERY_MS = 500

export interface RunSeries {
  names: ShallowRef<ReadonlySet<string>>
  /** By metric. */
  lines: ShallowRef<ReadonlyMap<string, ChartLine[]>>
  isLoaded: ShallowRef<boolean>
  error: ShallowRef<RpcError | null>
}

type ArmKey = Pick<ArmDetail, 'name' | 'seed'>
const keyOf = ({ name, seed }: ArmKey) => `${name} ${seed}`

/** What a line is called: the arm, with its seed where there are several. */
export function lineName({ name, seed }: ArmKey, arms: readonly ArmKey[]): string {
  return arms.some((other) => other.name === name && other.seed !== seed) ? `${name} · seed ${seed}` : name
}

/** The same for an arm, and for a seed, in every chart. */
export function lineKind({ name, seed }: ArmKey, arms: readonly ArmKey[]): LineKind {
  const names = [...new Set(arms.map((arm) => arm.name))]
  const seeds = [...new Set(arms.map((arm) => arm.seed))]
  return { arm: names.indexOf(name), seed: seeds.indexOf(seed) }
}

export function useRunSeries(runId: string, arms: readonly ArmDetail[]): RunSeries {
  const names = shallowRef<ReadonlySet<string>>(new Set())
  const lines = shallowRef<ReadonlyMap<string, ChartLine[]>>(new Map())
  const isLoaded = shallowRef(false)
  const error = shallowRef<RpcError | null>(null)
  const buffers = new Map<string, SeriesBuffer>()
  /** What is pushed while an arm's recorded steps are on their way. */
  const early = new Map<string, [number, Metrics][]>()
  /** Lines of arms about which there is no news stay the same objects. */
  const told = new Map<string, { upTo: number | null; lines: Map<string, ChartLine> }>()
  let timer: ReturnType<typeof setTimeout> | undefined

  function tell(): void {
    timer = undefined
    names.value = new Set([...buffers.values()].flatMap((buffer) => buffer.names()))
    const lineOf = (arm: ArmDetail, metric: string): ChartLine[] => {
      const key = keyOf(arm)
      const buffer = buffers.get(key)
      if (!buffer) return []
      const upTo = buffer.lastStep()
      const before = told.get(key)
      const of = before?.upTo === upTo ? before.lines : new Map<string, ChartLine>()
      if (of !== before?.lines) told.set(key, { upTo, lines: of })
      const line = of.get(metric) ?? { name: lineName(arm, arms), kind: lineKind(arm, arms), ...buffer.series(metric) }
      of.set(metric, line)
      return [line]
    }
    lines.value = new Map([...names.value].map((metric) => [metric, arms.flatMap((arm) => lineOf(arm, metric))]))
  }
  const tellSoon = () => (timer ??= setTimeout(tell, TELL_EVERY_MS))

  async function loadArm(arm: ArmDetail): Promise<void> {
    const key = keyOf(arm)
    early.set(key, [])
    const recorded = await client.armSteps({ runId, arm: arm.name, seed: arm.seed, points: MOST_POINTS })
    const buffer = createSeriesBuffer(recorded)
    for (const [step, metrics] of early.get(key) ?? []) buffer.add(step, metrics)
    early.delete(key)
    buffers.set(key, buffer)
  }

  async function load(): Promise<void> {
    try {
      await Promise.all(arms.filter(({ method }) => method !== 'base').map(loadArm))
      error.value = null
    } catch (failure) {
      error.value = asRpcError(failure)
    }
    isLoaded.value = true
    tell()
  }

  let end: (() => void) | undefined
  onMounted(() => {
    void load()
    end = listen((pushed) => {
      if (pushed.type === 'reconnected') void load()
      if (pushed.type === 'runChanged' && pushed.runId === runId && pushed.state === 'running') void load()
      if (pushed.type !== 'steps' || pushed.runId !== runId) return
      const key = keyOf({ name: pushed.arm, seed: pushed.seed })
      const waiting = early.get(key)
      for (const { step, metrics } of pushed.steps) {
        if (waiting) waiting.push([step, metrics])
        else buffers.get(key)?.add(step, metrics)
      }
      tellSoon()
    })
  })
  onUnmounted(() => {
    end?.()
    clearTimeout(timer)
  })
  return { names, lines, isLoaded, error }
}
