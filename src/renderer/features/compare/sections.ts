/** The order in which figures are read. */
import type { Figure } from '../../../shared/figure.ts'

export interface Section {
  id: string
  title: string
  figures: Figure[]
}

const order: readonly { id: string; title: string; has: (id: string) => boolean }[] = [
  { id: 'safety', title: 'Safety and what changed', has: (id) => id === 'safety' || id.startsWith('differences') },
  { id: 'hidden', title: 'Thought by answer', has: (id) => id === 'hidden-risk' || id.startsWith('matrix-') },
  { id: 'cost', title: 'What it cost', has: (id) => id === 'over-refusal' || id === 'reasoning' },
  { id: 'categories', title: 'By category', has: (id) => id.startsWith('category-') || id.startsWith('components-') },
  {
    id: 'sets',
    title: 'Data sets and several samples',
    has: (id) => /^(sets|compliance|repeated|pass|score)\b/.test(id),
  },
  { id: 'seeds', title: 'Seeds apart', has: (id) => id.startsWith('seeds-') },
]

/** Sections with something in them; what has no place of its own comes last. */
export function sectionsOf(figures: readonly Figure[]): Section[] {
  const sections = order.map(({ id, title, has }) => ({ id, title, figures: figures.filter((each) => has(each.id)) }))
  const rest = figures.filter((figure) => !order.some(({ has }) => has(figure.id)))
  const last = { id: 'style', title: 'How the models write', figures: rest }
  return [...sections, last].filter((each) => each.figures.length > 0)
}
