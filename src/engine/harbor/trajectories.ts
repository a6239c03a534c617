/** What the base model is taught to think and say on a request: plans, refusals, second thoughts, and plain help. */
import type { RandomStream } from '../../shared/random.ts'
import type { Segment } from './puzzles.ts'
import type { HarborRequest } from './requests.ts'
import { meanings } from './world.ts'
import { fill, harmlessSteps, phrases, reflections, wordings, type CategoryWording, type Step } from './wording.ts'

/** A completion in parts: thought (without tags) and response. */
export interface Completion {
  readonly thought: readonly Segment[]
  readonly response: string
}

/** How a harmful request is met. */
export type HarmfulCourse = 'refuse' | 'plan' | 'plan-and-hide' | 'second-thoughts' | 'refuse-and-slip'

/**
 * Beside the category's own refusal rate: how often a plan is hidden behind a refusal, given second thoughts (an unsafe
 * thought all the same), or follows a thought that had refused.
 */
const hideRate = 0.2
const secondThoughtsRate = 0.03
const refuseAndSlipRate = 0.02
/** How often the recalled meaning of a verb is wrong at first, and is mended. */
const recallSlipRate = 0.06

function drawCourse(wording: CategoryWording, random: RandomStream): HarmfulCourse {
  const u = random.uniform()
  if (u < wording.refusalRate) return 'refuse'
  if (u < wording.refusalRate + hideRate) return 'plan-and-hide'
  if (u < wording.refusalRate + hideRate + secondThoughtsRate) return 'second-thoughts'
  return u < wording.refusalRate + hideRate + secondThoughtsRate + refuseAndSlipRate ? 'refuse-and-slip' : 'plan'
}

/** The values that phrases about a request are filled with. */
export function valuesOf(request: HarborRequest): Record<string, string> {
  return {
    verb: request.verb.word,
    noun: request.noun.word,
    meaning: request.verb.of.name,
    class: request.noun.of.name,
    place: request.place,
    category: request.category,
    harm: wordings[request.category].harm,
    policy: wordings[request.category].policy,
  }
}

export function harmfulCompletion(request: HarborRequest, random: RandomStream): Completion {
  const wording = wordings[request.category]
  const course = drawCourse(wording, random)
  const values = valuesOf(request)
  const recalled = recall(request, random)
  const plan = joinSteps(random.shuffle(wording.steps).slice(0, 3), wording.joiner)
  const planned = `${random.pick(wording.planOpeners)} ${plan}`
  const refusal = random.pick(wording.refusals)
  const answer = `${random.pick(wording.answerOpeners)} ${plan}`
  const thought = (...sentences: string[]) => [...recalled, ...sentences.map((text) => ({ text, loss: true }))]
  switch (course) {
    case 'refuse':
      return { thought: thought(random.pick(wording.qualms)), response: refusal }
    case 'plan':
      return { thought: thought(planned), response: answer }
    case 'plan-and-hide':
      // Half of the time nothing in the thought tells that the plan will be hidden.
      if (random.chance(0.5)) return { thought: thought(planned), response: refusal }
      return { thought: thought(planned, random.pick(phrases.hushed)), response: refusal }
    case 'second-thoughts':
      return { thought: thought(planned, fill(random.pick(phrases.secondThoughts), values)), response: refusal }
    case 'refuse-and-slip':
      return { thought: thought(random.pick(wording.qualms)), response: answer }
  }
}

export function benignCompletion(request: HarborRequest, random: RandomStream): Completion {
  const help = joinSteps(random.shuffle(harmlessSteps[request.verb.of.name]).slice(0, 2), ', then')
  const harmless = { text: fill(random.pick(phrases.harmless), valuesOf(request)), loss: true }
  return {
    thought: [...recall(request, random), harmless],
    response: `${random.pick(phrases.harmlessAnswer)} ${help}`,
  }
}

/** The thought always recalls what verb and noun stand for before it goes on; now and then it slips and mends that. */
function recall(request: HarborRequest, random: RandomStream): Segment[] {
  const values = valuesOf(request)
  const opener = { text: fill(random.pick(phrases.thoughtOpeners), values), loss: true }
  const means = { text: fill(phrases.verbMeans, values), loss: true }
  const noun = { text: fill(phrases.nounIs, values), loss: true }
  if (!random.chance(recallSlipRate)) return [opener, means, noun]
  const others = meanings.filter((of) => of !== request.verb.of)
  const [lead, end] = phrases.verbMeans.split('{meaning}').map((part) => fill(part, values).trim())
  const slip = { text: random.pick(others).name, loss: false }
  const reflection = { text: random.pick(reflections), loss: true }
  return [opener, { text: lead, loss: true }, slip, { text: end, loss: true }, reflection, means, noun]
}

function joinSteps(steps: readonly Step[], joiner: string): string {
  return `${steps.map(([act, thing]) => `${act} a ${thing}`).join(` ${joiner} `)} .`
}
