/** What the study's own schema says of one field: its kind, choices, default and help. The form is drawn from it. */
import { z } from 'zod'
import { StudyConfig } from '../../../shared/study.ts'

export type Path = readonly (string | number)[]

export interface Field {
  kind: 'integer' | 'number' | 'text' | 'boolean' | 'choice'
  choices: readonly string[]
  /** Whether it may be left empty. */
  isOptional: boolean
  /** What stands in when it is left out; undefined where there is none. */
  defaultValue: unknown
  help: string
}

/** Follows `path` through the schema; where it forks, `value` decides. Null where there is no such simple field. */
export function fieldAt(value: unknown, path: Path): Field | null {
  let schema: z.core.$ZodType = StudyConfig
  let here = value
  for (const key of path) {
    const inner = branchFor(peel(schema).schema, here)
    const next = childOf(inner, key)
    if (next === null) return null
    schema = next
    here = typeof here === 'object' && here !== null ? Reflect.get(here, key) : undefined
  }
  return describe(schema)
}

function describe(schema: z.core.$ZodType): Field | null {
  const { schema: inner, ...said } = peel(schema)
  const field = (kind: Field['kind'], choices: readonly string[] = []): Field => ({ kind, choices, ...said })
  if (inner instanceof z.ZodNumber) return field(inner.isInt ? 'integer' : 'number')
  if (inner instanceof z.ZodBoolean) return field('boolean')
  if (inner instanceof z.ZodEnum) return field('choice', inner.options.map(String))
  return inner instanceof z.ZodString ? field('text') : null
}

/** Takes off what is wrapped around a schema, and keeps what it says. */
function peel(schema: z.core.$ZodType): Omit<Field, 'kind' | 'choices'> & { schema: z.core.$ZodType } {
  let inner = schema
  let isOptional = false
  let defaultValue: unknown
  let help = ''
  for (;;) {
    help ||= (inner instanceof z.ZodType && inner.description) || ''
    if (inner instanceof z.ZodDefault) defaultValue = inner.def.defaultValue
    else if (inner instanceof z.ZodOptional || inner instanceof z.ZodNullable) isOptional = true
    else if (!(inner instanceof z.ZodPrefault)) return { schema: inner, isOptional, defaultValue, help }
    inner = inner.def.innerType
  }
}

/** Of a union, the alternative that `value` is meant to be. */
function branchFor(schema: z.core.$ZodType, value: unknown): z.core.$ZodType {
  if (!(schema instanceof z.ZodUnion)) return schema
  const names = typeof value === 'object' && value !== null ? Object.keys(value) : []
  const options: readonly z.core.$ZodType[] = schema.options
  const fits = (option: z.core.$ZodType) =>
    option instanceof z.ZodObject && names.every((name) => Object.hasOwn(option.shape, name))
  const exact = options.find((option) => z.safeParse(option, value).success)
  const fork = schema instanceof z.ZodDiscriminatedUnion ? schema.def.discriminator : undefined
  const sameFork = (option: z.core.$ZodType) =>
    fork !== undefined &&
    option instanceof z.ZodObject &&
    typeof value === 'object' &&
    value !== null &&
    z.safeParse(option.shape[fork], Reflect.get(value, fork)).success
  return exact ?? options.find(sameFork) ?? options.find(fits) ?? schema
}

function childOf(schema: z.core.$ZodType, key: string | number): z.core.$ZodType | null {
  if (schema instanceof z.ZodObject) return Object.hasOwn(schema.shape, key) ? schema.shape[key] : null
  if (schema instanceof z.ZodArray) return schema.def.element
  return schema instanceof z.ZodRecord ? schema.def.valueType : null
}
