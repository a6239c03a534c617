/** The launcher, in a small folder of its own with a registry-free package, under this Node. */
import { spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeEach, expect, test } from 'vitest'
import { temporaryFolder } from '../temporaryFolder.ts'

const launcher = fileURLToPath(new URL('../../scripts/launch.mjs', import.meta.url))
let root: string

/** A project with one dependency, a folder beside it, whose install script would leave a mark. */
beforeEach(() => {
  root = temporaryFolder()
  for (const folder of ['scripts', 'src/cli', 'part', 'elsewhere']) mkdirSync(join(root, folder), { recursive: true })
  cpSync(launcher, join(root, 'scripts/launch.mjs'))
  write('part/package.json', {
    name: 'part',
    version: '1.0.0',
    scripts: { postinstall: "node -e \"fs.writeFileSync('mark', '')\"" },
  })
  write('package.json', {
    name: 'whole',
    version: '1.0.0',
    private: true,
    type: 'module',
    dependencies: { part: 'file:part' },
  })
  lock('1.0.0')
  writeFileSync(
    join(root, 'src/cli/main.ts'),
    `
    const args: string[] = process.argv.slice(2)
    if (args[0] === 'fail') process.exit(7)
    if (args[0] === 'wait') setTimeout(() => process.exit(9), 10_000)
    process.on('SIGINT', () => process.exit(130))
    console.log(JSON.stringify({ args, cwd: process.cwd() }))
  `,
  )
})

function write(file: string, content: object): void {
  writeFileSync(join(root, file), JSON.stringify(content))
}

function lock(version: string): void {
  write('package-lock.json', {
    name: 'whole',
    version: '1.0.0',
    lockfileVersion: 3,
    requires: true,
    packages: {
      '': { name: 'whole', version: '1.0.0', dependencies: { part: 'file:part' } },
      'node_modules/part': { resolved: 'part', link: true },
      part: { version, hasInstallScript: true },
    },
  })
}

function launch(args: string[], options: { cwd?: string; from?: string; onOut?: (pid: number) => void } = {}) {
  return new Promise<{ status: number | null; out: string; err: string }>((resolve) => {
    // npm keeps its compiled code in the system's temporary folder.
    const env = { ...process.env, NODE_DISABLE_COMPILE_CACHE: '1', npm_config_offline: 'true', npm_execpath: '' }
    Reflect.deleteProperty(env, 'INIT_CWD')
    if (options.from !== undefined) Object.assign(env, { INIT_CWD: options.from })
    const child = spawn(process.execPath, [join(root, 'scripts/launch.mjs'), ...args], {
      cwd: options.cwd ?? root,
      env,
    })
    let [out, err] = ['', '']
    child.stdout.on('data', (data) => {
      out += data
      options.onOut?.(child.pid!)
    })
    child.stderr.on('data', (data) => (err += data))
    child.on('close', (status) => resolve({ status, out, err }))
  })
}

test('installs once, runs no install script, and leaves standard output to the program', async () => {
  const first = await launch(['reflectory', '--json', 'a b'])
  expect(first.err).toMatch(/reflectory: installing.*\n(.*\n)*reflectory: installed\n/)
  expect(JSON.parse(first.out)).toMatchObject({ args: ['--json', 'a b'] })
  expect(existsSync(join(root, 'part/mark'))).toBe(false)
  expect((await launch(['reflectory'])).err).toBe('')
  lock('1.0.1')
  writeFileSync(join(root, 'part/package.json'), JSON.stringify({ name: 'part', version: '1.0.1' }))
  expect((await launch(['reflectory'])).err).toMatch(/installing/)
  expect((await launch(['reflectory'])).err).toBe('')
})

test('installs once when many start at the same time, and takes over from one that died', async () => {
  mkdirSync(join(root, '.reflectory'))
  writeFileSync(join(root, '.reflectory/install.lock'), '4194399')
  const all = await Promise.all([1, 2, 3].map(() => launch(['reflectory'])))
  expect(all.map(({ status }) => status)).toEqual([0, 0, 0])
  expect(all.filter(({ err }) => err.includes('installed'))).toHaveLength(1)
  expect(existsSync(join(root, '.reflectory/install.lock'))).toBe(false)
})

test('runs where the person stands, passes on the exit status and Ctrl-C', async () => {
  await launch(['reflectory'])
  const elsewhere = join(root, 'elsewhere')
  expect(JSON.parse((await launch(['reflectory'], { from: elsewhere })).out).cwd).toBe(elsewhere)
  expect((await launch(['reflectory', 'fail'])).status).toBe(7)
  expect((await launch(['reflectory', 'wait'], { onOut: (pid) => process.kill(pid, 'SIGINT') })).status).toBe(130)
})

test('says so when the install fails, and when a target is unknown', async () => {
  writeFileSync(
    join(root, 'package-lock.json'),
    '{"lockfileVersion": 3, "packages": {"": {}, "node_modules/absent": {"version": "1.0.0"}}}',
  )
  const failed = await launch(['reflectory'])
  expect([failed.status, failed.out]).toEqual([1, ''])
  expect(failed.err).toMatch(/npm ci failed .*Check the network/)
  expect(await launch(['dance'])).toMatchObject({
    status: 2,
    err: expect.stringMatching(/no target 'dance'; the targets are start, serve/),
  })
})

test('every npm script that a person types goes through it', () => {
  const { scripts } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  for (const [name, command] of Object.entries(scripts)) expect(command).toBe(`node scripts/launch.mjs ${name}`)
})
