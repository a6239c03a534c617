/**
 * `npm run bench [-- --json] [--quick]`: training and sampling of the reference model as shares of the machine's rate of matrix
 * products, and their cost against length, batch and size. Each measurement is a process of its own.
 */
import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { reference, type ModelShape } from './shapes.ts'
import { comparePyTorch } from './pytorch.ts'

const Result = z.object({
  ratio: z.number(),
  matmulGflops: z.number(),
  ms: z.number(),
  tokensPerSecond: z.number(),
  peakMB: z.number(),
  hostShare: z.number().optional(),
})
type Result = z.infer<typeof Result>

const json = process.argv.includes('--json')
const quick = process.argv.includes('--quick')
const threads = Math.min(2, availableParallelism())
/** The table is the result, unless one JSON object is. */
const say = (text: string): void => void (json ? process.stderr : process.stdout).write(`${text}\n`)

function measure(task: object): Promise<Result> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'measure.ts'), JSON.stringify(task)], { stdio: ['ignore', 'pipe', 'inherit'] })
    let output = ''
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
    child.on('error', reject)
    child.on('close', (code) => (code === 0 ? resolve(Result.parse(JSON.parse(output))) : reject(new Error(`measurement ended with ${code}`))))
  })
}

const train = (rows: number, time: number, shape: ModelShape = reference, windows = 7): Promise<Result> =>
  measure({ kind: 'train', shape, rows, time, threads, windows })
const rollout = (rows: number, newTokens: number, topP = 1, shape: ModelShape = reference, windows = 7): Promise<Result> =>
  measure({ kind: 'rollout', shape, rows, newTokens, topP, threads, windows })

const share = (value: number): string => value.toFixed(2)
const describe = (name: string, { ratio, ms, tokensPerSecond, peakMB, matmulGflops }: Result): string =>
  `${name.padEnd(34)} ${share(ratio)} of the product's rate   ${ms.toFixed(0)} ms   ${tokensPerSecond} tokens/s   peak ${peakMB} MB   (product ${matmulGflops.toFixed(0)} GFLOP/s)`

async function row(label: string, result: Promise<Result>): Promise<{ label: string } & Result> {
  const measured = { label, ...(await result) }
  say(describe(label, measured))
  return measured
}

/** About 1, 3, 10 and 30 million parameters. */
const sizes: ModelShape[] = [
  { width: 96, layers: 6, heads: 3, feedForward: 256, words: 2048 },
  reference,
  { width: 320, layers: 8, heads: 10, feedForward: 864, words: 2048 },
  { width: 512, layers: 10, heads: 16, feedForward: 1376, words: 2048 },
]

async function scaling() {
  const rows = { training: [] as ({ label: string } & Result)[], rollout: [] as ({ label: string } & Result)[] }
  for (const time of [64, 128, 256, 512, 1024]) rows.training.push(await row(`train 4,096 tokens of length ${time}`, train(4096 / time, time, reference, 3)))
  for (const batch of [1, 4, 16, 64, 256]) rows.training.push(await row(`train batch ${batch} of 128 tokens`, train(batch, 128, reference, 3)))
  for (const shape of sizes) rows.training.push(await row(`train 16 x 128, width ${shape.width}`, train(16, 128, shape, 3)))
  for (const batch of [1, 4, 16, 64, 256]) rows.rollout.push(await row(`rollout batch ${batch} of 64 tokens`, rollout(batch, 64, 1, reference, 3)))
  for (const length of [64, 256, 1024]) rows.rollout.push(await row(`rollout 16 of ${length} tokens`, rollout(16, length, 1, reference, 3)))
  for (const shape of sizes) rows.rollout.push(await row(`rollout 64 x 64, width ${shape.width}`, rollout(64, 64, 1, shape, 3)))
  return rows
}

say(`onnxruntime on the CPU, ${threads} threads; ratios are medians against the product of two 1024 x 1024 matrices in the same run`)
const train64x128 = await row('training step, 64 x 128', train(64, 128))
const train8x1024 = await row('training step, 8 x 1,024', train(8, 1024))
const rollout64x128 = await row('rollout, 64 x 128 new tokens', rollout(64, 128))
const rolloutTopP = await row('rollout with top-p 0.95', rollout(64, 128, 0.95))
say(`host work during the rollout: ${(100 * rollout64x128.hostShare!).toFixed(0)}%; top-p costs ${(100 * (rollout64x128.ratio / rolloutTopP.ratio - 1)).toFixed(0)}%`)
const table = quick ? null : await scaling()
const pytorch = await comparePyTorch(threads, say)

if (json) {
  const { label: _, ...sampled } = rollout64x128
  process.stdout.write(
    `${JSON.stringify({ train64x128, train8x1024, rollout: { ...sampled, topPSlowdown: sampled.ratio / rolloutTopP.ratio - 1 }, scaling: table, pytorch })}\n`,
  )
}
