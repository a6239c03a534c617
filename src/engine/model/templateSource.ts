/** Where a model folder keeps its chat template: the Jinja source, as published code looks for it. */
import { join } from 'node:path'
import { z } from 'zod'
import { ReflectoryError } from '../../shared/errors.ts'
import { readJsonIfPresent, readTextIfPresent } from './jsonFile.ts'

export interface TemplateSource {
  source: string
  /** The file's name. */
  name: string
  /** The file, with the field where it stands in one: for messages. */
  place: string
}

const NamedTemplates = z.union([z.string(), z.array(z.object({ name: z.string(), template: z.string() }))])
const TemplateFile = z.looseObject({ chat_template: NamedTemplates.nullish() })

/** Null where the folder has none. Throws `bad-model`. */
export function findTemplate(folder: string): TemplateSource | null {
  const own = join(folder, 'chat_template.jinja')
  const source = readTextIfPresent(own)
  if (source !== null) return { source, name: 'chat_template.jinja', place: own }
  for (const name of ['chat_template.json', 'tokenizer_config.json']) {
    const file = join(folder, name)
    const template = readJsonIfPresent(file, TemplateFile)?.chat_template
    if (template == null) continue
    return { source: defaultOf(template, file), name, place: `${file}:chat_template` }
  }
  return null
}

function defaultOf(template: z.infer<typeof NamedTemplates>, file: string): string {
  if (typeof template === 'string') return template
  const chosen = template.find(({ name }) => name === 'default')
  if (chosen) return chosen.template
  throw new ReflectoryError(
    'bad-model',
    `${file}:chat_template`,
    `none of the templates (${template.map(({ name }) => name).join(', ')}) is named default`,
    'Put the template to use into chat_template.jinja in the same folder.',
  )
}
