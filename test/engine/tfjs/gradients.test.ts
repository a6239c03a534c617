/**
 * Our gradients beside those of an independent implementation: TensorFlow.js runs the forward half of a model's loss alone and
 * derives the gradient itself, on its own tape.
 */
import type { Tensor } from '@tensorflow/tfjs-core'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { multiply, sum } from '../../../src/engine/autodiff/build.ts'
import { createGraph, reachable } from '../../../src/engine/autodiff/graph.ts'
import { isOperation, type Node, type Value } from '../../../src/engine/autodiff/representation.ts'
import { differentiate } from '../../../src/engine/autodiff/reverse.ts'
import { optimise } from '../../../src/engine/autodiff/rewrite.ts'
import { openCheckpoint, type Checkpoint } from '../../../src/engine/model/checkpoint.ts'
import { decoderHidden } from '../../../src/engine/model/decoder.ts'
import { declareWeights } from '../../../src/engine/model/decoderWeights.ts'
import { scoreTokens } from '../../../src/engine/model/tokenLogProbabilities.ts'
import { applyNode } from '../../../src/engine/tfjs/lower.ts'
import { compileFor } from '../../../src/engine/tfjs/program.ts'
import { openPure } from '../../../src/engine/tfjs/tensorflow.ts'
import { families } from '../../fixtures/families.ts'

const tensorflow = await openPure('cpu')
const { tf } = tensorflow
// They come after the library, whose engine they then join.
await import('@tensorflow/tfjs-core/dist/register_all_gradients.js')

const BATCH = 2
const TOKENS = [5, 9, 6, 2, 7, 7, 8, 4, 3, 1]
const TARGETS = [6, 2, 7, 7, 8, 4, 3, 1, 5, 9]

/** Minus the sum of the targets' log-probabilities, each with a weight of its own. */
function lossOf(checkpoint: Checkpoint): { loss: Value; weights: ReadonlyMap<string, Value> } {
  const graph = createGraph()
  const weights = declareWeights(graph, checkpoint.config)
  const time = TOKENS.length / BATCH
  const positions = graph.integers(TOKENS.map((_, i) => Math.floor(i / BATCH)))
  const hidden = decoderHidden(checkpoint.config, weights, { ids: graph.integers(TOKENS), positions, batch: BATCH, time })
  const { logProbabilities } = scoreTokens(hidden, weights.head(checkpoint.config), graph.integers(TARGETS), true)
  const shares = graph.constant(Float32Array.from(TOKENS, (_, i) => -0.02 * (i + 1)), [TOKENS.length])
  return { loss: sum(multiply(logProbabilities, shares)), weights: weights.values }
}

/** One step of the forward half. Some operations have no gradient there (gatherND), or none for every rank (tile, matMul that broadcasts). */
function forward(node: Node, inputs: readonly Tensor[]): readonly Tensor[] {
  if (isOperation(node, 'constant')) {
    const { data, shape } = node.parameters
    return [tf.tensor(data instanceof BigInt64Array ? Int32Array.from(data, Number) : data, [...shape], data instanceof BigInt64Array ? 'int32' : 'float32')]
  }
  if (isOperation(node, 'pickPerRow')) {
    const [values, ids] = inputs
    return [tf.sum(tf.mul(values, tf.oneHot(ids, node.inputs[0].shape[1])), 1)]
  }
  if (isOperation(node, 'broadcast')) return [tf.mul(inputs[0], tf.ones([...node.parameters.shape]))]
  if (isOperation(node, 'matmul')) {
    const batch = node.outputs[0].shape.slice(0, -2)
    const alike = inputs.map((x) => tf.mul(x, tf.ones([...batch, ...x.shape.slice(-2)])))
    return applyNode(node, alike, tensorflow)
  }
  return applyNode(node, inputs, tensorflow)
}

it.each(families)('the gradient of %s is the one that TensorFlow.js derives itself', async (family) => {
  const checkpoint = openCheckpoint(join(import.meta.dirname, '../../fixtures', family))
  const { loss, weights } = lossOf(checkpoint)
  const names = [...weights.keys()]
  const feeds = Object.fromEntries(names.map((name) => [name, checkpoint.readTensor(name)]))

  const derivatives = differentiate(loss, [...weights.values()])
  const program = compileFor(tensorflow, Object.fromEntries(names.map((name, i) => [name, derivatives[i]!])))
  const ours = await program.run(feeds)

  const [plain] = optimise([loss])
  const run = (...given: Tensor[]): Tensor => {
    const values = new Map<Value, Tensor>()
    for (const node of reachable([plain])) {
      const made = isOperation(node, 'input')
        ? [given[names.indexOf(node.parameters.name)]]
        : forward(node, node.inputs.map((input) => values.get(input)!))
      node.outputs.forEach((output, i) => values.set(output, made[i]))
    }
    return values.get(plain)!
  }
  const theirs = tf.grads(run)(names.map((name) => tf.tensor(feeds[name], [...weights.get(name)!.shape])))

  names.forEach((name, i) => {
    const expected = theirs[i].dataSync()
    const norm = Math.hypot(...expected)
    const distance = Math.hypot(...expected.map((x, j) => x - Number(ours[name][j])))
    expect(norm, name).toBeGreaterThan(0)
    expect(distance / norm, name).toBeLessThan(1e-4)
  })
})
