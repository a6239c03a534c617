/** The same model in PyTorch, where `python3` has it. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'

const Figures = z.object({ torch: z.string(), productGflops: z.number(), trainMs: z.number(), decodeMsPerStep: z.number() })

/** Null, after a line that says so, where there is no PyTorch. */
export async function comparePyTorch(threads: number, say: (text: string) => void): Promise<z.infer<typeof Figures> | null> {
  try {
    const { stdout } = await promisify(execFile)('python3', [join(import.meta.dirname, 'torchStep.py'), String(threads)])
    const figures = Figures.parse(JSON.parse(stdout))
    say(
      `PyTorch ${figures.torch}: training step 64 x 128 ${figures.trainMs.toFixed(0)} ms, decoding step of 64 ${figures.decodeMsPerStep.toFixed(1)} ms (its product ${figures.productGflops.toFixed(0)} GFLOP/s)`,
    )
    return figures
  } catch {
    say('PyTorch: skipped, python3 with torch was not found')
    return null
  }
}
