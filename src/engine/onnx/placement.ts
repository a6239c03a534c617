/** Which nodes of a graph a device computes itself, and which fall back to the processor, with the time that they take. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as ort from './onnxruntime.ts'
import { z } from 'zod'
import type { Device, Fallback, Placement } from '../../shared/devices.ts'
import type { Value } from '../autodiff/representation.ts'
import { lower } from './lower.ts'
import { encodeModel, type OnnxValue } from './modelFile.ts'
import { openSession } from './openSession.ts'

/** The first runs also prepare. */
const RUNS = 2

const NodeEvent = z.object({
  cat: z.literal('Node'),
  name: z.string().endsWith('_kernel_time'),
  /** Microseconds. */
  dur: z.number(),
  args: z.object({ op_name: z.string(), provider: z.string() }),
})

/** Runs the graph over made-up inputs and reads onnxruntime's own account of it. Small graphs overstate the processor's part. */
export async function placementOf(outputs: Readonly<Record<string, Value>>, device: Device): Promise<Placement> {
  const graph = lower(outputs, device)
  const folder = mkdtempSync(join(tmpdir(), 'reflectory-placement-'))
  try {
    const profiling = { enableProfiling: true, profileFilePrefix: join(folder, 'profile') }
    const session = await openSession(encodeModel(graph), { device, threads: 1 }, profiling)
    const feeds = Object.fromEntries(graph.inputs.map((input) => [input.name, madeUp(input)]))
    for (let run = 0; run < RUNS; run++) await session.run(feeds)
    session.endProfiling()
    await session.release()
    const [profile] = readdirSync(folder)
    return read(JSON.parse(readFileSync(join(folder, profile), 'utf8')))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Several graphs that are run together, as one. */
export function together(parts: readonly Placement[]): Placement {
  const fallbacks = new Map<string, Fallback>()
  for (const { operator, nodes, microseconds } of parts.flatMap((part) => part.fallbacks)) {
    const known = fallbacks.get(operator) ?? { operator, nodes: 0, microseconds: 0 }
    fallbacks.set(operator, { operator, nodes: known.nodes + nodes, microseconds: known.microseconds + microseconds })
  }
  return {
    nodes: parts.reduce((sum, { nodes }) => sum + nodes, 0),
    microseconds: parts.reduce((sum, { microseconds }) => sum + microseconds, 0),
    fallbacks: [...fallbacks.values()].sort((a, b) => b.microseconds - a.microseconds),
  }
}

function read(profile: unknown): Placement {
  const events = z.array(z.unknown()).parse(profile).flatMap((event) => {
    const parsed = NodeEvent.safeParse(event)
    return parsed.success ? [parsed.data] : []
  })
  return together(
    events.map(({ dur, args }) => ({
      nodes: 1 / RUNS,
      microseconds: dur / RUNS,
      fallbacks: args.provider === 'CPUExecutionProvider' ? [{ operator: args.op_name, nodes: 1 / RUNS, microseconds: dur / RUNS }] : [],
    })),
  )
}

/** Tokens and rows 1, numbers small. */
function madeUp({ element, shape, varyingAxis = null }: OnnxValue): ort.Tensor {
  const length = varyingAxis === null ? shape : shape.with(varyingAxis, Math.min(32, shape[varyingAxis]))
  const size = length.reduce((product, side) => product * side, 1)
  if (element === 'int64') return new ort.Tensor('int64', new BigInt64Array(size).fill(1n), length)
  if (element === 'bool') return new ort.Tensor('bool', new Uint8Array(size), length)
  return new ort.Tensor('float32', Float32Array.from({ length: size }, (_, i) => ((i % 17) - 8) / 80), length)
}
