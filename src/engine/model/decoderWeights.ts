/** The weights of a decoder in a graph, by their Hugging Face names, with the low-rank adapters that lie over them. */
import { add, linear, matmul, multiply, rmsNorm } from '../autodiff/build.ts'
import type { Graph, Value } from '../autodiff/representation.ts'
import type { Adapter } from './adapter.ts'
import { adapterTensors, loraA, loraB } from './adapter.ts'
import type { DecoderConfig } from './decoderConfig.ts'
import { expectedTensors } from './modelTensors.ts'

export class DecoderWeights {
  readonly values: ReadonlyMap<string, Value>
  private readonly adapter: Adapter | null
  private readonly prefix: string

  constructor(values: ReadonlyMap<string, Value>, adapter: Adapter | null, prefix = '') {
    this.values = values
    this.adapter = adapter
    this.prefix = prefix
  }

  /** The same weights, seen from within a layer. */
  layer(index: number): DecoderWeights {
    return new DecoderWeights(this.values, this.adapter, `model.layers.${index}.`)
  }

  /** Every weight of this layer. */
  ofLayer(): Value[] {
    return [...this.values].flatMap(([name, value]) => (name.startsWith(this.prefix) ? [value] : []))
  }

  find(name: string): Value | undefined {
    return this.values.get(this.prefix + name)
  }

  get(name: string): Value {
    const value = this.find(name)
    if (value === undefined) throw new TypeError(`the model has no weight ${this.prefix}${name}`)
    return value
  }

  /** x W^T + b, the bias where the model has one, and s (x A^T) B^T where an adapter has (Hu et al., "LoRA", 2021). */
  project(module: string, x: Value): Value {
    const bias = this.find(`${module}.bias`)
    let y = linear(x, this.get(`${module}.weight`))
    if (bias !== undefined) y = add(y, bias)
    const adapted = this.adapter?.modules.get(this.prefix + module)
    if (adapted === undefined) return y
    const narrow = linear(x, this.get(loraA(module)))
    return add(y, matmul(narrow, this.get(loraB(module)), { transposeB: true, scale: adapted.scale }))
  }

  /** The output projection [vocabulary, hiddenSize]; its adapter is added to the matrix itself. */
  head({ scores, tiedEmbeddings }: DecoderConfig): Value {
    if (scores !== undefined) throw new TypeError('a model that scores texts has no words to write')
    const head = this.get(tiedEmbeddings ? 'model.embed_tokens.weight' : 'lm_head.weight')
    const adapted = this.adapter?.modules.get('lm_head')
    if (adapted === undefined) return head
    return add(head, multiply(matmul(this.get(loraB('lm_head')), this.get(loraA('lm_head'))), adapted.scale))
  }

  normalise(name: string, x: Value, epsilon: number): Value {
    return rmsNorm(x, this.get(`${name}.weight`), epsilon)[0]
  }
}

/** Declares every weight of the model, and of an adapter, as an input of the graph. */
export function declareWeights(graph: Graph, config: DecoderConfig, adapter: Adapter | null = null): DecoderWeights {
  const tensors = [...expectedTensors(config), ...(adapter === null ? [] : adapterTensors(adapter))]
  return new DecoderWeights(new Map(tensors.map(({ name, shape }) => [name, graph.input(name, shape)])), adapter)
}
