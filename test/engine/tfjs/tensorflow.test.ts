/** Finding and opening TensorFlow.js. The native builds here are stand-ins: folders with a package of that name. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import util from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import { restoreUtil } from '../../../src/engine/tfjs/restoreUtil.ts'
import { findNativeBuild, openNative, openPure, placeOf } from '../../../src/engine/tfjs/tensorflow.ts'
import { temporaryFolder } from '../../temporaryFolder.ts'

/** A folder in which `npm install` put a package with this code. */
function folderWith(name: string, code: string): string {
  const folder = temporaryFolder()
  const inside = join(folder, 'node_modules', name)
  mkdirSync(inside, { recursive: true })
  writeFileSync(join(inside, 'package.json'), JSON.stringify({ name, version: '4.22.0', main: 'index.js' }))
  writeFileSync(join(inside, 'index.js'), code)
  return folder
}

const standIn = `
  const util = require('util')
  const made = { prodMode: false, flat: util.isArray([]), none: util.isNullOrUndefined(undefined) && !util.isNullOrUndefined(0) }
  for (const name of ['tensor', 'tidy', 'engine', 'setBackend', 'matMul', 'scatterND', 'gatherND']) made[name] = () => undefined
  made.enableProdMode = () => (made.prodMode = true)
  made.backend = () => ({ isUsingGpuDevice: true })
  module.exports = made
`

describe('findNativeBuild', () => {
  it('finds the build with a GPU in the named folder, before the one without', () => {
    const folder = folderWith('@tensorflow/tfjs-node', '')
    expect(findNativeBuild(folder)?.name).toBe('@tensorflow/tfjs-node')
    mkdirSync(join(folder, 'node_modules/@tensorflow/tfjs-node-gpu'))
    writeFileSync(join(folder, 'node_modules/@tensorflow/tfjs-node-gpu/package.json'), '{}')
    expect(findNativeBuild(folder)?.name).toBe('@tensorflow/tfjs-node-gpu')
  })

  it('refuses a named folder without one, and goes without where none is named', () => {
    const folder = temporaryFolder()
    expect(() => findNativeBuild(folder)).toThrow(/tfjs-node-gpu is not installed in it.*npm install @tensorflow\/tfjs-node-gpu/s)
    expect(() => findNativeBuild('')).not.toThrow()
  })
})

describe('openNative', () => {
  it("gives old parts of Node's util back before the build loads", () => {
    const opened = openNative(findNativeBuild(folderWith('@tensorflow/tfjs-node-gpu', standIn))!)
    expect(opened.tf).toMatchObject({ prodMode: true, flat: true, none: true })
    expect(opened.backend).toBe('tensorflow')
    expect(placeOf(opened)).toBe('on the graphics card')
  })

  it('names a build that does not load, or is something else, with what to do', () => {
    const broken = findNativeBuild(folderWith('@tensorflow/tfjs-node-gpu', "throw new Error('libtensorflow.so.2: cannot open')"))!
    expect(() => openNative(broken)).toThrow(/@tensorflow\/tfjs-node-gpu: it is installed and could not be loaded: libtensorflow\.so\.2.*Install it again/s)
    const other = findNativeBuild(folderWith('@tensorflow/tfjs-node', 'module.exports = { version: 1 }'))!
    expect(() => openNative(other)).toThrow(/does not offer the operations of TensorFlow\.js/)
  })
})

describe('restoreUtil', () => {
  it('puts back what is gone, and leaves what is there', () => {
    const kept = Object.getOwnPropertyDescriptor(util, 'isArray')
    onTestFinished(() => void (kept === undefined ? Reflect.deleteProperty(util, 'isArray') : Object.defineProperty(util, 'isArray', kept)))
    const own = (): boolean => false
    Object.defineProperty(util, 'isArray', { value: own, configurable: true })
    Reflect.deleteProperty(util, 'isNullOrUndefined')
    restoreUtil()
    expect(Reflect.get(util, 'isArray')).toBe(own)
    expect([null, undefined, 0, ''].map(Reflect.get(util, 'isNullOrUndefined'))).toEqual([true, true, false, false])
  })
})

it.each(['wasm', 'cpu'] as const)('the %s backend that comes along opens', async (backend) => {
  const { tf } = await openPure(backend)
  expect(tf.getBackend()).toBe(backend)
})
