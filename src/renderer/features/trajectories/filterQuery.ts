/** A filter as it stands in the address, so that a view of a list can be gone back to, reloaded and bookmarked. */
import type { LocationQuery, LocationQueryRaw } from 'vue-router'
import { TrajectoryFilter } from '../../../shared/rpc/trajectories.ts'
import { Component } from '../../../shared/trajectory.ts'

const numbers = ['seed', 'step', 'rewardFrom', 'rewardTo'] as const
const words = ['runId', 'arm', 'phase', 'splitState', 'role', 'category', 'label', 'search'] as const

/** What cannot be understood is left out: an address may be typed by hand. */
export function filterFromQuery(query: LocationQuery): TrajectoryFilter {
  const filter: Record<string, unknown> = {}
  for (const name of words) keep(filter, name, textOf(query, name))
  for (const name of numbers) {
    const text = textOf(query, name)
    keep(filter, name, text === undefined ? undefined : Number(text))
  }
  const verdicts: Partial<Record<Component, unknown>> = {}
  for (const component of Component.options) {
    const verdict = textOf(query, component)
    if (TrajectoryFilter.shape.verdicts.safeParse({ [component]: verdict }).success && verdict !== undefined) {
      verdicts[component] = verdict
    }
  }
  keep(filter, 'verdicts', Object.keys(verdicts).length === 0 ? undefined : verdicts)
  return TrajectoryFilter.parse(filter)
}

/** Takes a field over where its own schema accepts it. */
function keep(filter: Record<string, unknown>, name: keyof TrajectoryFilter, value: unknown): void {
  if (value === undefined) return
  const checked = TrajectoryFilter.shape[name].safeParse(value)
  if (checked.success) filter[name] = checked.data
}

function textOf(query: LocationQuery, name: string): string | undefined {
  const value = query[name]
  const first = Array.isArray(value) ? value[0] : value
  return first === null || first === '' ? undefined : first
}

export function queryFromFilter(filter: TrajectoryFilter): LocationQueryRaw {
  const { verdicts, ...rest } = filter
  const entries = Object.entries({ ...rest, ...verdicts })
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined && value !== '').map(([k, v]) => [k, String(v)]))
}

/** How many conditions a filter has, the search not among them. */
export function conditionCount(filter: TrajectoryFilter): number {
  const { search: _, ...query } = queryFromFilter(filter)
  return Object.keys(query).length
}
