/** A chat template as what it is: a program by a stranger. It comes to an end, in bounded memory, or is refused. */
import vm from 'node:vm'
import { Environment, Interpreter, Template } from '@huggingface/jinja'
import { ReflectoryError } from '../../shared/errors.ts'
import { describe } from './jsonFile.ts'
import type { Tokenizer } from './tokenizer.ts'

export interface TemplateProgram {
  /** Throws `bad-model` where it fails or takes too much. */
  render(variables: Readonly<Record<string, unknown>>): string
  /** Every name that it reads. */
  names: ReadonlySet<string>
}

export interface TemplateLimits {
  /** Evaluated expressions and statements. A real prompt takes a few thousand. */
  steps: number
  /** Characters of one text, or entries of one list. */
  size: number
  /** Of all texts and lists that are made, together. */
  totalSize: number
  /**
   * Against what those miss, such as printing a list of lists of lists; an honest render may wait on a busy machine.
   */
  timeMs: number
}

const LIMITS: TemplateLimits = { steps: 300_000, size: 8_000_000, totalSize: 100_000_000, timeMs: 10_000 }

/** What a template may ask for beside the messages. */
export function usualVariables({ bos, eos, pad }: Pick<Tokenizer, 'bos' | 'eos' | 'pad'>): Record<string, unknown> {
  return {
    // Granite's template asks whether certain controls are in this.
    controls: {},
    tools: null,
    documents: null,
    bos_token: bos?.text ?? '',
    eos_token: eos?.text ?? '',
    pad_token: pad?.text ?? '',
  }
}

/**
 * `place` is the file, with the field where it stands in one. Throws `bad-model` with the line where it does not
 * parse.
 */
export function compileTemplate(source: string, place: string, limits: TemplateLimits = LIMITS): TemplateProgram {
  const problem = (error: unknown, line: number | null, callee: string | null) =>
    new ReflectoryError(
      'bad-model',
      line === null ? place : `${place}, line ${line} of the template`,
      `the chat template ${callee === null ? 'fails' : `fails in ${callee}`} (${describe(error)})`,
      'Put a template that works into chat_template.jinja in the model folder; it is taken before all others.',
      { cause: error },
    )
  let template: Template
  try {
    template = inTime(limits.timeMs, () => new Template(source))
  } catch (error) {
    throw problem(error, brokenLine(source, describe(error), limits.timeMs), null)
  }
  return {
    names: namesIn(template.parsed),
    render(variables) {
      const environment = new Environment()
      for (const [name, value] of Object.entries({ ...GLOBALS, ...variables })) environment.set(name, value)
      const interpreter = new BoundedInterpreter(environment, limits)
      try {
        return String(inTime(limits.timeMs, () => interpreter.run(template.parsed).value))
      } catch (error) {
        const { callee } = interpreter
        throw problem(error, callee === null ? null : lineOf(source, callee), callee)
      }
    },
  }
}

/** What every template may use. */
const GLOBALS = {
  true: true,
  false: false,
  none: null,
  True: true,
  False: false,
  None: null,
  range: boundedRange,
  raise_exception(reason: string) {
    throw new Error(reason)
  },
  strftime_now: fixedDate,
}

/** What is used of the library's interpreter; its own declarations are lost to Node's rules for modules. */
interface Evaluation {
  run(program: object): { value: unknown }
  evaluate(node: TemplateNode | undefined, environment: object): { value: unknown }
}
interface TemplateNode {
  type: string
}
const LibraryInterpreter: new (environment: object) => Evaluation = Interpreter

class BoundedInterpreter extends LibraryInterpreter {
  /** The function or filter in which it failed. */
  callee: string | null = null
  private readonly limits: TemplateLimits
  private steps = 0
  private total = 0

  constructor(environment: object, limits: TemplateLimits) {
    super(environment)
    this.limits = limits
  }

  override evaluate(node: TemplateNode | undefined, environment: object): { value: unknown } {
    const { steps, size, totalSize } = this.limits
    if (++this.steps > steps) throw new Error(`it does not come to an end: more than ${steps} steps`)
    let result: { value: unknown }
    try {
      result = super.evaluate(node, environment)
    } catch (error) {
      this.callee ??= calleeOf(node)
      throw error
    }
    const { value } = result
    if (typeof value === 'string' || Array.isArray(value)) {
      // Naming a value makes nothing new.
      if (node?.type !== 'Identifier' && node?.type !== 'MemberExpression') this.total += value.length
      if (value.length > size || this.total > totalSize) throw new Error('it makes too much text')
    }
    return result
  }
}

