/** How tokens are drawn from a model. */
import { z } from 'zod'

export const Sampling = z.strictObject({
  temperature: z.number().min(0).max(10).default(1).describe('0 takes the most likely token each time.'),
  topP: z
    .number()
    .gt(0)
    .max(1)
    .default(1)
    .describe('Keep the likeliest tokens that together reach this share; 1 keeps all.'),
  topK: z.int().min(0).max(1000000).default(0).describe('Keep this many tokens; 0 keeps all.'),
  minP: z
    .number()
    .min(0)
    .lt(1)
    .default(0)
    .describe('Keep tokens at least this share as likely as the likeliest; 0 keeps all.'),
  maxNewTokens: z.int().min(1).max(131072).default(192),
})
export type Sampling = z.infer<typeof Sampling>
