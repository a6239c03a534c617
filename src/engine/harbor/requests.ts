/**
 * Requests to do something, and which of them are held out. What is held out is a property of the prompt alone, and
 * every maker of training texts draws its requests from `drawRequest(…, 'corpus')` or `drawRequest(…, 'training')`, so no
 * held-out prompt can occur in any of them.
 */
import { ReflectoryError } from '../../shared/errors.ts'
import type { RandomStream } from '../../shared/random.ts'
import {
  harmOf,
  heldOutCategories,
  meanings,
  nounClasses,
  nouns,
  places,
  trainingCategories,
  verbs,
  type Category,
  type WordClass,
  type WordEntry,
} from './world.ts'
import { fill, requestTemplates, type RequestTemplate } from './wording.ts'

export interface HarborRequest {
  readonly verb: WordEntry
  readonly noun: WordEntry
  readonly place: string
  readonly template: RequestTemplate
  /** The category of harm; null for a benign look-alike. */
  readonly harm: Category | null
  /** The category of the forbidden pair that the request is, or shares a half with. */
  readonly category: Category
  readonly text: string
}

/**
 * What is new in a held-out request. `category`: SFT and RL never saw its category; `item`: they never saw either of its
 * invented words (of both, the base model saw other prompts); `template`: no training text has the template, the base's
 * neither; `all`: all three at once.
 */
export const holdOuts = ['category', 'template', 'item', 'all'] as const
export type HoldOut = (typeof holdOuts)[number]

/** One prompt in this many is held out by its hash alone. */
const hashedOut = 6

/** FNV-1a over the code units of a text, then an avalanche: fixed for ever, as it divides training from evaluation. */
export function textHash(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  return (hash ^ (hash >>> 13)) >>> 0
}

/** Whether the hash of a prompt puts it among the held-out ones. */
export function isHashedOut(text: string): boolean {
  return textHash(text) % hashedOut === 0
}

/** The only place where a request is made; null for a pair that shares no half with a forbidden one. */
function makeRequest(verb: WordEntry, noun: WordEntry, place: string, template: RequestTemplate): HarborRequest | null {
  const category = verb.of.category ?? noun.of.category
  if (category === null) return null
  const text = fill(template.text, { verb: verb.word, noun: noun.word, place })
  return { verb, noun, place, template, harm: harmOf(verb.of, noun.of), category, text }
}

/** Whether a category that SFT and RL never see has a part in a request. */
function touchesHeldOutCategory({ verb, noun }: HarborRequest): boolean {
  return [verb, noun].some((entry) => entry.of.category !== null && heldOutCategories.includes(entry.of.category))
}

/** Whether a word that SFT and RL never see has a part in a request. */
function touchesHeldOutItem({ verb, noun }: HarborRequest): boolean {
  return verb.heldOut || noun.heldOut
}

/** Whether a request may stand in no training text at all, be it the base model's or any arm's. */
export function isHeldOut(request: HarborRequest): boolean {
  return request.template.heldOut || isHashedOut(request.text)
}

/** What is new in a held-out request; null for one that is no member of an evaluation set. */
export function holdOutOf(request: HarborRequest): HoldOut | null {
  const category = touchesHeldOutCategory(request)
  const template = request.template.heldOut
  const items = request.verb.heldOut && request.noun.heldOut
  const someItem = touchesHeldOutItem(request)
  if (category && template && items) return 'all'
  if (category && !template && !someItem && isHashedOut(request.text)) return 'category'
  if (!category && template && !someItem) return 'template'
  if (!category && !template && items && isHashedOut(request.text)) return 'item'
  return null
}

/**
 * Which requests are drawn: `corpus` for the base model, any category and word; `training` for SFT and RL, training
 * categories and words only; or one kind of held-out requests.
 */
export type RequestPool = 'corpus' | 'training' | HoldOut

function belongs(request: HarborRequest, pool: RequestPool): boolean {
  if (pool === 'corpus') return !isHeldOut(request)
  if (pool === 'training') return !isHeldOut(request) && !touchesHeldOutCategory(request) && !touchesHeldOutItem(request)
  return holdOutOf(request) === pool
}

/** Every harmful request of a pool, in a fixed order. */
export function harmfulRequests(pool: RequestPool): HarborRequest[] {
  return meanings.flatMap((meaning) => {
    const partner = nounClasses.find((of) => of.category === meaning.category && meaning.category !== null)
    if (!partner) return []
    return wordsOf(meaning, verbs).flatMap((verb) => wordsOf(partner, nouns).flatMap((noun) => places.flatMap((place) =>
      requestTemplates.flatMap((template) => {
        const request = makeRequest(verb, noun, place, template)
        return request && belongs(request, pool) ? [request] : []
      }))))
  })
}

function wordsOf(of: WordClass, dictionary: ReadonlyMap<string, WordEntry>): WordEntry[] {
  return [...of.trained, ...of.heldOut].map((word) => dictionary.get(word)!)
}

/**
 * One random request of a pool: harmful or benign; of the given category, or of any that the pool has.
 * Draws until a request belongs to the pool, so it never gives one that does not.
 */
export function drawRequest(
  random: RandomStream,
  harmful: boolean,
  pool: RequestPool,
  category?: Category,
): HarborRequest {
  const wantsItems = pool === 'item' || pool === 'all'
  const wantsTemplate = pool === 'template' || pool === 'all'
  const words = (of: WordClass) => (wantsItems ? of.heldOut : pool === 'corpus' ? [...of.trained, ...of.heldOut] : of.trained)
  const templates = requestTemplates.filter((template) => template.heldOut === wantsTemplate)
  for (let attempt = 0; attempt < 10000; attempt++) {
    const wanted = category ?? random.pick(categoriesOf(pool))
    const half = random.chance(0.5)
    const meaning = harmful || half ? meanings.find((of) => of.category === wanted)! : random.pick(meanings)
    const nounClass = harmful || !half ? nounClasses.find((of) => of.category === wanted)! : random.pick(nounClasses)
    const verb = verbs.get(random.pick(words(meaning)))!
    const noun = nouns.get(random.pick(words(nounClass)))!
    const request = makeRequest(verb, noun, random.pick(places), random.pick(templates))
    if (request && (request.harm !== null) === harmful && request.category === wanted && belongs(request, pool)) {
      return request
    }
  }
  throw new ReflectoryError('bad-argument', 'drawRequest', `no request of category ${category} belongs to '${pool}'`,
    'Ask for a category that this pool has.')
}

/** The categories that requests of a pool may have. */
export function categoriesOf(pool: RequestPool): readonly Category[] {
  if (pool === 'corpus') return [...trainingCategories, ...heldOutCategories]
  return pool === 'category' || pool === 'all' ? heldOutCategories : trainingCategories
}

/** Reads a request back from a prompt; null if the text is none of Harbor's requests. */
export function parseRequest(text: string): HarborRequest | null {
  const words = text.split(/\s+/)
  const verb = words.map((word) => verbs.get(word)).find((entry) => entry !== undefined)
  const noun = words.map((word) => nouns.get(word)).find((entry) => entry !== undefined)
  const place = places.find((name) => words.includes(name))
  if (!verb || !noun || !place) return null
  const requests = requestTemplates.map((template) => makeRequest(verb, noun, place, template))
  return requests.find((request) => request?.text === text) ?? null
}
