/** Keeping the machine awake, with programs of other systems in its place, or none. */
import { chmodSync, existsSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { stayAwake } from '../../src/server/stayAwake.ts'
import { temporaryFolder } from '../temporaryFolder.ts'

let bin: string
beforeEach(() => {
  bin = temporaryFolder()
})

function put(program: string, script: string): void {
  writeFileSync(join(bin, program), `#!/bin/sh\n${script}\n`)
  chmodSync(join(bin, program), 0o755)
  vi.stubEnv('PATH', `${bin}${delimiter}${process.env.PATH}`)
}

describe.skipIf(process.platform === 'win32')('where there is', () => {
  test('a program, it holds until it is let go', async () => {
    put('systemd-inhibit', `cat; touch ${join(bin, 'over')}`)
    const tell = vi.fn()
    const sleepAgain = stayAwake(tell, 'linux')
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(existsSync(join(bin, 'over'))).toBe(false)
    sleepAgain()
    await vi.waitFor(() => expect(existsSync(join(bin, 'over'))).toBe(true), 5000)
    expect(tell).not.toHaveBeenCalled()
  })

  test('one that follows this process, it is named to it', async () => {
    put('caffeinate', `echo "$@" > ${join(bin, 'args')}; exec sleep 60`)
    const sleepAgain = stayAwake(vi.fn(), 'darwin')
    await vi.waitFor(() => expect(existsSync(join(bin, 'args'))).toBe(true), 5000)
    sleepAgain()
  })

  test('one that refuses, or none, that is said and nothing fails', async () => {
    const tell = vi.fn()
    put('systemd-inhibit', 'exit 1')
    stayAwake(tell, 'linux')
    await vi.waitFor(() => expect(tell).toHaveBeenCalledWith('systemd-inhibit ended with status 1'), 5000)
    vi.stubEnv('PATH', bin)
    stayAwake(tell, 'darwin')()
    await vi.waitFor(() => expect(tell).toHaveBeenCalledWith('caffeinate is not here'), 5000)
    stayAwake(tell, 'win32')()
    expect(tell).toHaveBeenCalledWith('this system has no program for it')
    vi.unstubAllEnvs()
  })
})
