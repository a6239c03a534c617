/** `npm run package:check`: lays out what is shipped for this machine, checks it, and runs it, all without Electron. */
import { homedir } from 'node:os'
import { join } from 'node:path'
import { breaches, LARGEST_LINUX_BYTES, megabytes } from './check.ts'
import { electronBytes, electronFolder } from './electronFiles.ts'
import { bytesOf, filesBelow } from './folder.ts'
import { runPackaged } from './runPackaged.ts'
import { stage } from './stage.ts'
import { targetOf } from './targets.ts'

const root = join(import.meta.dirname, '..')
const target = targetOf(process.platform, process.arch)
const say = (line: string): void => void process.stdout.write(`${line}\n`)

const resources = await stage(root, join(root, 'dist/package', target.name), target)
const own = bytesOf(filesBelow(resources))
const folder = electronFolder(root)
const electron = folder === null ? target.electronBytes : electronBytes(folder, target.platform)
for (const part of ['app', 'engine', 'node', 'legal'])
  say(`${part}: ${megabytes(bytesOf(filesBelow(join(resources, part))))}`)
say(`Electron: ${megabytes(electron)}, ${folder === null ? 'assumed, since it is not on this machine' : 'measured'}`)
const most = target.platform === 'linux' ? `, of ${megabytes(LARGEST_LINUX_BYTES)}` : ''
say(`together: ${megabytes(own + electron)}${most}`)

const found = breaches(resources, { target, ownFolders: [root, homedir()], electronBytes: electron })
for (const breach of found) say(`breach: ${breach}`)
if (found.length > 0) {
  say(`${found.length} ${found.length === 1 ? 'breach' : 'breaches'} in ${resources}`)
  process.exitCode = 1
} else {
  for (const line of await runPackaged(resources, target)) say(line)
  say(`all is well in ${resources}`)
}
