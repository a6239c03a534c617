/** Chat formatting: a conversation to the prompt that the model was trained on, and the completion that belongs after it. */
import { join } from 'node:path'
import { Template } from '@huggingface/jinja'
import { z } from 'zod'
import { ReflectoryError } from '../../shared/errors.ts'
import { describe, readJsonIfPresent, readTextIfPresent } from './jsonFile.ts'
import { THOUGHT_TAGS } from './thoughtSplit.ts'
import type { ThoughtTags } from './thoughtSplit.ts'
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

const NamedTemplates = z.union([z.string(), z.array(z.object({ name: z.string(), template: z.string() }))])
const TokenizerConfig = z.looseObject({ chat_template: NamedTemplates.nullish() })

/** Finds the template of a model folder (chat_template.jinja, then tokenizer_config.json) or takes the default. */
export function loadChatTemplate(folder: string, tokenizer: Tokenizer, tags: ThoughtTags = THOUGHT_TAGS): ChatTemplate {
  const own = readTextIfPresent(join(folder, 'chat_template.jinja'))
  if (own !== null) return makeChatTemplate(own, 'chat_template.jinja', tokenizer, tags)
  const configFile = join(folder, 'tokenizer_config.json')
  const template = readJsonIfPresent(configFile, TokenizerConfig)?.chat_template
  if (template == null) return makeChatTemplate(DEFAULT_TEMPLATE, DEFAULT_TEMPLATE_NAME, tokenizer, tags)
  if (typeof template === 'string') return makeChatTemplate(template, 'tokenizer_config.json', tokenizer, tags)
  const chosen = template.find(({ name }) => name === 'default')
  if (!chosen) {
    throw new ReflectoryError(
      'bad-model',
      `${configFile}:chat_template`,
      `none of the templates (${template.map(({ name }) => name).join(', ')}) is named default`,
      'Put the template to use into chat_template.jinja in the same folder.',
    )
  }
  return makeChatTemplate(chosen.template, 'tokenizer_config.json', tokenizer, tags)
}

/** A chat template from its Jinja source; `name` is for reports and messages. */
export function makeChatTemplate(
  source: string,
  name: string,
  tokenizer: Pick<Tokenizer, 'bos' | 'eos' | 'pad'>,
  tags: ThoughtTags = THOUGHT_TAGS,
): ChatTemplate {
  const problem = (error: unknown) =>
    new ReflectoryError(
      'bad-model',
      name,
      `the chat template fails (${describe(error)})`,
      'Put a template that works into chat_template.jinja in the model folder.',
      { cause: error },
    )
  let template: Template
  try {
    // Some templates write today's date into the prompt, through this function; a run must not depend on the day.
    template = new Template(source.replaceAll('strftime_now', 'fixed_date'))
  } catch (error) {
    throw problem(error)
  }
  const render = (messages: readonly ChatMessage[], thinking: boolean) => {
    try {
      return template.render({
        messages: messages.map(({ role, content }) => ({ role, content })),
        add_generation_prompt: true,
        // The same switch has a name a family: Qwen3, Granite and DeepSeek-V3.1, minimind.
        enable_thinking: thinking,
        thinking,
        open_thinking: thinking,
        // Granite's template asks whether certain controls are in this.
        controls: {},
        tools: null,
        documents: null,
        bos_token: tokenizer.bos?.text ?? '',
        eos_token: tokenizer.eos?.text ?? '',
        pad_token: tokenizer.pad?.text ?? '',
        fixed_date: fixedDate,
      })
    } catch (error) {
      throw problem(error)
    }
  }
  const probe: ChatMessage[] = [{ role: 'user', content: 'Hello.' }]
  const format = readThoughtFormat(render(probe, true), render(probe, false), tags)

  const endsOpen = (text: string) => text.trimEnd().endsWith(tags.open)
  const renderPrompt: ChatTemplate['renderPrompt'] = (messages, { thinking }) => {
    const text = render(messages, thinking)
    if (thinking || format.hasSwitch) return { text, opensThought: endsOpen(text) }
    // No switch in the template: an empty thought tells the model not to think (MEASURES.md, "Thinking gap").
    return { text: text + (endsOpen(text) ? '' : format.open) + format.close, opensThought: false }
  }
  return {
    name,
    isDefault: name === DEFAULT_TEMPLATE_NAME,
    tags,
    renderPrompt,
    renderCompletion({ thought, response }, { opensThought, thinking }) {
      if (!thinking) return response
      return (opensThought ? '' : format.open) + thought + format.close + response
    },
  }
}

interface ThoughtFormat {
  /** The tags with the white space that the model was trained to see around them. */
  open: string
  close: string
  /** Whether the template itself can turn thinking off. */
  hasSwitch: boolean
}

/**
 * A template shows its white space where it opens a thought in the prompt, and in the empty thought that it writes when
 * thinking is off; where it shows nothing, the widespread `<think>\n…\n</think>\n\n` is taken.
 */
function readThoughtFormat(thinkingPrompt: string, plainPrompt: string, tags: ThoughtTags): ThoughtFormat {
  const afterOpen = thinkingPrompt.trimEnd().endsWith(tags.open)
    ? thinkingPrompt.slice(thinkingPrompt.trimEnd().length)
    : null
  const hasSwitch = thinkingPrompt !== plainPrompt
  const beforeEnd = plainPrompt.trimEnd()
  const opening = beforeEnd.lastIndexOf(tags.open)
  const inside =
    beforeEnd.endsWith(tags.close) && opening >= 0
      ? beforeEnd.slice(opening + tags.open.length, -tags.close.length)
      : null
  if (inside === null || inside.trim() !== '') {
    return { open: tags.open + (afterOpen ?? '\n'), close: `${afterOpen ?? '\n'}${tags.close}\n\n`, hasSwitch }
  }
  const split = afterOpen?.length ?? Math.ceil(inside.length / 2)
  return {
    open: tags.open + inside.slice(0, split),
    close: inside.slice(split) + tags.close + plainPrompt.slice(beforeEnd.length),
    hasSwitch,
  }
}

/** The one day on which all prompts are written: Wednesday, 1 January 2025, noon; `format` as in strftime. */
function fixedDate(format: string): string {
  const parts: Record<string, string> = {
    Y: '2025',
    m: '01',
    d: '01',
    B: 'January',
    b: 'Jan',
    A: 'Wednesday',
    a: 'Wed',
    H: '12',
    M: '00',
    S: '00',
  }
  return format.replace(/%-?([A-Za-z])/g, (whole, letter: string) => parts[letter] ?? whole)
}
