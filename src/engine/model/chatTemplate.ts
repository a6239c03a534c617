/**
 * Chat formatting: a conversation to the prompt that the model was trained on, and the completion that belongs after
 * it.
 */
import { ReflectoryError } from '../../shared/errors.ts'
import { compileTemplate, usualVariables } from './templateProgram.ts'
import { findTemplate } from './templateSource.ts'
import type { ThoughtTags } from './thoughtSplit.ts'
import { ANSWER, aroundThought, emptyThought, findThoughtTags, THOUGHT, type TagsFound } from './thoughtTags.ts'
import type { Tokenizer } from './tokenizer.ts'

export interface ChatMessage {
  role: 'system' | 'user' | 'assistant'
  content: string
}

export interface RenderedPrompt {
  /** Begin tokens included, so encode it with `addSpecialTokens: false`. */
  text: string
  /** Whether the prompt ends inside a thought, so that the completion begins in it. */
  opensThought: boolean
}

export interface ChatTemplate {
  /** `plain-think` for our default, else the file that the template came from. */
  name: string
  isDefault: boolean
  tags: ThoughtTags
  /** What showed the tags. */
  tagsFound: TagsFound
  /** Variables of the template that turn thinking on and off; empty where it has none, and an empty thought does it. */
  switches: readonly string[]
  /** Whether it writes today's date, which is always the same day here. */
  writesDate: boolean
  renderPrompt(messages: readonly ChatMessage[], options: { thinking: boolean }): RenderedPrompt
  /**
   * What the model should write after such a prompt, without the end token (append `tokenizer.eos`). Encode prompt and
   * completion apart, both with `addSpecialTokens: false`: in generation no token spans the two either.
   */
  renderCompletion(
    completion: { thought: string; response: string },
    prompt: RenderedPrompt & { thinking: boolean },
  ): string
}

export const DEFAULT_TEMPLATE_NAME = 'plain-think'

/** For models that were published without a template. */
const DEFAULT_TEMPLATE = `{{ bos_token }}
{%- for message in messages %}
{{- message.role | capitalize + ': ' + message.content + '\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}
{{- 'Assistant: <think>\\n' }}
{%- if not enable_thinking %}
{{- '\\n</think>\\n\\n' }}
{%- endif %}
{%- endif %}`

/** Finds the template of a model folder, as published code does, or takes the default. Throws `bad-model`. */
export function loadChatTemplate(folder: string, tokenizer: Tokenizer): ChatTemplate {
  const own = findTemplate(folder)
  if (own !== null) return makeChatTemplate(own.source, own, tokenizer)
  return makeChatTemplate(DEFAULT_TEMPLATE, { name: DEFAULT_TEMPLATE_NAME, place: DEFAULT_TEMPLATE_NAME }, tokenizer)
}

/** What a template may be told of thinking; the same switch has a name a family. */
const SWITCH = /think|thought|reasoning/i
/** About thoughts, but no switch: what was thought, how much, how it is marked. */
const NO_SWITCH = /content|effort|budget|length|tokens?$|start|end$|message|text/i

/** A chat template from its Jinja source; `name` is for reports, `place` for messages. Throws `bad-model`. */
export function makeChatTemplate(
  source: string,
  { name, place }: { name: string; place: string },
  tokenizer: Pick<Tokenizer, 'bos' | 'eos' | 'pad' | 'addedTokens'>,
): ChatTemplate {
  const program = compileTemplate(source, place)
  const candidates = [...program.names].filter((variable) => SWITCH.test(variable) && !NO_SWITCH.test(variable))
  const renderWith = (messages: readonly object[], switches: Record<string, boolean>, generation = true): string =>
    program.render({
      messages,
      add_generation_prompt: generation,
      ...usualVariables(tokenizer),
      ...switches,
    })
  const render = (messages: readonly object[], thinking: boolean, generation = true): string =>
    renderWith(messages, Object.fromEntries(candidates.map((variable) => [variable, thinking])), generation)

  const question: ChatMessage = { role: 'user', content: 'Hello.' }
  const thinking = render([question], true)
  const plain = render([question], false)
  const history = orNull(() => {
    const thought = { reasoning_content: THOUGHT, reasoning: THOUGHT, thinking: THOUGHT }
    return render([question, { role: 'assistant', content: ANSWER, ...thought }], true, false)
  })
  const tokens = tokenizer.addedTokens.map(({ text }) => text)
  const { tags, found } = findThoughtTags({ thinking, plain, history, source, tokens })
  const format = readThoughtFormat(thinking, plain, history, tags)
  const switches = candidates.filter(
    (variable) => renderWith([question], { [variable]: true }) !== renderWith([question], { [variable]: false }),
  )
  const hasSwitch = thinking !== plain

  const endsOpen = (text: string) => text.trimEnd().endsWith(tags.open)
  return {
    name,
    isDefault: name === DEFAULT_TEMPLATE_NAME,
    tags,
    tagsFound: found,
    switches,
    writesDate: program.names.has('strftime_now'),
    renderPrompt(messages, { thinking }) {
      const text = render(
        messages.map(({ role, content }) => ({ role, content })),
        thinking,
      )
      const opensThought = endsOpen(text)
      if (thinking || (hasSwitch && !opensThought)) return { text, opensThought }
      // Nothing in the template turns thinking off: an empty thought does (MEASURES.md, "Thinking gap").
      return { text: text + (opensThought ? '' : format.open) + format.close, opensThought: false }
    },
    renderCompletion({ thought, response }, { opensThought, thinking }) {
      if (!thinking) return response
      const answer = tags.answer ? tags.answer.open + response + tags.answer.close : response
      return (opensThought ? '' : format.open) + thought + format.close + answer
    },
  }
}

function orNull<T>(make: () => T): T | null {
  try {
    return make()
  } catch (error) {
    if (error instanceof ReflectoryError) return null
    throw error
  }
}

interface ThoughtFormat {
  /** The tags with the white space that the model was trained to see around them. */
  open: string
  close: string
}

/**
 * A template shows its white space where it opens a thought in the prompt, in the empty thought that it writes when
 * thinking is off (some write its end alone), and in earlier turns; where it shows nothing, the widespread
 * `<think>\n…\n</think>\n\n` is taken.
 */
function readThoughtFormat(thinking: string, plain: string, history: string | null, tags: ThoughtTags): ThoughtFormat {
  const end = thinking.trimEnd()
  const afterOpen = end.endsWith(tags.open) ? thinking.slice(end.length) : null
  const earlier = history === null ? null : aroundThought(history, tags)
  const empty = emptyThought(plain, tags)
  if (empty !== null) {
    const split = afterOpen?.length ?? earlier?.before.length ?? Math.ceil(empty.inside.length / 2)
    return {
      open: tags.open + empty.inside.slice(0, split),
      close: empty.inside.slice(split) + tags.close + empty.after,
    }
  }
  const plainEnd = plain.trimEnd()
  const afterClose = plainEnd.endsWith(tags.close) ? plain.slice(plainEnd.length) : null
  const before = afterOpen ?? earlier?.before ?? '\n'
  const after = earlier?.after ?? afterClose ?? '\n\n'
  return { open: tags.open + before, close: (earlier?.behind ?? before) + tags.close + after }
}
