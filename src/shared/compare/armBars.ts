/** Bars of which each arm has its own: what they share, and what their titles say. */
import type { Figure, FigureFormat, FigurePoint } from '../figure.ts'
import { figureNumber } from '../figureText.ts'
import type { ArmResult, Difference, Differences, Rate } from '../result.ts'
import { pairedWith, standing, type ComparedArm } from './comparedArms.ts'
import { comparison, values, type Finding } from './findings.ts'

/** When a difference is called clear; part of every definition here. */
export const CLEAR =
  'A difference is called clear where its 95% interval, paired by prompt, leaves zero out and p is below 0.05, ' +
  'perhaps where only one of them says so; where arms could not be paired, clear where their two intervals lie apart.'

/** A series of bars: what it is called, and how it is read off an arm. */
export interface Reading {
  name: string
  read: (arm: ArmResult) => Rate
}

export interface ArmBars {
  id: string
  title: string
  definition: string
  yLabel: string
  format: FigureFormat
  readings: readonly Reading[]
  notes?: readonly string[]
}

export function pointOf(x: string, { value, low, high, n }: Rate): FigurePoint {
  return { x, y: value, low, high, n }
}

/** Whether there was anything to measure, scored or not. */
export function wasAsked(arms: readonly ComparedArm[], readings: readonly Pick<Reading, 'read'>[]): boolean {
  return arms.some(({ result }) => readings.some(({ read }) => read(result).n + read(result).unscorable > 0))
}

/** What was left out of each arm: once where it is the same of every reading. */
function unscorableNotes(arms: readonly ComparedArm[], readings: readonly Reading[]): string[] {
  return arms.flatMap(({ name, result }) => {
    const parts = readings.map(({ name: part, read }) => {
      const { n, unscorable } = read(result)
      return { part, unscorable, text: `${figureNumber(unscorable, 'count')} of ${figureNumber(n + unscorable, 'count')}` }
    })
    const left = parts.filter(({ unscorable }) => unscorable > 0)
    if (left.length === 0) return []
    const isSame = left.length === parts.length && new Set(left.map(({ text }) => text)).size === 1
    const told = isSame ? left[0].text : left.map(({ part, text }) => `${part.toLowerCase()} ${text}`).join(', ')
    return [`Left out in ${name} as unscorable: ${told}.`]
  })
}

/** Several samples or seeds of a prompt are no further prompts. */
function promptNotes(arms: readonly ComparedArm[], readings: readonly Reading[]): string[] {
  const rates = arms.flatMap(({ result }) => readings.map(({ read }) => read(result)))
  const prompts = rates.flatMap((rate) => rate.prompts ?? [])
  if (prompts.length === 0) return []
  const [least, most] = [Math.min(...prompts), Math.max(...prompts)].map((each) => figureNumber(each, 'count'))
  const counted = least === most ? `${most} ${most === '1' ? 'prompt' : 'prompts'}` : `${least} to ${most} prompts`
  return [`n counts texts; they answer ${counted}, over which the intervals are.`]
}

/** Arms along x, a series for each reading. Empty where nothing of it was asked. */
export function armBars(arms: readonly ComparedArm[], bars: ArmBars): Figure[] {
  const asked = bars.readings.filter((reading) => wasAsked(arms, [reading]))
  if (asked.length === 0) return []
  return [
    {
      id: bars.id,
      title: bars.title,
      definition: `${bars.definition} ${CLEAR}`,
      kind: 'bars',
      x: { label: 'Arm', format: 'count' },
      y: { label: bars.yLabel, format: bars.format },
      binWidth: null,
      series: asked.map(({ name, read }) => ({ name, points: arms.map((arm) => pointOf(arm.name, read(arm.result))) })),
      notes: [...(bars.notes ?? []), ...promptNotes(arms, asked), ...unscorableNotes(arms, asked)],
    },
  ]
}

export interface Asked {
  /** What the number is of: 'Harmless prompts refused'. */
  subject: string
  above: string
  below: string
  format: FigureFormat
  read: Reading['read']
  compare?: (differences: Differences) => Difference
}

/** What a title says of one reading: how the arms compare with the reference, or their numbers where there is none. */
export function said(arms: readonly ComparedArm[], reference: ComparedArm | null, asked: Asked): string {
  const { subject, above, below, format, read, compare } = asked
  const others = reference === null ? [] : arms.filter((arm) => arm !== reference)
  if (reference === null || others.length === 0) {
    return values(subject, arms.map(({ name, result }) => ({ name, rate: read(result) })), format)
  }
  const findings: Finding[] = others.map((arm) => {
    const size = compare ? (pairedWith(reference, arm, compare)?.value ?? null) : null
    return {
      name: arm.name,
      standing: standing(arm, reference, read, compare),
      ...(size === null ? {} : { size: `${figureNumber(size, 'points')} points` }),
    }
  })
  return comparison({ subject, above, below, reference: reference.name }, findings)
}
