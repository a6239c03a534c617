/** How fast a study goes and how long it will still take, from what its parts have taken so far. */
import { lengthOf } from './chatTokens.ts'
import { evaluationSize } from './evaluateArm.ts'
import { stepsOf, type StudyPlan } from './plan.ts'

export type WorkKind = 'sft' | 'rl' | 'evaluation'

/** A part of the study: the training or the evaluation of one arm. */
export interface Work {
  kind: WorkKind
  /** Steps or trajectories. */
  units: number
  /** Rough cost of a unit; only ratios count, and only until a part of the same kind has been timed. */
  unitCost: number
}

/** Before so many units the pace tells nothing: programs are compiled, and trajectories that began together go on. */
const TELLING_UNITS: Record<WorkKind, number> = { sft: 2, rl: 2, evaluation: 64 }

/** Time and cost spent on parts of one kind, in this process. */
interface Spent {
  seconds: number
  cost: number
}

export class TimeLeft {
  private readonly works: readonly Work[]
  private readonly now: () => number
  private readonly done: number[]
  private readonly spent = new Map<WorkKind, Spent>()
  private current = { index: 0, sinceMs: 0, doneThen: 0 }

  /** @param now milliseconds of a clock that never goes back */
  constructor(works: readonly Work[], now: () => number) {
    this.works = works
    this.now = now
    this.done = works.map(() => 0)
  }

  /** A part begins, of which `done` units were finished in an earlier process. */
  start(index: number, done = 0): void {
    this.done[index] = done
    this.current = { index, sinceMs: this.now(), doneThen: done }
  }

  advance(done: number): void {
    this.done[this.current.index] = done
  }

  /** The part is over, be it by finishing or by finding it finished. */
  finish(): void {
    const { index } = this.current
    this.done[index] = this.works[index].units
    const { kind } = this.works[index]
    this.spent.set(kind, this.spentOn(kind))
    this.current = { index, sinceMs: this.now(), doneThen: this.done[index] }
  }

  /** Units a second of the part that is going on; null before there are enough of them to tell. */
  ratePerSecond(): number | null {
    const { seconds, units } = this.spentNow()
    return units > 0 && seconds > 0 ? units / seconds : null
  }

  /** Null until something was timed. Kinds that were not are taken to cost as they should against those that were. */
  secondsLeft(): number | null {
    const kinds = new Map(this.works.map(({ kind }) => [kind, this.spentOn(kind)]))
    const all = { seconds: 0, cost: 0 }
    for (const { seconds, cost } of kinds.values()) {
      all.seconds += seconds
      all.cost += cost
    }
    if (all.cost === 0) return null
    return this.works.reduce((sum, { kind, units, unitCost }, i) => {
      const own = kinds.get(kind)!
      const pace = own.cost > 0 ? own : all
      return sum + ((units - this.done[i]) * unitCost * pace.seconds) / pace.cost
    }, 0)
  }

  /** With what the part that is going on has taken. */
  private spentOn(kind: WorkKind): Spent {
    const before = this.spent.get(kind) ?? { seconds: 0, cost: 0 }
    const { kind: kindNow, unitCost } = this.works[this.current.index]
    if (kind !== kindNow) return before
    const { seconds, units } = this.spentNow()
    return { seconds: before.seconds + seconds, cost: before.cost + units * unitCost }
  }

  /** What the part that is going on has taken in this process; nothing while it is too little to tell. */
  private spentNow(): { seconds: number; units: number } {
    const { index, sinceMs, doneThen } = this.current
    const { kind, units: all } = this.works[index]
    const units = this.done[index] - doneThen
    if (units < Math.min(TELLING_UNITS[kind], all - doneThen)) return { seconds: 0, units: 0 }
    return units === 0 ? { seconds: 0, units } : { seconds: (this.now() - sinceMs) / 1000, units }
  }
}

/** Training and evaluation of each arm, seed by seed, in the order in which they run; costs in sampled tokens. */
export function studyWorks(plan: StudyPlan): Work[] {
  const { study, data } = plan
  const { maxNewTokens } = study.evaluation.sampling
  const evaluation: Work = { kind: 'evaluation', units: evaluationSize(plan), unitCost: USED_SHARE * maxNewTokens }
  const works = study.arms.flatMap((arm): Work[] => {
    const units = stepsOf(arm, data)
    if (arm.method === 'base') return [{ kind: 'sft', units, unitCost: 0 }, evaluation]
    if (arm.method === 'sft') {
      const examples = data.examples[arm.data]
      const tokens = examples.reduce((sum, example) => sum + lengthOf(example), 0) / examples.length
      return [{ kind: 'sft', units, unitCost: arm.batchSize * tokens }, evaluation]
    }
    const prompts = Object.values(arm.promptsPerStep).reduce((sum, count) => sum + count, 0)
    const tokens = prompts * arm.samplesPerPrompt * USED_SHARE * arm.sampling.maxNewTokens
    return [{ kind: 'rl', units, unitCost: SAMPLE_AND_LEARN * tokens }, evaluation]
  })
  return study.seeds.flatMap(() => works)
}

/** How much of the allowed length completions commonly take. */
const USED_SHARE = 0.4
/** A token that is sampled, scored by the reference and learned from, against one that is only sampled. */
const SAMPLE_AND_LEARN = 2.5
