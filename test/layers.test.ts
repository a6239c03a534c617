/** The layers of ARCHITECTURE.md hold, and the check that says so sees what breaks them. */
import { spawn } from 'node:child_process'
import { cpSync, existsSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { temporaryFolder } from './temporaryFolder.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const FOLDERS = ['src', 'bench', 'scripts'].filter((folder) => existsSync(join(root, folder)))

const Report = z.object({
  summary: z.object({
    violations: z.array(z.object({ rule: z.object({ name: z.string() }), from: z.string(), to: z.string() })),
    totalCruised: z.number(),
  }),
})

function cruise(folder: string): Promise<z.infer<typeof Report>['summary']> {
  const program = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs')
  return new Promise((resolve, reject) => {
    const args = [program, ...FOLDERS, '--config', '.dependency-cruiser.mjs', '--output-type', 'json']
    const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] })
    let output = ''
    child.stdout.on('data', (data) => (output += data))
    child.on('close', () => {
      const report = Report.safeParse(JSON.parse(output))
      if (report.success) resolve(report.data.summary)
      else reject(report.error)
    })
  })
}

test('every import keeps to the layers', async () => {
  const { violations, totalCruised } = await cruise(root)
  expect(violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`)).toEqual([])
  expect(totalCruised).toBeGreaterThan(50)
})

/** File -> what it imports, and the rule that must see it. */
const planted: Record<string, [imports: string, rule: string]> = {
  'src/shared/canary.ts': ["import 'node:fs'", 'shared-node'],
  'src/shared/canary2.ts': ["import '../store/runs.ts'", 'shared-folders'],
  'src/engine/canary.ts': ["import 'better-sqlite3'", 'engine-packages'],
  'src/engine/canary2.ts': ["import '../store/runs.ts'", 'engine-folders'],
  'src/store/canary.ts': ["import '../host/runs.ts'", 'store-folders'],
  'src/store/canary2.ts': ["import 'onnxruntime-node'", 'store-packages'],
  'src/host/canary.ts': ["import '../engine/channel.ts'", 'host-folders'],
  'src/host/canary2.ts': ["import 'better-sqlite3'", 'host-packages'],
  'src/cli/canary.ts': ["import type { Handler } from '../engine/channel.ts'\nexport type A = Handler", 'cli-folders'],
  'src/cli/canary2.ts': ["import 'yaml'", 'cli-packages'],
  'src/server/canary.ts': ["import 'electron'", 'server-packages'],
  'src/main/canary.ts': ["import '../cli/run.ts'", 'main-folders'],
  'src/preload/canary.ts': ["import 'node:fs'", 'preload-node'],
  'src/renderer/canary.ts': ["import '../host/runs.ts'", 'renderer-folders'],
  'src/engine/autodiff/canary.ts': ["import '../onnx/program.ts'", 'engine-autodiff'],
  'src/engine/onnx/canary.ts': ["import * as ort from 'onnxruntime-node'\nexport const t = ort.Tensor", 'onnxruntime-silenced'],
  'src/engine/model/canary.ts': ["import '../train/adamw.ts'", 'engine-model'],
  'src/engine/analysis/canary.ts': ["import '../model/config.ts'", 'engine-analysis'],
  'src/engine/train/policy/canary.ts': ["import '../sft.ts'", 'methods-apart'],
  'src/host/canary3.ts': ["import './canary4.ts'", 'circular'],
  'src/host/canary4.ts': ["import './canary3.ts'", 'circular'],
  'src/host/canary5.ts': ['export const lonely = 1', 'unreached'],
  'src/host/canary6.ts': ["import './nowhere.ts'", 'unresolved'],
}

test('a planted violation of each kind is seen', async () => {
  const copy = temporaryFolder()
  for (const name of [...FOLDERS, 'package.json', 'tsconfig.json', '.dependency-cruiser.mjs'])
    cpSync(join(root, name), join(copy, name), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'junction')
  for (const [file, [imports]] of Object.entries(planted)) writeFileSync(join(copy, file), `${imports}\nexport {}\n`)
  const { violations } = await cruise(copy)
  for (const [file, [, rule]] of Object.entries(planted)) {
    const seen = violations
      .filter(({ from, to }) => from === file || to === file)
      .map((violation) => violation.rule.name)
    expect(seen, `${file} breaks ${rule}`).toContain(rule)
  }
})
