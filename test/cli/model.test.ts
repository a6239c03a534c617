/** `reflectory model` as a person meets it: a real process and a real engine. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { ModelDescription } from '../../src/shared/modelDescription.ts'
import { writeTinyHarbor } from '../engine/study/tinyHarbor.ts'
import { temporaryFolder } from '../temporaryFolder.ts'
import { reflectory } from './reflectory.ts'

const folder = temporaryFolder()

beforeAll(() => writeTinyHarbor(join(folder, 'tiny')))

const inFolder = (...args: string[]) => reflectory(args, { cwd: folder })

test('model tells a person what the folder holds, with its prompts framed', async () => {
  const { status, out } = await inFolder('model', 'tiny')
  const lines = out.split('\n')
  expect(lines[0]).toBe(join(folder, 'tiny'))
  expect(lines).toContain('  family      llama (LlamaForCausalLM)')
  expect(out).toMatch(/^ {2}on disk +[\d.]+ kB in 1 file, stored as F32$/m)
  expect(out).toMatch(/^ {2}ends a text +<\|end\|> \(\d+\)$/m)
  expect(out).toMatch(/^A prompt with thinking on\n {2}│ .*What is 2 \+ 3\? <\|assistant\|>▸\n\n/m)
  expect(out).toMatch(/^The prompt with thinking off\n {2}│ .*<think> <\/think>▸\n\n/m)
  expect(out).toMatch(/^Memory\n {2}weights, as 32-bit numbers +[\d.]+ kB$/m)
  expect(Math.max(...lines.filter((line) => !line.includes('│')).map((line) => line.length))).toBeLessThanOrEqual(104)
  expect(status).toBe(0)
})

test('model --json prints one object, and the status says whether the model can be used', async () => {
  const good = await inFolder('model', 'tiny', '--json')
  expect(ModelDescription.parse(JSON.parse(good.out)).family).toBe('llama')
  expect(good.status).toBe(0)

  writeFileSync(join(folder, 'tiny', 'chat_template.jinja'), '{{ wat() }}\u001b[2J')
  const bad = await inFolder('model', 'tiny')
  expect(bad.out).toMatch(/^It cannot be used yet\n.*chat_template\.jinja, line 1 of the template\n.*fails in wat/m)
  expect(bad.out).not.toContain('\u001b')
  expect(bad.status).toBe(2)
})

test('model refuses what is no model, with place and remedy', async () => {
  const { status, out, err } = await inFolder('model', 'absent')
  expect(err).toMatch(/^error: .*absent.config\.json: the file does not exist\. Name a folder/)
  expect([status, out]).toEqual([2, ''])
})
