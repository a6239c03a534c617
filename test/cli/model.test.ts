/** `reflectory model` as a person meets it: a real process and a real engine. */
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, test } from 'vitest'
import { ModelDescription } from '../../src/shared/modelDescription.ts'
import { writeTinyHarbor } from '../engine/study/tinyHarbor.ts'
import { temporaryFolder } from '../temporaryFolder.ts'

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
const folder = temporaryFolder()

beforeAll(() => writeTinyHarbor(join(folder, 'tiny')))

function reflectory(...args: string[]): Promise<{ status: number | null; out: string; err: string }> {
  return new Promise((done) => {
    const child = spawn(process.execPath, [main, ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
    let [out, err] = ['', '']
    child.stdout.on('data', (data) => (out += data))
    child.stderr.on('data', (data) => (err += data))
    child.on('close', (status) => done({ status, out, err }))
  })
}

test('model tells a person what the folder holds, with its prompts framed', async () => {
  const { status, out } = await reflectory('model', 'tiny')
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
  const good = await reflectory('model', 'tiny', '--json')
  expect(ModelDescription.parse(JSON.parse(good.out)).family).toBe('llama')
  expect(good.status).toBe(0)

  writeFileSync(join(folder, 'tiny', 'chat_template.jinja'), '{{ wat() }}\u001b[2J')
  const bad = await reflectory('model', 'tiny')
  expect(bad.out).toMatch(/^It cannot be used yet\n.*chat_template\.jinja, line 1 of the template\n.*fails in wat/m)
  expect(bad.out).not.toContain('\u001b')
  expect(bad.status).toBe(2)
})

test('model refuses what is no model, with place and remedy', async () => {
  const { status, out, err } = await reflectory('model', 'absent')
  expect(err).toMatch(/^error: .*absent.config\.json: the file does not exist\. Name a folder/)
  expect([status, out]).toEqual([2, ''])
})
