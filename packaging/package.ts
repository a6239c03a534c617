/**
 * `npm run package`: lays out and checks what is shipped, then has electron-builder put Electron around it and make the
 * installers for this kind of machine. `--dir` stops at the unpacked program. It fetches electron-builder and Electron.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { builderConfig } from './builderConfig.ts'
import { breaches } from './check.ts'
import { electronBytes, electronFolder } from './electronFiles.ts'
import { electronFaults, packedResources, packingFaults, unpackedFolder } from './packed.ts'
import { stage } from './stage.ts'
import { targetOf } from './targets.ts'

const { values } = parseArgs({ options: { dir: { type: 'boolean', default: false } } })
const here = import.meta.dirname
const root = join(here, '..')
const target = targetOf(process.platform, process.arch)
const say = (line: string): void => void process.stderr.write(`reflectory: ${line}\n`)

installBuilder()
say('building, and laying out what is shipped')
const into = join(root, 'dist/package', target.name)
const resources = await stage(root, into, target)
const electron = electronFolder(root)
const counted = electron === null ? target.electronBytes : electronBytes(electron, target.platform)
stopAt(breaches(resources, { target, ownFolders: [root, homedir()], electronBytes: counted }))
const output = join(root, 'dist/installers')
const config = join(into, 'electron-builder.json')
const wanted = builderConfig(target, { root, resources, output, electron }, !values.dir)
writeFileSync(config, JSON.stringify(wanted, null, 2))
// What an earlier version left there would go along.
rmSync(unpackedFolder(output, target), { recursive: true, force: true })
const builder = join(here, 'node_modules/electron-builder/cli.js')
run('Electron is put around it', [builder, '--config', config, '--projectDir', root, '--publish', 'never'])
const packed = packedResources(output, target)
stopAt([...packingFaults(resources, packed, target), ...electronFaults(packed, target)])
say(`done: ${output}`)

/** Tells of each and ends the program, where there is any. */
function stopAt(faults: readonly string[]): void {
  for (const fault of faults) say(fault)
  if (faults.length > 0) process.exit(1)
}

/** Once; it stands in a folder of its own, so that no other command has to wait for it. */
function installBuilder(): void {
  const lock = readFileSync(join(here, 'package-lock.json'), 'utf8')
  const stamp = join(here, 'node_modules/.installed')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return
  const npm = process.env.npm_execpath
  if (npm === undefined) throw new Error('start this by npm run package: npm installs electron-builder')
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  run('installing electron-builder (once)', [npm, 'ci', ...flags, '--prefix', here])
  writeFileSync(stamp, lock)
}

/** Its output is for the person to see. Ends this program with its status where it fails. */
function run(what: string, args: string[]): void {
  say(what)
  const { status, error } = spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 2, 2] })
  if (error) throw error
  if (status !== 0) process.exit(status ?? 1)
}
