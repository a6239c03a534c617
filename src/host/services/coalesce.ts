/** Turns a run's stream of events into few messages for the window: of progress the newest, steps and samples in bundles. */
import type { EngineEvent, Progress } from '../../shared/events.ts'
import type { Pushed } from '../../shared/rpc/pushed.ts'

const TOGETHER_MS = 250

type Steps = Extract<Pushed, { type: 'steps' }>

export interface Coalescer {
  add(event: EngineEvent): void
  /** Sends what waits. */
  flush(): void
}

export function coalesce(runId: string, push: (pushed: Pushed) => void, now: () => string): Coalescer {
  let progress: Progress | null = null
  let samples = 0
  let steps = new Map<string, Steps>()
  let timer: NodeJS.Timeout | undefined

  function flush(): void {
    clearTimeout(timer)
    timer = undefined
    for (const bundle of steps.values()) push(bundle)
    if (samples > 0) push({ type: 'samples', runId, count: samples })
    if (progress !== null) push({ type: 'progress', runId, progress })
    steps = new Map()
    samples = 0
    progress = null
  }

  function immediately(pushed: Pushed): void {
    // What came before it arrives before it.
    flush()
    push(pushed)
  }

  return {
    flush,
    add(event) {
      switch (event.type) {
        case 'progress':
          progress = event
          break
        case 'stepFinished': {
          const { arm, seed, step } = event
          const bundle = steps.get(`${arm} ${seed}`) ?? { type: 'steps', runId, arm, seed, steps: [] }
          bundle.steps.push({ step, metrics: finiteOnly(event.metrics) })
          steps.set(`${arm} ${seed}`, bundle)
          break
        }
        case 'trajectoriesRecorded':
          samples += event.items.length
          break
        case 'armStarted':
        case 'checkpointSaved':
        case 'evaluationFinished':
        case 'armFinished':
          return immediately({ type: 'armChanged', runId, arm: event.arm, seed: event.seed })
        case 'notice':
          return immediately({ type: 'notice', runId, notice: { at: now(), level: event.level, text: event.text } })
        case 'studyPlanned':
          return immediately({ type: 'runChanged', runId, state: 'running', reason: null })
        case 'studyResumed':
        case 'studyFinished':
        case 'interrupted':
          return
      }
      timer ??= setTimeout(flush, TOGETHER_MS)
    },
  }
}

function finiteOnly(metrics: Record<string, number>): Record<string, number | null> {
  return Object.fromEntries(Object.entries(metrics).map(([name, value]) => [name, Number.isFinite(value) ? value : null]))
}
