/** Study files: what is read, and what a person is told about what cannot be. */
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decode, parseStudy, readStudy } from '../../src/host/readStudy.ts'
import { ReflectoryError } from '../../src/shared/errors.ts'
import { FileSource } from '../../src/shared/sources.ts'
import { StudyConfig } from '../../src/shared/study.ts'
import { temporaryFolder } from '../temporaryFolder.ts'

const ARMS = 'arms:\n  - name: base\n    method: base\n'
const folder = temporaryFolder()

describe('a judge that is none', () => {
  test.each([
    ['judges: [{ guard: 5 }]', /guard/],
    ["judges: [{ endpoint: 'http://localhost', model: x }]", /endpoint|model/],
    ['judges: [{ guard: x, format: foo }]', /format.*llama-guard-3/],
  ])('%s is told by what is wrong with it, not by another judge', (line, message) => {
    expect(() => parseStudy(`name: short\n${ARMS}${line}\n`, 's.yaml')).toThrow(message)
  })
})

describe('parseStudy', () => {
  test('fills in what a short file leaves out', () => {
    const study = parseStudy(`name: short\narms:\n  - {name: rl, method: rl}\n`, 's.yaml')
    expect(study).toMatchObject({ model: 'harbor', seeds: [0], judges: ['harbor'], tooLong: 'refuse' })
    expect(study.arms[0]).toMatchObject({
      algorithm: 'grpo',
      steps: 60,
      samplesPerPrompt: 8,
      learningRate: 2e-4,
      warmupSteps: 5,
      weightDecay: 0,
      promptsPerStep: { harmful: 14, benign: 8, puzzles: 10 },
      kl: { estimator: 'k3', coefficient: 0.02 },
      reward: { safety: { component: 'whole', weight: 1 } },
    })
  })

  test('reads JSON as well', () => {
    expect(parseStudy('{"name": "j", "arms": [{"name": "base", "method": "base"}]}', 's.json').name).toBe('j')
  })

  test.each([
    ['', /^s\.yaml: is empty\./],
    ['# only a remark\n', /^s\.yaml: is empty\./],
    ['[1, 2]', /^s\.yaml:1: is not a study/],
    ['name: a\nname: b\n' + ARMS, /^s\.yaml:2: Map keys must be unique/],
    ['name: a\n\twhat: 1', /^s\.yaml:\d: /],
    ['name: a\nwhat: 1\n' + ARMS, /^s\.yaml:2: what: unknown field 'what'\. Remove it/],
    [
      'name: a\narms:\n  - name: b\n    method: rl\n    kl: { betta: 1 }\n',
      /^s\.yaml:5: arms\.0\.kl\.betta: unknown field 'betta'/,
    ],
    [ARMS, /name: is missing/],
    ['name: a\narms: []\n', /^s\.yaml:2: arms: must have at least one item/],
    ['name: a\nseeds: [0, -1]\n' + ARMS, /^s\.yaml:2: seeds\.1: must be at least 0/],
    ['name: a\nseeds: [3, 3]\n' + ARMS, /^s\.yaml:2: seeds\.1: seed 3 stands here twice/],
    [
      'name: a\narms:\n  - name: b\n    method: ppo\n',
      /^s\.yaml:4: arms\.0\.method: is missing or unknown; it may be base, sft, rl/,
    ],
    [
      'name: a\narms:\n  - {name: b, method: base}\n  - {name: b, method: base}\n',
      /^s\.yaml:4: arms\.1\.name: two arms are called 'b'/,
    ],
    ['name: a\narms:\n  - name: b\n    method: rl\n    steps: many\n', /^s\.yaml:5: arms\.0\.steps: must be of type/],
    [
      'name: a\narms:\n  - name: b\n    method: rl\n    learningRate: 0\n',
      /^s\.yaml:5: arms\.0\.learningRate: must be above 0/,
    ],
    [
      'name: a\narms:\n  - name: b\n    method: rl\n    promptsPerStep: {hurtful: 3}\n',
      /promptsPerStep\.hurtful: there is no data source 'hurtful'; the sources of this study are harmful/,
    ],
    [
      'name: a\narms:\n  - name: b\n    method: rl\n    promptsPerStep: {refusals: 3}\n',
      /'refusals' holds training pairs, and prompts are needed/,
    ],
    [
      'name: a\narms:\n  - {name: b, method: sft, data: harmful}\n',
      /'harmful' holds prompts, and training pairs \(role sft\) are needed/,
    ],
    [
      'name: a\ndata:\n  h:\n    file: x.csv\n    role: harmful\n    colums: {}\n' + ARMS,
      /^s\.yaml:6: data\.h\.colums: unknown field/,
    ],
    [
      'name: a\nevaluation:\n  sources: [nowhere]\n' + ARMS,
      /^s\.yaml:3: evaluation\.sources\.0: there is no data source 'nowhere'/,
    ],
    ['name: a\nmodel: !!js/function 3\n' + ARMS, /^s\.yaml:2: Unresolved tag/],
    [
      'a: &a [x, x, x, x, x, x, x, x, x]\n' +
        'bcdefgh'.replace(
          /./g,
          (c) =>
            `${c}: &${c} [${Array(9)
              .fill(`*${String.fromCharCode(c.charCodeAt(0) - 1)}`)
              .join(', ')}]\n`,
        ),
      /Excessive alias count.*Write the values out/,
    ],
  ])('says where %j is wrong', (text, message) => {
    expect(() => parseStudy(text, 's.yaml')).toThrow(message)
  })

  test('never throws anything but a ReflectoryError that names the file, whatever the text', () => {
    const token = fc.constantFrom(
      'name',
      'arms',
      'method',
      'rl',
      'base',
      ': ',
      '- ',
      '\n',
      '  ',
      '{',
      '}',
      '[',
      ']',
      '"',
      "'",
      '&a',
      '*a',
      '!!',
      '|',
      '>',
      '#',
      '?',
      '0',
      '-1',
      '1e999',
      '.nan',
      '__proto__',
      'null',
      '\t',
      '\u0000',
      'é',
      '\ud800',
    )
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 80 }),
      fc.array(token, { maxLength: 60 }).map((tokens) => tokens.join('')),
    )
    fc.assert(
      fc.property(text, (content) => isRefusedOrGood(() => parseStudy(content, 's.yaml'))),
      { numRuns: 400 },
    )
  })

  test('takes or refuses each change of a good study, and what it takes stays the same when read again', () => {
    const good = `name: good\nseeds: [0, 1]\ndata:\n  h: { harbor: harmful, count: 5 }\n  f: { file: a.csv, role: sft }\narms:\n  - { name: b, method: base }\n  - name: s\n    method: sft\n    data: f\n  - name: r\n    method: rl\n    promptsPerStep: { h: 2 }\n    reward: { safety: { component: composed, rule: minimum } }\nevaluation: { sources: [h] }\n`
    expect(parseStudy(good, 's.yaml').arms).toHaveLength(3)
    const place = fc.nat({ max: good.length })
    const edit = fc.tuple(place, fc.nat({ max: 6 }), fc.string({ maxLength: 4 }))
    fc.assert(
      fc.property(edit, ([at, removed, added]) => {
        const changed = good.slice(0, at) + added + good.slice(at + removed)
        return isRefusedOrGood(() => parseStudy(changed, 's.yaml'))
      }),
      { numRuns: 300 },
    )
  })

  function isRefusedOrGood(read: () => StudyConfig): boolean {
    let study: StudyConfig
    try {
      study = read()
    } catch (error) {
      if (!(error instanceof ReflectoryError)) throw error
      return error.code === 'bad-study' && error.place.startsWith('s.yaml') && error.remedy !== ''
    }
    expect(StudyConfig.parse(study)).toEqual(study)
    return true
  }
})

