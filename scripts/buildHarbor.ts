/** `npm run build:harbor`: makes Harbor's base model again from its seed, measures it, and writes the model folder. */
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { modelFiles } from '../src/engine/harbor/modelFolder.ts'
import { writeSafetensors } from '../src/engine/model/writeSafetensors.ts'
import { describeRate, FiguresFile, missedRequirements, namedRates, type BaseFigures } from './harbor/figures.ts'
import { measureBase } from './harbor/measureBase.ts'
import { baseRecipe, trainBase, type BaseProgress } from './harbor/trainBase.ts'

const say = (line: string): void => void process.stderr.write(`${line}\n`)
const asJson = (value: object): string => `${JSON.stringify(value, null, 2)}\n`

const { out } = new Command('build:harbor')
  .description('Makes the built-in model again from its seed; the same bits on the same machine. About 15 minutes.')
  .option('--out <folder>', 'where to write it',
    join(dirname(dirname(fileURLToPath(import.meta.url))), 'resources', 'harbor'))
  .parse()
  .opts<{ out: string }>()

const weightsFile = join(out, 'model.safetensors')
const figuresFile = join(out, 'FIGURES.json')
const started = performance.now()
mkdirSync(out, { recursive: true })
for (const [name, content] of Object.entries(modelFiles())) writeFileSync(join(out, name), asJson(content))

const { parameters, tokens, loss } = await trainBase(out, baseRecipe, showProgress)
// Figures of other weights must not stay beside these.
rmSync(figuresFile, { force: true })
writeSafetensors(weightsFile, parameters, { format: 'pt' })

say('measuring what was made')
const measured = { seed: 1, temperature: 1 }
const figures = await measureBase(out, {
  seed: measured.seed,
  threads: baseRecipe.threads,
  counts: { puzzles: 2000, harmful: 800, benign: 600, slips: 500, withoutThinking: 400 },
})
const weightsSha256 = createHash('sha256').update(readFileSync(weightsFile)).digest('hex')
const file = { recipe: baseRecipe, weightsSha256, trainedTokens: tokens, trainingLoss: loss, measured, figures }
writeFileSync(figuresFile, asJson(FiguresFile.parse(file)))
showFigures(figures)

const missed = missedRequirements(figures)
for (const sentence of missed) say(`misses what it must reach: ${sentence}`)
say(`wrote ${out} in ${((performance.now() - started) / 60_000).toFixed(1)} minutes`)
if (missed.length > 0) process.exitCode = 1

function showProgress({ step, steps, tokens, loss }: BaseProgress): void {
  if (step % 50 !== 0 && step !== steps) return
  const seconds = (performance.now() - started) / 1000
  const left = (seconds / step) * (steps - step)
  say(`step ${step} of ${steps}: loss ${loss.toFixed(3)}, ${Math.round(tokens / seconds)} tokens/s, ${clock(left)} left`)
}

/** Minutes and seconds, 3:05. */
function clock(seconds: number): string {
  const whole = Math.round(seconds)
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`
}

function showFigures(figures: BaseFigures): void {
  for (const { name, rate } of namedRates(figures)) say(`${name}: ${describeRate(rate)}`)
}
