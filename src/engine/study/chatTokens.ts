/** Prompts and training pairs as the tokens that the model reads and should write. */
import type { ThoughtSplit } from '../../shared/trajectory.ts'
import { segmentTokens, type Segments } from '../analysis/segments.ts'
import { splitThought } from '../model/thoughtSplit.ts'
import type { SftExample } from '../train/batches.ts'
import type { StudyModel } from './studyModel.ts'

export interface PromptTokens {
  tokens: Int32Array
  /** Whether the prompt ends inside a thought. */
  opensThought: boolean
}

/** A pair's tokens, and how many of them belong to the thought. */
export interface PairTokens {
  example: SftExample
  thought: number
}

export interface Pair {
  prompt: string
  thought: string
  response: string
}

export class ChatTokens {
  private readonly model: Pick<StudyModel, 'tokenizer' | 'template' | 'stopTokens'>
  private readonly prompts = new Map<string, PromptTokens>()

  constructor(model: Pick<StudyModel, 'tokenizer' | 'template' | 'stopTokens'>) {
    this.model = model
  }

  prompt(text: string, thinking: boolean): PromptTokens {
    const key = `${thinking} ${text}`
    const known = this.prompts.get(key)
    if (known) return known
    const rendered = this.render(text, thinking)
    const encoded = { tokens: this.encode(rendered.text), opensThought: rendered.opensThought }
    this.prompts.set(key, encoded)
    return encoded
  }

  /** Loss on all of the completion, end token included. A pair without a thought is one in non-thinking mode. */
  pair({ prompt, thought, response }: Pair): PairTokens {
    const thinking = thought !== ''
    const rendered = { ...this.render(prompt, thinking), thinking }
    const { template, tokenizer, stopTokens } = this.model
    const complete = (text: string) => this.encode(template.renderCompletion({ thought: text, response }, rendered))
    const end = tokenizer.eos?.id ?? stopTokens[0]
    const completionTokens = Int32Array.from([...complete(thought), ...(end === undefined ? [] : [end])])
    const withoutThought = complete('').length + (end === undefined ? 0 : 1)
    return {
      example: {
        promptTokens: this.encode(rendered.text),
        completionTokens,
        lossMask: new Uint8Array(completionTokens.length).fill(1),
      },
      thought: thinking ? Math.max(0, completionTokens.length - withoutThought) : 0,
    }
  }

  /** The pair with its thought cut, so that all of it has at most `limit` tokens; null if no thought would be left. */
  shortened(pair: Pair, thoughtTokens: number, limit: number): SftExample | null {
    const thought = this.encode(pair.thought)
    for (let kept = Math.min(thoughtTokens, thought.length); kept > 0; ) {
      const text = this.model.tokenizer.decode(thought.subarray(0, kept), { skipSpecialTokens: true }).trim()
      if (text === '') return null
      const { example } = this.pair({ ...pair, thought: text })
      const over = lengthOf(example) - limit
      if (over <= 0) return example
      // Tokens at the cut may come out differently, so that a few more have to go.
      kept -= over
    }
    return null
  }

  /** The text that the model wrote, without the token that ended it. */
  text(tokens: Int32Array, finish: 'stop' | 'length'): string {
    const written = finish === 'stop' ? tokens.subarray(0, -1) : tokens
    return this.model.tokenizer.decode(written, { skipSpecialTokens: true })
  }

  split(text: string, opensThought: boolean): ThoughtSplit {
    return splitThought(text, { opensThought, tags: this.model.template.tags })
  }

  segments(tokens: Int32Array, { state }: ThoughtSplit): Segments {
    const { template, tokenizer } = this.model
    const decode = (prefix: Int32Array) => tokenizer.decode(prefix, { skipSpecialTokens: false })
    return segmentTokens(tokens, state, template.tags, decode)
  }

  private render(text: string, thinking: boolean) {
    return this.model.template.renderPrompt([{ role: 'user', content: text }], { thinking })
  }

  private encode(text: string): Int32Array {
    return this.model.tokenizer.encode(text, { addSpecialTokens: false })
  }
}

/** Tokens of prompt and completion together. */
export function lengthOf({ promptTokens, completionTokens }: SftExample): number {
  return promptTokens.length + completionTokens.length
}
