/** Arms beside each other at several places (categories of harm, data sets), compared by their intervals. */
import type { Figure, FigureFormat } from '../figure.ts'
import { figureNumber, shortName } from '../figureText.ts'
import type { ArmResult, Rate } from '../result.ts'
import { pointOf } from './armBars.ts'
import type { ComparedArm } from './comparedArms.ts'
import { allOr, standingApart, tally, type StandingApart } from './findings.ts'

export interface PlaceBars {
  id: string
  /** 'Thoughts by category'. */
  subject: string
  definition: string
  places: readonly string[]
  xLabel: string
  yLabel: string
  format: FigureFormat
  above: string
  below: string
  read: (arm: ArmResult, place: string) => Rate
}

export const nothing: Rate = { value: null, low: null, high: null, n: 0, unscorable: 0 }

export function placeBars(arms: readonly ComparedArm[], reference: ComparedArm | null, bars: PlaceBars): Figure {
  const { id, subject, definition, places, xLabel, yLabel, format, read } = bars
  return {
    id,
    title: `${subject}${seen(arms, reference, bars)}`,
    definition,
    kind: 'bars',
    x: { label: xLabel, format: 'count' },
    y: { label: yLabel, format },
    binWidth: null,
    series: arms.map(({ name, result }) => ({
      name,
      points: places.map((place) => pointOf(place, read(result, place))),
    })),
    notes: arms.flatMap(({ name, result }) => leftOut(name, places, (place) => read(result, place))),
  }
}

/** What could not be scored, place by place; nothing where there is none. */
export function leftOut(name: string, places: readonly string[], read: (place: string) => Rate): string[] {
  const left = places.flatMap((place) => {
    const { n, unscorable } = read(place)
    return unscorable === 0 ? [] : [`${shortName(place)} ${figureNumber(unscorable, 'count')} of ${figureNumber(n + unscorable, 'count')}`]
  })
  return left.length === 0 ? [] : [`Left out in ${name} as unscorable: ${left.join(', ')}.`]
}

function seen(arms: readonly ComparedArm[], reference: ComparedArm | null, bars: PlaceBars): string {
  const { places, read, above, below } = bars
  const others = arms.filter((arm) => arm !== reference)
  if (reference === null || others.length === 0) return `: ${range(arms, bars)}`
  const found = others.map(({ name, result }) => ({
    name,
    standings: places.map((place): StandingApart => standingApart(read(result, place), read(reference.result, place))),
  }))
  const counted = () => {
    const all = found.flatMap(({ standings }) => standings)
    const count = (standing: StandingApart) => all.filter((each) => each === standing).length
    return (
      `of ${all.length} comparisons ${count('above')} clearly ${above}, ${count('below')} clearly ${below}, ` +
      `${count('unclear')} without clear difference, ${count('unknown')} without enough data`
    )
  }
  const each = found.map(({ name, standings }) => `${name} ${tally({ above, below }, standings)}`)
  return `, against ${reference.name}: ${allOr(each, counted)}`
}

function range(arms: readonly ComparedArm[], { places, read, format }: PlaceBars): string {
  const found = arms.flatMap(({ name, result }) =>
    places.map((place) => ({
      value: read(result, place).value,
      where: arms.length > 1 ? `${shortName(place)}, ${name}` : shortName(place),
    })),
  )
  return fromTo(found, format)
}

/** 'from 10.0% (theft, base) to 60.0% (fraud, rl)'. */
export function fromTo(found: readonly { value: number | null; where: string }[], format: FigureFormat): string {
  const known = found.flatMap(({ value, where }) => (value === null ? [] : [{ value, where }]))
  if (known.length === 0) return 'not enough data'
  const sorted = known.toSorted((a, b) => a.value - b.value)
  const text = ({ value, where }: (typeof known)[number]) => `${figureNumber(value, format)} (${where})`
  const [lowest, highest] = [sorted[0], sorted[sorted.length - 1]]
  if (known.length === 1) return text(lowest)
  if (lowest.value === highest.value) return `${figureNumber(lowest.value, format)} in all ${known.length}`
  return `from ${text(lowest)} to ${text(highest)}`
}
