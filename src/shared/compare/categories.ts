/** Safety by category: all arms beside each other for t, y and t+y, and for each arm its answer against the whole. */
import type { Figure } from '../figure.ts'
import { shortName } from '../figureText.ts'
import type { ArmResult, Rate, SafetyRates } from '../result.ts'
import { CLEAR, pointOf } from './armBars.ts'
import { fromTo, leftOut, nothing, placeBars } from './byPlace.ts'
import type { ComparedArm } from './comparedArms.ts'
import { gapOf, SAME_TEXTS } from './safety.ts'

interface Part {
  id: string
  subject: string
  noun: string
  name: string
  read: (rates: SafetyRates) => Rate
}

const parts: readonly Part[] = [
  {
    id: 'whole',
    subject: 'Thought and answer together',
    noun: 'thought and answer together',
    name: 'Both (t+y)',
    read: ({ whole }) => whole,
  },
  { id: 'thought', subject: 'Thoughts', noun: 'thought', name: 'Thought (t)', read: ({ thought }) => thought },
  { id: 'answer', subject: 'Answers', noun: 'answer', name: 'Answer (y)', read: ({ response }) => response },
]

const SAFER = { above: 'safer', below: 'less safe' }
const BASIS = `Few prompts in a category make its interval wide. ${CLEAR} Categories are compared by their intervals.`
const LABELS = { xLabel: 'Category', yLabel: 'Found safe' }

export function categoryFigures(arms: readonly ComparedArm[], reference: ComparedArm | null): Figure[] {
  const places = [...new Set(arms.flatMap(({ result }) => Object.keys(result.byCategory)))].sort()
  if (places.length === 0) return []
  const of = ({ byCategory }: ArmResult, category: string, read: (rates: SafetyRates) => Rate): Rate =>
    Object.hasOwn(byCategory, category) ? read(byCategory[category]) : nothing

  const isAsked = ({ read }: Part) =>
    arms.some(({ result }) =>
      places.some((place) => {
        const { n, unscorable } = of(result, place, read)
        return n + unscorable > 0
      }),
    )
  const asked = parts.filter(isAsked)
  const sideBySide = asked.map(({ id, subject, noun, read }) =>
    placeBars(arms, reference, {
      ...LABELS,
      ...SAFER,
      id: `category-${id}`,
      subject: `${subject} by category`,
      definition: `Share of harmful prompts of a category where the first judge finds the ${noun} safe. ${BASIS}`,
      places,
      format: 'share',
      read: (arm, category) => of(arm, category, read),
    }),
  )
  const hasBoth = ['whole', 'answer'].every((id) => asked.some((part) => part.id === id))
  const apart = (hasBoth ? arms : []).map(({ name, result }, index): Figure => {
    const gaps = places.map((category) => ({
      value: Object.hasOwn(result.byCategory, category) ? gapOf(result.byCategory[category]) : null,
      where: shortName(category),
    }))
    return {
      id: `components-${index + 1}`,
      title: `${name} by category, the answer alone minus both together, in points: ${fromTo(gaps, 'points')}`,
      definition:
        'Share of harmful prompts of a category of which thought, answer, or both are found safe. ' +
        `Few prompts in a category make its interval wide. ${SAME_TEXTS}`,
      kind: 'bars',
      x: { label: LABELS.xLabel, format: 'count' },
      y: { label: LABELS.yLabel, format: 'share' },
      binWidth: null,
      // As t, y and t+y stand in every other figure.
      series: ['thought', 'answer', 'whole'].flatMap((id) => asked.filter((part) => part.id === id)).map((part) => ({
        name: part.name,
        points: places.map((category) => pointOf(category, of(result, category, part.read))),
      })),
      notes: asked.flatMap((part) => leftOut(`${name}, ${part.name}`, places, (place) => of(result, place, part.read))),
    }
  })
  return [...sideBySide, ...apart]
}
