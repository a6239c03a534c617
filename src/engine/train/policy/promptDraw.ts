/** Which prompts a step of policy training takes from each source. */
import type { RandomStream } from '../../../shared/random.ts'
import type { PromptItem } from '../../../shared/trajectory.ts'

export type PromptSources = Readonly<Record<string, readonly PromptItem[]>>

export interface DrawnPrompt {
  source: string
  prompt: PromptItem
}

/**
 * Goes through every source in a seeded order, a new one each epoch, a fixed number of prompts a step; depends only on
 * the step, so that a resumed run draws the same.
 */
export function drawPrompts(
  sources: PromptSources,
  promptsPerStep: Readonly<Record<string, number>>,
  step: number,
  random: RandomStream,
): DrawnPrompt[] {
  return Object.entries(promptsPerStep).flatMap(([source, count]) => {
    const items = sources[source]
    return Array.from({ length: count }, (_, i) => {
      const position = step * count + i
      const order = random.fork('prompts', source, Math.floor(position / items.length)).shuffle([...items.keys()])
      return { source, prompt: items[order[position % items.length]] }
    })
  })
}

/** For each unwanted draw a prompt of the same source that the step has not used; fewer where a source has no more. */
export function redraw(
  sources: PromptSources,
  unwanted: readonly DrawnPrompt[],
  used: ReadonlySet<PromptItem>,
  random: RandomStream,
): DrawnPrompt[] {
  return [...new Set(unwanted.map(({ source }) => source))].flatMap((source) => {
    const count = unwanted.filter((draw) => draw.source === source).length
    const fresh = sources[source].filter((prompt) => !used.has(prompt))
    return random
      .fork(source)
      .shuffle(fresh)
      .slice(0, count)
      .map((prompt) => ({ source, prompt }))
  })
}