/** Ends work that does not end by itself: V8 stops whatever its context is running, library code included. */
function inTime<T>(timeMs: number, work: () => T): T {
  let result: { value: T } | undefined
  scope.work = () => {
    result = { value: work() }
  }
  try {
    RUN.runInContext(scope, { timeout: timeMs })
  } catch (error) {
    if (typeof error === 'object' && error && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') {
      throw new Error(`it was not done after ${timeMs / 1000} seconds`, { cause: error })
    }
    throw error
  }
  if (result === undefined) throw new Error('it gave nothing')
  return result.value
}

const scope: vm.Context = vm.createContext(Object.create(null))
const RUN = new vm.Script('work()')

const LONGEST_RANGE = 100_000

/** As in Python. */
function boundedRange(first: number, second?: number, step = 1): number[] {
  const [start, stop] = second === undefined ? [0, first] : [first, second]
  const length = Math.max(0, Math.ceil((stop - start) / step))
  if (!(length <= LONGEST_RANGE)) throw new Error(`range() of ${length} numbers is too long`)
  return Array.from({ length }, (_, i) => start + i * step)
}

/**
 * The one day on which all prompts are written, as what a run writes must not depend on the day: Wednesday, 1 January
 * 2025, noon; `format` as in strftime.
 */
export function fixedDate(format: string): string {
  const parts: Record<string, string> = {
    Y: '2025',
    y: '25',
    m: '01',
    d: '01',
    B: 'January',
    b: 'Jan',
    A: 'Wednesday',
    a: 'Wed',
    H: '12',
    I: '12',
    p: 'PM',
    M: '00',
    S: '00',
    j: '001',
    '%': '%',
  }
  return format.replace(/%(-?)([A-Za-z%])/g, (whole, bare: string, letter: string) => {
    const part = parts[letter] ?? whole
    return bare ? part.replace(/^0+(?=\d)/, '') : part
  })
}

/**
 * The parser knows no lines: the shortest beginning of the template that fails as all of it does ends in the broken
 * one.
 */
function brokenLine(source: string, message: string, timeMs: number): number | null {
  const lines = source.split('\n')
  const firstAlike = (): number => {
    let line = lines.length
    while (line > 1 && failure(lines.slice(0, line - 1).join('\n')) === message) line--
    return line
  }
  try {
    return inTime(timeMs, () => (failure(source) === message ? firstAlike() : null))
  } catch {
    // It takes too long to find; the message names the file all the same.
    return null
  }

  function failure(text: string): string | null {
    try {
      new Template(text)
      return null
    } catch (error) {
      return describe(error)
    }
  }
}

/** Null where the name stands in several lines. */
function lineOf(source: string, name: string): number | null {
  const lines = source.split('\n')
  const holds = (line: string) => new RegExp(`\\b${name.replace(/\W/g, '\\$&')}\\b`).test(line)
  const line = lines.findIndex(holds)
  return line < 0 || line !== lines.findLastIndex(holds) ? null : line + 1
}

/** The name of what a node calls: a function, a method or a filter. */
function calleeOf(node: object | undefined): string | null {
  for (const key of ['callee', 'filter', 'property', 'test'] as const) {
    const child: unknown = node && key in node ? Reflect.get(node, key) : null
    if (typeof child !== 'object' || child === null) continue
    if ('type' in child && child.type === 'Identifier' && 'value' in child) return String(child.value)
    return calleeOf(child)
  }
  return null
}

function namesIn(program: unknown): Set<string> {
  const names = new Set<string>()
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) for (const child of node) visit(child)
    else if (node instanceof Map) for (const pair of node) visit(pair)
    else if (typeof node === 'object' && node !== null) {
      if ('type' in node && node.type === 'Identifier' && 'value' in node) names.add(String(node.value))
      for (const child of Object.values(node)) visit(child)
    }
  }
  visit(program)
  return names
}
