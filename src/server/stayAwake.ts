/** Keeps the machine from sleeping by the system's own program, where there is one. */
import { spawn } from 'node:child_process'

/** Each ends by itself when this program does, however that ends. */
const WAYS: Partial<Record<NodeJS.Platform, readonly [program: string, ...args: string[]]>> = {
  // `cat` ends when its input does.
  linux: ['systemd-inhibit', '--what=idle:sleep', '--who=Reflectory', '--why=a run is on', '--mode=block', 'cat'],
  darwin: ['caffeinate', '-i', '-w', String(process.pid)],
}

/**
 * Gives the function that lets it sleep again. Where it cannot be kept awake nothing else changes; `tell` then hears why.
 */
export function stayAwake(tell: (why: string) => void, platform: NodeJS.Platform = process.platform): () => void {
  const way = WAYS[platform]
  if (way === undefined) {
    tell('this system has no program for it')
    return () => undefined
  }
  const [program, ...args] = way
  const child = spawn(program, args, { stdio: ['pipe', 'ignore', 'ignore'] })
  let isOver = false
  child.stdin.on('error', () => undefined)
  child.on('error', () => tell(`${program} is not here`))
  child.on('exit', (status) => {
    if (!isOver) tell(`${program} ended with status ${status}`)
  })
  return () => {
    isOver = true
    child.stdin.end()
    if (platform === 'darwin') child.kill()
  }
}
