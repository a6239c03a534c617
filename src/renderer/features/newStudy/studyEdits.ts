/** Changes of a study that touch more than one field. None of them changes what it is given. */
import { Arm, type SafetyReward } from '../../../shared/arms.ts'
import type { StudyConfig } from '../../../shared/study.ts'
import type { Path } from './fieldSchema.ts'

/** The same object with another value at `path`; `undefined` takes the field out. */
export function withValue<T>(whole: T, path: Path, value: unknown): T {
  if (path.length === 0) throw new RangeError('a path names a field')
  const copy = structuredClone(whole)
  let node: unknown = copy
  for (const key of path.slice(0, -1)) {
    if (!isNode(node)) return whole
    if (!isNode(Reflect.get(node, key))) Reflect.set(node, key, {})
    node = Reflect.get(node, key)
  }
  const last = path[path.length - 1]
  if (!isNode(node)) return whole
  if (value === undefined) Reflect.deleteProperty(node, last)
  else Reflect.set(node, last, value)
  return copy
}

export function valueAt(whole: unknown, path: Path): unknown {
  return path.reduce<unknown>((node, key) => (isNode(node) ? Reflect.get(node, key) : undefined), whole)
}

function isNode(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/** `base`, or `base-2` and so on where that is taken. */
export function freeName(base: string, taken: readonly string[]): string {
  let name = base
  for (let number = 2; taken.includes(name); number++) name = `${base}-${number}`
  return name
}

export function withArm(study: StudyConfig, method: Arm['method']): StudyConfig {
  const names = { base: 'base', sft: 'sft', rl: 'rl' }
  const name = freeName(
    names[method],
    study.arms.map((arm) => arm.name),
  )
  return { ...study, arms: [...study.arms, Arm.parse({ name, method })] }
}

export function withoutArm(study: StudyConfig, index: number): StudyConfig {
  return { ...study, arms: study.arms.filter((_, i) => i !== index) }
}

/** Renames a source wherever the study speaks of it. The order of the sources stays. */
export function withSourceRenamed(study: StudyConfig, from: string, to: string): StudyConfig {
  if (from === to || to === '' || Object.hasOwn(study.data, to)) return study
  const renamed = <T>(record: Readonly<Record<string, T>>) =>
    Object.fromEntries(Object.entries(record).map(([name, value]) => [name === from ? to : name, value]))
  return {
    ...study,
    data: renamed(study.data),
    arms: study.arms.map((arm) => {
      if (arm.method === 'sft') return arm.data === from ? { ...arm, data: to } : arm
      return arm.method === 'rl' ? { ...arm, promptsPerStep: renamed(arm.promptsPerStep) } : arm
    }),
    evaluation: {
      ...study.evaluation,
      sources: study.evaluation.sources.map((name) => (name === from ? to : name)),
    },
  }
}

/** Takes a source out, and out of what samples from it; an SFT arm that trains on it is left to be mended. */
export function withoutSource(study: StudyConfig, name: string): StudyConfig {
  const without = <T>(record: Readonly<Record<string, T>>) =>
    Object.fromEntries(Object.entries(record).filter(([key]) => key !== name))
  return {
    ...study,
    data: without(study.data),
    arms: study.arms.map((arm) =>
      arm.method === 'rl' ? { ...arm, promptsPerStep: without(arm.promptsPerStep) } : arm,
    ),
    evaluation: { ...study.evaluation, sources: study.evaluation.sources.filter((each) => each !== name) },
  }
}

/** The names of the sources that hold prompts, or training pairs. */
export function sourceNames(study: StudyConfig, kind: 'prompts' | 'pairs'): string[] {
  return Object.entries(study.data).flatMap(([name, source]) => {
    const holdsPairs = 'harbor' in source ? source.harbor === 'sft' : source.role === 'sft'
    return holdsPairs === (kind === 'pairs') ? [name] : []
  })
}

/** The same weight on another component; a composition begins with thought and answer in equal parts. */
export function safetyRewardOf(component: SafetyReward['component'], weight: number): SafetyReward {
  if (component !== 'composed') return { component, weight }
  return { component, rule: 'weighted-sum', parts: { thought: 0.5, response: 0.5 }, weight }
}