describe('data sets by name', () => {
  const hash = 'a'.repeat(64)
  const openSet = (name: string) => {
    if (name !== 'attaq') throw new ReflectoryError('bad-argument', name, 'there is no such set', 'The list has: attaq.')
    return FileSource.parse({ file: '/data/attaq.csv', role: 'harmful', columns: { text: 'input' }, hash })
  }
  const withData = (data: string) => `name: s\ndata:\n${data}arms: [{ name: base, method: base }]\nevaluation: { sources: [attacks] }\n`

  test('stand for their file as it was added, narrowed by what else is said', () => {
    const { data } = parseStudy(withData('  attacks: attaq\n'), 's.yaml', openSet)
    expect(data.attacks).toEqual(openSet('attaq'))
    const narrowed = parseStudy(withData('  attacks: { set: attaq, split: held-out, limit: 5 }\n'), 's.yaml', openSet)
    expect(narrowed.data.attacks).toEqual({ ...openSet('attaq'), split: 'held-out', limit: 5 })
  })

  test('are refused with their line where the list does not have them', () => {
    expect(() => parseStudy(withData('  attacks: other\n'), 's.yaml', openSet)).toThrow(
      's.yaml:3: data.attacks: other: there is no such set. The list has: attaq.',
    )
    expect(() => parseStudy(withData('  attacks: { set: other }\n'), 's.yaml')).toThrow('there is no list of data sets here')
  })
})

