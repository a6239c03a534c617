/** Trajectories as the host writes them for the engine, and an analysis of them. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { analyze } from '../../../../src/engine/study/analyze/analyze.ts'
import { loadTokenizer } from '../../../../src/engine/model/tokenizer.ts'
import { modelFolder } from '../../../../src/engine/study/studyModel.ts'
import { AnalysisRequest, type AnalysisInput, type AnalysisResult } from '../../../../src/shared/analysis.ts'
import { FACTS_FILE, NUMBERS_FILE, type AnalysisRow, type NumberKind } from '../../../../src/shared/analysisRows.ts'
import type { AnalyzeRequest } from '../../../../src/shared/channel.ts'
import { temporaryFolder } from '../../../temporaryFolder.ts'

const tokenizer = loadTokenizer(modelFolder('harbor'))

/** What a test says of a trajectory: what was thought and answered, in Harbor's words. */
export interface Written extends Partial<Omit<AnalysisRow, 'tokens' | 'promptTokens' | 'thought'>> {
  thought?: string
  response?: string
  entropies?: number[]
}

const numbersOf: Record<AnalysisInput['kind'], NumberKind[]> = {
  reflection: ['tokens'],
  outcomeReflection: [],
  entropy: ['promptTokens', 'tokens', 'entropies'],
  memorisation: [],
  length: ['tokens'],
  advantage: [],
}

export const arms: AnalyzeRequest['arms'] = [
  { name: 'base', seed: 0, method: 'base', model: 'harbor', folder: 'harbor' },
  { name: 'rl', seed: 0, method: 'rl', model: 'harbor', folder: null },
]

/** Analyses them in this process, on Harbor's tokens. */
export async function analyzed(
  asked: AnalysisInput,
  written: readonly Written[],
  changes: Partial<AnalyzeRequest> = {},
): Promise<AnalysisResult> {
  const folder = temporaryFolder()
  const analysis = AnalysisRequest.parse(asked)
  const facts: string[] = []
  const numbers: Uint8Array[] = []
  for (const [i, row] of written.entries()) {
    const { thought = 'plan', response = 'no', entropies, ...given } = row
    const state = given.state ?? 'complete'
    const text = state === 'no-thought' ? response : state === 'complete' ? `<think> ${thought} </think> ${response}` : `<think> ${thought}`
    const tokens = given.isStripped ? new Int32Array() : tokenizer.encode(text, { addSpecialTokens: false })
    const arrays = {
      promptTokens: Int32Array.of(1, 2),
      tokens,
      entropies: Float32Array.from(tokens, (_, t) => entropies?.[t] ?? 0),
    }
    for (const kind of numbersOf[analysis.kind]) numbers.push(new Uint8Array(arrays[kind].buffer, arrays[kind].byteOffset, arrays[kind].byteLength))
    const known: AnalysisRow = {
      ...{ id: i + 1, arm: 0, phase: 'evaluation', step: 0, prompt: `p${i}`, role: 'harmful', category: 'theft', whole: 'safe' },
      ...{ state, correctness: null, advantage: null, promptItem: null, isStripped: false },
      ...given,
      promptTokens: 2,
      tokens: tokens.length,
      thought: state === 'no-thought' || given.isStripped ? '' : thought,
    }
    facts.push(`${JSON.stringify(known)}\n`)
  }
  writeFileSync(join(folder, FACTS_FILE), facts.join(''))
  writeFileSync(join(folder, NUMBERS_FILE), Buffer.concat(numbers))
  const request: AnalyzeRequest = {
    ...{ type: 'analyze', analysis, rows: folder, asked: written.length, arms, judge: null, voices: [] },
    ...{ device: 'cpu', threads: 1 },
    ...changes,
  }
  return analyze(request, { signal: new AbortController().signal, onProgress: () => undefined })
}

/** The points of one series of a figure. */
export function pointsOf({ figures }: AnalysisResult, id: string, series = 0) {
  const found = figures.find((figure) => figure.id === id)
  if (found === undefined) throw new Error(`no figure ${id} among ${figures.map((figure) => figure.id).join(', ')}`)
  return found.series[series].points
}

export function titleOf({ figures }: AnalysisResult, id: string): string {
  return figures.find((figure) => figure.id === id)?.title ?? `no figure ${id}`
}
