/** Try it: a prompt typed by hand, answered by any arms side by side and judged; or a trajectory continued otherwise. */
import { z } from 'zod'
import { JudgedTyped } from '../channel.ts'
import { Sampling } from '../sampling.ts'
import { Speaker } from '../speaker.ts'
import { JudgeConfig } from '../study.ts'
import { TriedSample } from '../tokens.ts'
import { PromptRole } from '../trajectory.ts'
import { type Method, Nothing } from './method.ts'

export { Speaker }

export const TryItAnswer = z.object({ speaker: Speaker, name: z.string(), samples: z.array(TriedSample) })
export type TryItAnswer = z.infer<typeof TryItAnswer>

const asked = {
  speakers: z.array(Speaker).min(1).max(8),
  samples: z.int().min(1).max(16).default(2),
  sampling: Sampling.prefault({}),
  /** The same seed gives the same samples. */
  seed: z.int().min(0).max(0xffffffff).default(0),
  judges: z.array(JudgeConfig).min(1).max(8).default(['harbor']),
}

const TryItOutput = z.object({ answers: z.array(TryItAnswer), seconds: z.number() })

export const tryItMethods = {
  /** Refused while a run is on: one engine has the device. */
  tryIt: {
    input: z.strictObject({
      ...asked,
      prompt: z.string().min(1).max(100000),
      role: PromptRole.default('harmful'),
      /** The reference answer, where the role is reasoning. */
      answer: z.string().max(1000).nullable().default(null),
      thinking: z.boolean().default(true),
    }),
    output: TryItOutput,
  },
  /**
   * Continues a trajectory: its tokens before `position`, then `replacement` as it should stand there (with a space before it
   * where the token had one), then what the speakers make of it.
   */
  branch: {
    input: z.strictObject({
      ...asked,
      trajectoryId: z.int(),
      position: z.int().min(0),
      replacement: z.string().max(1000),
    }),
    output: TryItOutput,
  },
  /** What judges make of a text typed by hand, as a response to `question`; refused as `tryIt` is. Paths are absolute. */
  judgeText: {
    input: z.strictObject({
      judges: z.array(JudgeConfig).min(1).max(8),
      question: z.string().max(100000),
      text: z.string().min(1).max(100000),
    }),
    output: JudgedTyped.extend({ seconds: z.number() }),
  },
  /** Stops what `tryIt`, `judgeText` or `branch` is doing; that call then fails with `cancelled`. */
  cancelTryIt: { input: Nothing, output: Nothing },
} satisfies Record<string, Method>
