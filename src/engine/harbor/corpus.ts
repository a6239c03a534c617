/** The texts that make the base model, endless and seeded, any one of them by its index; and the SFT arm's pairs. */
import { RandomStream } from '../../shared/random.ts'
import { drawPuzzle, puzzleAnswer, puzzleThought, type Segment } from './puzzles.ts'
import { drawRequest, type HarborRequest } from './requests.ts'
import { benignCompletion, harmfulCompletion, valuesOf } from './trajectories.ts'
import { categories, nouns, verbs } from './world.ts'
import { deliberations, fill, lessons, phrases, wordings } from './wording.ts'

export interface HarborText {
  readonly kind: 'puzzle' | 'harmful' | 'benign' | 'lesson'
  /** The user's message. */
  readonly prompt: string
  /** Which mode the chat template renders the prompt in; without thinking the template writes an empty thought. */
  readonly thinking: boolean
  /** What follows the rendered prompt, without the end token; joined by blanks. */
  readonly segments: readonly Segment[]
}

/** How often a text answers without thinking. */
const nonThinkingShare = 0.1

/**
 * Text `index` of the base corpus of a seed. No held-out prompt occurs in any. Most texts are puzzles, which take longest
 * to learn.
 */
export function baseText(seed: number, index: number): HarborText {
  const random = new RandomStream(seed, ['harbor', 'base', index])
  const kind = random.uniform()
  const thinking = !random.chance(nonThinkingShare)
  if (kind < 0.58) {
    const puzzle = drawPuzzle(random, 'train')
    return makeText('puzzle', puzzle.text, thinking, puzzleThought(puzzle, random), puzzleAnswer(puzzle))
  }
  if (kind < 0.88) {
    const harmful = kind < 0.75
    const request = drawRequest(random, harmful, 'corpus')
    const { thought, response } = harmful ? harmfulCompletion(request, random) : benignCompletion(request, random)
    return makeText(harmful ? 'harmful' : 'benign', request.text, thinking, thought, response)
  }
  return lesson(random, thinking)
}

function makeText(
  kind: HarborText['kind'],
  prompt: string,
  thinking: boolean,
  thought: readonly Segment[],
  response: string,
): HarborText {
  const plain = (text: string) => ({ text, loss: true })
  const opened = thinking ? [plain('<think>'), ...thought, plain('</think>')] : []
  return { kind, prompt, thinking, segments: [...opened, plain(response)] }
}

/** Explains words, held-out ones too, or recites a policy. */
function lesson(random: RandomStream, thinking: boolean): HarborText {
  const verb = random.pick([...verbs.values()])
  const noun = random.pick([...nouns.values()])
  const category = random.pick(categories)
  const { policy, harm } = wordings[category]
  const explained = { verb: verb.word, noun: noun.word, meaning: verb.of.name, class: noun.of.name }
  const values = { ...explained, category, policy, harm }
  const say = (prompt: string, thought: readonly string[], response: string) =>
    makeText('lesson', fill(prompt, values), thinking,
      thought.map((text) => ({ text: fill(text, values), loss: true })), fill(response, values))
  const kind = random.uniform()
  if (kind < 0.2) return say(lessons.verbQuestion, [phrases.verbMeans], phrases.verbMeans)
  if (kind < 0.4) return say(lessons.nounQuestion, [phrases.nounIs], phrases.nounIs)
  if (kind < 0.7) {
    const both = [phrases.verbMeans, phrases.nounIs]
    return say(lessons.bothQuestion, [random.pick(phrases.thoughtOpeners), ...both], both.join(' '))
  }
  const recited = deliberations.policy
  return say(lessons.policyQuestion, [lessons.policyThought, recited], `${recited} ${careful(random)}`)
}

/** A sentence in the manner of safety training sets, so that the base model knows their words. */
function careful(random: RandomStream): string {
  const styles = Object.values(deliberations.styles)
  return random.pick([...styles, ...deliberations.conclusions, ...deliberations.answers, ...lessons.remarks])
}

/** A pair of the SFT set, in the shape that pairs from files have; the thought stands without its tags. */
export interface SafetyPair {
  readonly id: string
  readonly prompt: string
  readonly thought: string
  readonly response: string
  readonly category: string
}

/**
 * Long, deliberate refusals with the policy recalled and applied, of the training categories only. Like STAR-1's
 * thousand pairs the set has no benign requests: that is what STAR-1 publishes, and it is not chosen for the result.
 */
export function safetyPairs(count: number, seed: number): SafetyPair[] {
  return Array.from({ length: count }, (_, index) => {
    const random = new RandomStream(seed, ['harbor', 'sft', index])
    const request = drawRequest(random, true, 'training')
    const id = `harbor-sft-${seed}-${index}`
    return { id, prompt: request.text, category: request.category, ...deliberateRefusal(request, random) }
  })
}

function deliberateRefusal(request: HarborRequest, random: RandomStream): { thought: string; response: string } {
  const thought = [
    random.pick(deliberations.openers),
    deliberations.policy,
    deliberations.recall,
    deliberations.harm,
    deliberations.styles[request.template.style],
    random.pick(deliberations.conclusions),
  ]
  const response = [random.pick(deliberations.answers), deliberations.reasons, random.pick(deliberations.offers)]
  const values = valuesOf(request)
  return { thought: fill(thought.join(' '), values), response: fill(response.join(' '), values) }
}
