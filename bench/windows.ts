/** Ratios to the machine's own matrix products, taken in turns, because a shared machine is never equally fast twice. */
import { matmul } from '../src/engine/autodiff/build.ts'
import { createGraph } from '../src/engine/autodiff/graph.ts'
import { compile } from '../src/engine/onnx/program.ts'
import { RandomStream } from '../src/shared/random.ts'

const SIZE = 1024

export interface Measured {
  /** Rate of the work over the rate of the matrix product of 1024 x 1024 by 1024 x 1024; median of the windows. */
  ratio: number
  /** Median of the matrix product, GFLOP/s. */
  matmulGflops: number
  /** Median time of one piece of work, ms. */
  ms: number
}

export const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]

/** Runs `work` in alternation with the matrix product; `operations` is what one piece of work counts. */
export async function measureAgainstProduct(work: () => Promise<unknown>, operations: number, threads: number, windows = 7): Promise<Measured> {
  const graph = createGraph()
  const program = await compile({ y: matmul(graph.input('a', [SIZE, SIZE]), graph.input('b', [SIZE, SIZE])) }, { device: 'cpu', threads })
  const random = new RandomStream(0, ['product'])
  const draw = (): Float32Array => Float32Array.from({ length: SIZE * SIZE }, () => random.normal())
  const feeds = { a: draw(), b: draw() }
  const into = { y: new Float32Array(SIZE * SIZE) }
  const productMs = async (): Promise<number> => {
    const times: number[] = []
    for (let i = 0; i < 8; i++) times.push(await elapsed(() => program.run(feeds, into)))
    return median(times)
  }
  await productMs()
  await work()
  const ratios: number[] = []
  const rates: number[] = []
  const times: number[] = []
  let before = await productMs()
  for (let window = 0; window < windows; window++) {
    const ms = await elapsed(work)
    const after = await productMs()
    const rate = (2 * SIZE ** 3) / ((before + after) / 2) / 1e6
    before = after
    rates.push(rate)
    times.push(ms)
    ratios.push(operations / ms / 1e6 / rate)
  }
  await program.release()
  return { ratio: median(ratios), matmulGflops: median(rates), ms: median(times) }
}

async function elapsed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}