describe('decode', () => {
  test('takes UTF-8 with and without a mark, and nothing else', () => {
    expect(decode(Buffer.from('\ufeffname: é'), 's')).toBe('name: é')
    for (const bytes of [Buffer.from('name: é', 'latin1'), Buffer.from([0xff, 0xfe, 0x6e, 0])]) {
      expect(() => decode(bytes, 's.yaml')).toThrow(/s\.yaml: is not UTF-8 text\. Save it as UTF-8/)
    }
  })

  test('gives text or a ReflectoryError for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        try {
          return typeof decode(bytes, 's.yaml') === 'string'
        } catch (error) {
          return error instanceof ReflectoryError
        }
      }),
    )
  })
})

describe('readStudy', () => {
  test.each(['README.md', 'resources/studies/demo.yaml', 'resources/studies/files.yaml'])('takes the study in %s as it stands there', (file) => {
    const text = readFileSync(resolve(import.meta.dirname, '../..', file), 'utf8')
    const indented = text.match(/^    name: my study\n(?:    .*\n)+/m)?.[0]
    expect(parseStudy(indented ?? text, file).arms.length).toBeGreaterThan(1)
    expect(indented === undefined).toBe(file !== 'README.md')
  })

  test('takes paths from the folder of the file', () => {
    const file = join(folder, 'paths.yaml')
    writeFileSync(
      file,
      'name: p\nmodel: ../m\njudges: [{ lexicon: words.txt }, { lexicon: builtin }, harbor]\n' +
        'data: { h: { file: d/a.csv, role: harmful }, g: { harbor: puzzle } }\nevaluation: { sources: [h, g] }\n' +
        ARMS,
    )
    const study = readStudy(file)
    expect(study.model).toBe(join(dirname(folder), 'm'))
    expect(study.judges).toEqual([{ lexicon: join(folder, 'words.txt') }, { lexicon: 'builtin' }, 'harbor'])
    expect(study.data.h).toMatchObject({ file: resolve(folder, 'd/a.csv') })
  })

  test('names a file that is not there, and a folder', () => {
    expect(() => readStudy(join(folder, 'none.yaml'))).toThrow(/none\.yaml: there is no such file/)
    expect(() => readStudy(folder)).toThrow(/is a folder/)
  })

  test('reads the example of the README', () => {
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
    const example = /^ {4}name: my study\n(?: {4}.*\n|\n)+/m.exec(readme)?.[0].replaceAll(/^ {4}/gm, '')
    expect(parseStudy(example ?? '', 'README.md').arms).toHaveLength(3)
  })

  test.each(['demo.yaml'])('reads the study that comes with the program: %s', (name) => {
    const study = readStudy(fileURLToPath(new URL(`../../resources/studies/${name}`, import.meta.url)))
    expect(study.arms.map((arm) => arm.name)).toEqual(['base', 'sft', 'rl-response', 'rl-whole'])
  })
})
