/**
 * A chat template in examples and sentences: the prompts that it writes, and how completions after them are divided.
 */
import type { ModelDescription, TemplateDescription } from '../../shared/modelDescription.ts'
import { ReflectoryError } from '../../shared/errors.ts'
import type { ChatMessage, ChatTemplate } from '../model/chatTemplate.ts'
import type { TagsFound } from '../model/thoughtTags.ts'
import type { Tokenizer } from '../model/tokenizer.ts'

const SYSTEM: ChatMessage = { role: 'system', content: 'You are a careful assistant.' }
const USER: ChatMessage = { role: 'user', content: 'What is 2 + 3?' }

const FOUND: Record<TagsFound, string> = {
  prompt: 'the end of the prompt',
  'empty thought': 'the empty thought that the template writes with thinking off',
  'earlier thought': 'how the template writes the thoughts of earlier turns',
  instructions: 'the instructions that the template gives the model',
  template: 'the text of the template',
  tokens: "the tokenizer's tokens",
  assumed: 'nothing in this folder; they are the ones in wide use',
}

/** Throws `bad-model` where the template fails on a plain question. */
export function describeTemplate(
  template: ChatTemplate,
  tokenizer: Tokenizer,
): { description: TemplateDescription } & Pick<ModelDescription, 'notes'> {
  const notes: string[] = []
  const both = (messages: readonly ChatMessage[]) =>
    [true, false].map((thinking) => ({ thinking, ...template.renderPrompt(messages, { thinking }) }))
  const withoutSystem = both([USER])
  let examples = withoutSystem
  try {
    examples = both([SYSTEM, USER])
    if (!hasEffect(examples) && hasEffect(withoutSystem)) {
      notes.push('With a system message, the template no longer says whether to think; the examples are without one.')
      examples = withoutSystem
    }
  } catch (error) {
    if (!(error instanceof ReflectoryError)) throw error
    notes.push(`The template does not take a system message: ${error.problem}.`)
  }
  if (template.isDefault) {
    notes.push(
      'The folder has no chat template; a plain one stands in. If the model was trained with another, put that into ' +
        'chat_template.jinja.',
    )
  }
  if (template.writesDate)
    notes.push('The template writes the date: always 1 January 2025 here, so that runs can be repeated.')
  const strange = foreignMarks(examples.map(({ text }) => text).join('\n'), tokenizer)
  if (strange.length > 0) {
    notes.push(
      `The template writes ${strange.join(', ')}, which the tokenizer does not know as one token. They may be of ` +
        'different models.',
    )
  }
  const { open, close, answer = null } = template.tags
  return {
    notes,
    description: {
      source: template.name,
      isDefault: template.isDefault,
      switches: [...template.switches],
      tags: {
        open,
        close,
        answer,
        found: FOUND[template.tagsFound],
        areTokens: tokenizer.tokenId(open) !== null && tokenizer.tokenId(close) !== null,
      },
      examples,
      split: { thinking: splitWhenThinking(template, examples[0]), plain: splitWhenPlain(template, examples[1]) },
    },
  }
}

const hasEffect = ([thinking, plain]: readonly { text: string }[]) => thinking.text !== plain.text

type Example = TemplateDescription['examples'][number]

function splitWhenThinking({ tags, tagsFound }: ChatTemplate, { opensThought }: Example): string[] {
  const { open, close, answer } = tags
  const begin = opensThought
    ? `The prompt itself opens the thought with ${open}: all that the model writes up to ${close} is thought, ` +
      'and what follows is its answer.'
    : tagsFound === 'assumed'
      ? `Nothing asks the model to think. If its text begins with ${open} all the same, what stands up to ${close} ` +
        'is thought and what follows is its answer; any other text is all answer.'
      : `The model opens its thought itself: if its text begins with ${open}, what stands up to ${close} is thought ` +
        'and what follows is its answer; any other text is all answer.'
  return [
    begin,
    `A thought that was never closed leaves no answer, and is never judged as one.`,
    `${open} and ${close} further on, within the answer, belong to the answer.`,
    ...(answer ? [`${answer.open} and ${answer.close} around the answer are taken off.`] : []),
  ]
}

function splitWhenPlain({ switches, tags: { open, close } }: ChatTemplate, { text }: Example): string[] {
  const isEmptied = text.trimEnd().endsWith(close)
  const how =
    switches.length > 0
      ? `The template turns thinking off itself (${switches.join(', ')} = false)` +
        (isEmptied ? ', by an empty thought in the prompt.' : '.')
      : `The template has no switch for thinking: an empty thought, ${open} and ${close}, is put behind the prompt.`
  return [how, 'All that the model writes is its answer.']
}

/** Marks in a prompt like <|user|> that ordinary tokens would spell out. */
function foreignMarks(text: string, tokenizer: Tokenizer): string[] {
  const marks = new Set(text.match(/<[|｜][^<>|｜\s]{1,60}[|｜]>/gu))
  return [...marks].filter((mark) => tokenizer.tokenId(mark) === null)
}
