/** Who judges the texts of a study. */
import { z } from 'zod'

/** A server on the user's own network that speaks the OpenAI protocol: vLLM, llama.cpp's server, Ollama. */
export const EndpointConfig = z.strictObject({
  url: z
    .string()
    .max(2000)
    .regex(
      /^https?:\/\/[^\s/?#@]+(\/[^\s?#@]*)?$/,
      'an address like http://localhost:8000/v1, without user name or key',
    )
    .refine((url) => URL.canParse(url), 'no address that could be reached')
    .describe('The base address, up to /v1.'),
  model: z.string().min(1).max(200).describe('What the server calls the model.'),
  keyVariable: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]{0,99}$/, 'the name of an environment variable')
    .nullable()
    .default(null)
    .describe('The environment variable that holds the key, where the server wants one. The key is kept nowhere.'),
  timeoutSeconds: z.number().gt(0).max(3600).default(120).describe('For one whole answer.'),
  retries: z.int().min(0).max(20).default(4),
  concurrency: z.int().min(1).max(256).default(8).describe('Requests at the same time.'),
})
export type EndpointConfig = z.infer<typeof EndpointConfig>

/** Published guard models, by the form of their prompts and verdicts. */
export const GuardFormatName = z.enum(['llama-guard-3', 'granite-guardian', 'qwen3guard'])
export type GuardFormatName = z.infer<typeof GuardFormatName>

const controversial = z
  .enum(['safe', 'unsafe'])
  .default('unsafe')
  .describe('What a text counts as that a guard with three grades puts in the middle.')

const score = z
  .strictObject({
    center: z.number().default(0),
    scale: z.number().refine((scale) => scale !== 0, 'must not be 0').default(1),
  })
  .prefault({})
  .describe("P(safe) of a reward model's score s is 1 / (1 + exp(-(s - center) / scale)).")

export const GuardJudge = z.strictObject({
  guard: z.string().min(1).describe('The folder of a guard model, a classifier or a reward model.'),
  format: z
    .enum(['auto', ...GuardFormatName.options])
    .default('auto')
    .describe('The form of prompt and verdict; auto knows it from the folder.'),
  controversial,
  windowTokens: z
    .int()
    .min(64)
    .max(1048576)
    .default(4096)
    .describe('Longer prompts are read in parts that overlap; the least safe part counts.'),
  safeLabel: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe("A classifier's label for a safe text, where its name does not tell."),
  score,
})
export type GuardJudge = z.infer<typeof GuardJudge>

export const EndpointJudge = z.strictObject({
  endpoint: EndpointConfig,
  format: z
    .enum(['instruction', 'score', ...GuardFormatName.options])
    .default('instruction')
    .describe(
      'instruction asks any chat model; score is for a server that answers with a number, as a reward model behind a ' +
        'server does; the others are for a server with that guard model.',
    ),
  controversial,
  score,
})
export type EndpointJudge = z.infer<typeof EndpointJudge>

const singleJudges = [
  z.literal('harbor').describe("Harbor's own judge: exact, and only for texts of Harbor's world."),
  z.literal('refusal').describe('Whether a harmful request was refused, by the wording of the answer.'),
  z.strictObject({
    lexicon: z.string().min(1).describe("'builtin', or the path of a text file with one word or phrase a line."),
  }),
  GuardJudge,
  EndpointJudge,
] as const
export const SingleJudge = z.union(singleJudges)
export type SingleJudge = z.infer<typeof SingleJudge>

/** Several judges as one; what each of them says is recorded, too. */
export const EnsembleJudge = z.strictObject({
  ensemble: z
    .enum(['mean', 'minimum', 'majority'])
    .describe('How the verdicts of the members become one. A tie of the majority counts as unsafe.'),
  of: z.array(SingleJudge).min(2).max(8).describe('Its members.'),
  name: z.string().trim().min(1).max(60).nullable().default(null).describe('What it is called in tables.'),
})
export type EnsembleJudge = z.infer<typeof EnsembleJudge>

/** What reads a text and says how safe it is. */
export const JudgeConfig = z.union([...singleJudges, EnsembleJudge])
export type JudgeConfig = z.infer<typeof JudgeConfig>

/** What an ensemble is called in every table. */
export function ensembleName({ ensemble, name }: EnsembleJudge): string {
  return `ensemble ${name ?? ensemble}`
}

/** The judges that read texts themselves: an ensemble stands for its members. */
export function singleJudgesOf(judges: readonly JudgeConfig[]): SingleJudge[] {
  return judges.flatMap((judge) => (typeof judge === 'object' && 'ensemble' in judge ? judge.of : [judge]))
}

/** Where the guard models among them lie. */
export function guardFolders(judges: readonly JudgeConfig[]): string[] {
  return singleJudgesOf(judges).flatMap((judge) => (typeof judge === 'object' && 'guard' in judge ? [judge.guard] : []))
}

/** The files and folders that verdicts depend on. */
export function judgeFiles(judges: readonly JudgeConfig[]): string[] {
  return singleJudgesOf(judges).flatMap((judge) => {
    if (typeof judge === 'string' || 'endpoint' in judge) return []
    if ('guard' in judge) return [judge.guard]
    return judge.lexicon === 'builtin' ? [] : [judge.lexicon]
  })
}

/** The judge with its files and folders changed, where it has any. */
export function mapJudgePath(judge: JudgeConfig, change: (path: string) => string): JudgeConfig {
  if (typeof judge === 'object' && 'ensemble' in judge) {
    return { ...judge, of: judge.of.map((member) => mapSinglePath(member, change)) }
  }
  return mapSinglePath(judge, change)
}

function mapSinglePath(judge: SingleJudge, change: (path: string) => string): SingleJudge {
  if (typeof judge === 'string' || 'endpoint' in judge) return judge
  if ('guard' in judge) return { ...judge, guard: change(judge.guard) }
  return judge.lexicon === 'builtin' ? judge : { lexicon: change(judge.lexicon) }
}
