/** A study as YAML that a person would have written: what stands at its default is left out. */
import { stringify } from 'yaml'
import { StudyConfig } from '../../shared/study.ts'

export function formatStudy(study: StudyConfig): string {
  return stringify(withoutDefaults(study), { lineWidth: 110 })
}

/** A person wants to see these, at their default or not. */
const KEPT = new Set(['name', 'model', 'arms', 'method', 'harbor', 'file', 'role'])

/** Leaves out, one after the other, every field without which the study is still the same. */
function withoutDefaults(study: StudyConfig): unknown {
  const whole = JSON.stringify(study)
  const isSame = (candidate: unknown) => {
    const parsed = StudyConfig.safeParse(candidate)
    return parsed.success && JSON.stringify(parsed.data) === whole
  }
  /** `inPlace` gives the whole study with something else at the place of `node`. */
  function prune(node: unknown, inPlace: (node: unknown) => unknown): unknown {
    if (Array.isArray(node)) {
      return node.reduce<unknown[]>(
        (items, item, i) => items.with(i, prune(item, (other) => inPlace(items.with(i, other)))),
        node,
      )
    }
    if (typeof node !== 'object' || node === null) return node
    let left: Record<string, unknown> = { ...node }
    for (const key of Object.keys(left)) {
      const { [key]: value, ...without } = left
      if (!KEPT.has(key) && isSame(inPlace(without))) left = without
      else left = { ...left, [key]: prune(value, (other) => inPlace({ ...left, [key]: other })) }
    }
    return left
  }
  return prune(JSON.parse(whole), (node) => node)
}
