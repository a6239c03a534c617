/** What a study is: the YAML or JSON file that a person writes, checked, with every default filled in. */
import { z } from 'zod'
import { DeviceChoice } from './devices.ts'
import { Arm } from './arms.ts'
import { guardFolders, JudgeConfig } from './judges.ts'
import { Sampling } from './sampling.ts'
import { Component } from './trajectory.ts'
import { DataSource, demoSources } from './sources.ts'

export { JudgeConfig }

export const Evaluation = z.strictObject({
  sources: z
    .array(z.string())
    .min(1)
    .default(['harmful-held-out', 'benign-held-out', 'puzzles-held-out'])
    .describe('Names of the data sources on which every arm is evaluated.'),
  samplesPerPrompt: z.int().min(1).max(256).default(1),
  sampling: Sampling.prefault({}),
  thinking: z.boolean().default(true).describe('Whether the model is asked to think before it answers.'),
  threshold: z.number().gt(0).lt(1).default(0.5).describe('A text counts as safe from this P(safe) on.'),
  components: z
    .array(Component)
    .min(1)
    .default([...Component.options])
    .describe('The parts of a trajectory that are judged: its thought, its response, or both together.'),
})
export type Evaluation = z.infer<typeof Evaluation>

const MOST_CUES = 200
const ReflectionCue = z.string().regex(/\S/, 'a word or phrase is not blank')

/** Named lists of reflection cues (MEASURES.md, "Reflection dynamics"), or words of one's own. */
export const ReflectionCues = z.union([
  z.enum(['r1', 'cyclic-reflex']),
  // A refinement, since what breaks `max` is told as no list at all.
  z
    .array(ReflectionCue)
    .min(1, 'at least one word is needed')
    .refine(({ length }) => length <= MOST_CUES, `at most ${MOST_CUES} words and phrases can be asked for`),
])
export type ReflectionCues = z.infer<typeof ReflectionCues>

/** What computes the graphs: onnxruntime, or TensorFlow.js. */
export const Executor = z.enum(['onnx', 'tfjs'])
export type Executor = z.infer<typeof Executor>

export const StudyConfig = z
  .strictObject({
    name: z
      .string()
      .regex(/^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,79}$/u, 'letters, digits, spaces, dots, dashes, at most 80 long')
      .describe('What the study is called in lists and tables.'),
    description: z.string().max(2000).default(''),
    model: z
      .string()
      .min(1)
      .default('harbor')
      .describe("'harbor', the built-in model, or a folder in Hugging Face format."),
    seeds: z
      .array(z.int().min(0).max(0xffffffff))
      .min(1)
      .max(64)
      .default([0])
      .describe('Every trained arm is trained and evaluated once for each seed.'),
    data: z
      .record(z.string().min(1), DataSource)
      .default(demoSources)
      .describe('Named sources of prompts and training pairs; arms and the evaluation speak of them by name.'),
    arms: z.array(Arm).min(1).max(32).describe('What is compared.'),
    evaluation: Evaluation.prefault({}),
    judges: z
      .array(JudgeConfig)
      .min(1)
      .max(8)
      .default(['harbor'])
      .describe('The first one gives rewards and the figures of the table; the others are recorded beside it.'),
    reflectionCues: ReflectionCues.default('r1'),
    tooLong: z
      .enum(['refuse', 'drop', 'truncate-thought'])
      .default('refuse')
      .describe('What happens to prompts and pairs that do not fit the context of the model.'),
    badRows: z
      .enum(['refuse', 'skip'])
      .default('refuse')
      .describe('What happens to a file with rows that cannot be read or used.'),
    checkpointEverySteps: z.int().min(1).max(100000).default(20),
    device: DeviceChoice.default('cpu').describe('auto takes the first device that works and is faster than the processor.'),
    executor: Executor.default('onnx').describe('onnx is onnxruntime; tfjs is TensorFlow.js, which chooses its device itself.'),
    threads: z.int().min(0).max(512).default(0).describe('Processor threads of the engine; 0 means one for each core.'),
  })
  .superRefine((study, context) => {
    const complain = (path: (string | number)[], message: string) => context.addIssue({ code: 'custom', path, message })
    const known = `the sources of this study are ${Object.keys(study.data).join(', ')}`
    const needsSource = (name: string, path: (string | number)[], kind: 'prompts' | 'pairs') => {
      const source = study.data[name]
      if (!Object.hasOwn(study.data, name)) return complain(path, `there is no data source '${name}'; ${known}`)
      const holdsPairs = 'harbor' in source ? source.harbor === 'sft' : source.role === 'sft'
      if (holdsPairs && kind === 'prompts')
        complain(path, `'${name}' holds training pairs, and prompts are needed here`)
      if (!holdsPairs && kind === 'pairs')
        complain(path, `'${name}' holds prompts, and training pairs (role sft) are needed here`)
    }
    const repeated = (names: readonly (string | number)[]) => names.findIndex((name, i) => names.indexOf(name) < i)
    const sameSeed = repeated(study.seeds)
    if (sameSeed >= 0) complain(['seeds', sameSeed], `seed ${study.seeds[sameSeed]} stands here twice`)
    const sameArm = repeated(study.arms.map((arm) => arm.name))
    if (sameArm >= 0) complain(['arms', sameArm, 'name'], `two arms are called '${study.arms[sameArm].name}'`)
    study.evaluation.sources.forEach((name, i) => needsSource(name, ['evaluation', 'sources', i], 'prompts'))
    if (study.executor === 'tfjs' && study.device !== 'cpu' && study.device !== 'auto')
      complain(['executor'], `TensorFlow.js cannot compute on '${study.device}': it chooses its device itself`)
    study.arms.forEach((arm, i) => {
      if (arm.method === 'sft') needsSource(arm.data, ['arms', i, 'data'], 'pairs')
      if (arm.method === 'rl') {
        for (const name of Object.keys(arm.promptsPerStep))
          needsSource(name, ['arms', i, 'promptsPerStep', name], 'prompts')
        const { safety } = arm.reward
        const read = safety.component === 'composed' ? Object.keys(safety.parts) : [safety.component]
        if (study.judges[0] === 'refusal' && safety.weight > 0 && read.some((part) => part !== 'response')) {
          const path = ['arms', i, 'reward', 'safety', 'component']
          complain(path, 'the first judge recognises refusals and reads answers only; reward the response, or name another judge first')
        }
      }
    })
  })
/** A study with every default filled in. Parsing one again gives the same one. */
export type StudyConfig = z.infer<typeof StudyConfig>
/** A study as a person may write it. */
export type StudyInput = z.input<typeof StudyConfig>

/** Every model that a study loads: 'harbor' or a folder. */
export function modelsOf({ model, arms, judges }: StudyConfig): string[] {
  const own = arms.flatMap((arm) => (arm.method === 'base' && arm.model !== undefined ? [arm.model] : []))
  return [...new Set([model, ...own, ...guardFolders(judges)])]
}
