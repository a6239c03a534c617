/** Templates that do harm come to an end, and say where they are wrong. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ReflectoryError } from '../../../src/shared/errors.ts'
import { compileTemplate, fixedDate } from '../../../src/engine/model/templateProgram.ts'

const render = (source: string, variables: Record<string, unknown> = {}) =>
  compileTemplate(source, 'chat_template.jinja').render(variables)

function refusal(work: () => unknown): ReflectoryError {
  try {
    work()
  } catch (error) {
    if (error instanceof ReflectoryError) return error
    throw error
  }
  throw new Error('it was not refused')
}

describe('compileTemplate', () => {
  it('renders with what templates are promised to have', () => {
    expect(render('{% for i in range(3) %}{{ i }}{% endfor %}{{ range(5, 1, -2) | list }}')).toBe('012[5, 3]')
    expect(render("{{ True and not False and None is none }} {{ strftime_now('%d %b %Y') }}")).toBe('true 01 Jan 2025')
    expect(render('{% if wat is defined %}a{% endif %}{{ name }}', { name: 'b' })).toBe('b')
  })

  it('knows the names that a template reads', () => {
    const { names } = compileTemplate('{% if enable_thinking is defined %}{{ f(x.y) }}{% endif %}', 'x')
    expect([...names]).toEqual(expect.arrayContaining(['enable_thinking', 'f', 'x']))
  })

  it.each([
    ['{% if a %}\nb\n{% for x in %}{% endif %}\n\nmore', 3],
    ['{{ a }}\n{{ a b }}\n{{ c }}', 2],
    ['a\n{{ "unclosed }}\nb', 2],
    ['{{ a }}\n{% if a %}\nb', 2],
  ])('names the line that does not parse: %j', (source, line) => {
    const { code, place, remedy } = refusal(() => compileTemplate(source, 'f.json:chat_template'))
    expect([code, place]).toEqual(['bad-model', `f.json:chat_template, line ${line} of the template`])
    expect(remedy).toMatch(/chat_template\.jinja/)
  })

  it.each([
    ['{{ a }}\n{{ make_prompt(messages) }}', /fails in make_prompt/, ', line 2 of the template'],
    ["{{ a }}\n\n{{ 'x' | rot13 }}", /fails in rot13 .*rot13/, ', line 3 of the template'],
    ["{{ 'x'.encode('utf8') }}", /fails in encode/, ', line 1 of the template'],
    ["{{ raise_exception('Roles must alternate') }}", /Roles must alternate/, ', line 1 of the template'],
    ["{{ raise_exception('a') }}\n{{ raise_exception('b') }}", /raise_exception \(a\)/, ''],
  ])('names what fails, and where if that is sure: %j', (source, problem, where) => {
    const error = refusal(() => render(source))
    expect(error.problem).toMatch(problem)
    expect(error.place).toBe(`chat_template.jinja${where}`)
  })

  it.each([
    ['{% for a in range(1000000000000) %}{% endfor %}', /range\(\) of 1000000000000 numbers is too long/],
    ['{% for a in range(0, 9, 0) %}{% endfor %}', /too long/],
    ['{% for a in range(90000) %}{% for b in range(90000) %}x{% endfor %}{% endfor %}', /does not come to an end/],
    ['{% macro f() %}{{ f() }}{{ f() }}{% endmacro %}{{ f() }}', /fails in f/],
    ['{% macro f(n) %}{% if n %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(60) }}', /come to an end/],
    [
      "{% set ns = namespace(s='ab') %}{% for i in range(60) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}{{ ns.s }}",
      /too much text/,
    ],
    [
      '{% set ns = namespace(a=[1]) %}{% for i in range(60) %}{% set ns.a = ns.a + ns.a %}{% endfor %}',
      /too much text/,
    ],
    ["{% set s = 'x' * 9 %}", /Unknown operator|too much/],
    ["{{ 'a' | indent(999999999) }}{{ [[1]] | tojson(indent=999999999) }}", /too much text|Invalid/],
  ])('ends %j', (source, problem) => {
    expect(refusal(() => render(source)).problem).toMatch(problem)
  })

  it('stops what takes too long inside one step', () => {
    const doubling = '{% set ns = namespace(a=[1]) %}{% for i in range(60) %}{% set ns.a = [ns.a, ns.a] %}{% endfor %}'
    const limits = { steps: 1e6, size: 1e7, totalSize: 1e9, timeMs: 2000 }
    const program = compileTemplate(`${doubling}{{ ns.a | tojson }}`, 'x', limits)
    expect(refusal(() => program.render({})).problem).toMatch(/not done after 2 seconds/)
    // And the next one is none the worse for it.
    expect(render('{{ 1 + 1 }}')).toBe('2')
  })

  it('gives a text or a refusal for anything at all', () => {
    const part = fc.constantFrom(
      ...['{{', '}}', '{%', '%}', '{#', '#}', '{%-', ' if ', ' else ', ' endif ', ' for x in messages ', ' endfor '],
      ...[' set a = ', ' macro f(x) ', ' endmacro ', 'f(1)', 'messages', '[0]', '.role', '[-1:]', ' | ', 'tojson'],
      ...['trim', 'length', "'text'", '"', '\\', '1', ' / ', '0', ' ** ', '99', ' ~ ', '(', ')', '[', ']'],
      ...['é🙂', '{{ messages | tojson }}', '{% for m in messages %}{{ m.content }}{% endfor %}', "{{ 'a' * 3 }}"],
    )
    const variables = { messages: [{ role: 'user', content: 'Why?' }] }
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        try {
          expect(typeof render(parts.join(''), variables)).toBe('string')
        } catch (error) {
          if (!(error instanceof ReflectoryError)) throw error
          expect(error.place).toMatch(/^chat_template\.jinja/)
        }
      }),
      { numRuns: 1000 },
    )
  })

  it('keeps no date but one, in the forms that templates ask for', () => {
    expect(fixedDate('%A, %-d %B %y, %I:%M %p, 100%%, %Q')).toBe('Wednesday, 1 January 25, 12:00 PM, 100%, %Q')
  })
})
