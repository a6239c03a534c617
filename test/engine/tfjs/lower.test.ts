/** Every primitive and its gradient: TensorFlow.js beside onnxruntime. */
import { describe, expect, it } from 'vitest'
import { add, multiply, sum } from '../../../src/engine/autodiff/build.ts'
import { reachable } from '../../../src/engine/autodiff/graph.ts'
import { isOperation, type OperationName, type Value } from '../../../src/engine/autodiff/representation.ts'
import { differentiate } from '../../../src/engine/autodiff/reverse.ts'
import { compile } from '../../../src/engine/onnx/program.ts'
import { compileFor } from '../../../src/engine/tfjs/program.ts'
import { openPure, type Backend, type OpenTensorFlow } from '../../../src/engine/tfjs/tensorflow.ts'
import { RandomStream } from '../../../src/shared/random.ts'
import { buildCase, cases, feedsFor } from '../autodiff/cases.ts'
import { openNativeHere } from './native.ts'

const graphInputs = (values: readonly Value[]): Value[] =>
  reachable(values).flatMap((node) => (isOperation(node, 'input') ? [node.outputs[0]] : []))

/** A case's outputs, and the gradients of their sum of squares. */
async function expectSame(name: OperationName, round: number, tensorflow: OpenTensorFlow): Promise<void> {
  const random = new RandomStream(round, ['tfjs', name])
  const { outputs, inputs } = buildCase(name, random)
  const loss = outputs.map((output) => sum(multiply(output, output))).reduce(add)
  const gradients = differentiate(loss, inputs).filter((gradient) => gradient !== null)
  const values = Object.fromEntries([...outputs, ...gradients].map((value, i) => [`out${i}`, value]))
  const feeds = Object.fromEntries(
    Object.entries(feedsFor(graphInputs(Object.values(values)), random)).map(([input, data]) => [input, Float32Array.from(data)]),
  )
  const [reference, program] = [await compile(values, { device: 'cpu', threads: 1 }), compileFor(tensorflow, values)]
  const [expected, actual] = [await reference.run(feeds), await program.run(feeds)]
  for (const [output, data] of Object.entries(expected)) {
    expect(actual[output].length).toBe(data.length)
    for (const [i, x] of Array.from(data, Number).entries()) {
      const difference = Math.abs(Number(actual[output][i]) - x)
      expect(difference, `${output}[${i}], round ${round}`).toBeLessThan(2e-4 * Math.max(1, Math.abs(x)))
    }
  }
  await reference.release()
  await program.release()
}

const names = Object.keys(cases) as OperationName[]
const native = openNativeHere()
const backends: [Backend, () => Promise<OpenTensorFlow>][] = [
  ['cpu', () => openPure('cpu')],
  ['wasm', () => openPure('wasm')],
  ...(native === null ? [] : [['tensorflow', native] satisfies [Backend, () => Promise<OpenTensorFlow>]]),
]

describe.each(backends)('on the %s backend', (_backend, open) => {
  it.each(names)('%s gives what onnxruntime gives, forward and back', async (name) => {
    const tensorflow = await open()
    const before = tensorflow.tf.memory().numTensors
    for (let round = 0; round < 4; round++) await expectSame(name, round, tensorflow)
    // Programs that were run and released leave nothing behind.
    expect(tensorflow.tf.memory().numTensors).toBe(before)
  })
})
