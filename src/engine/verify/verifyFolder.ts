/** Compares what the engine computes for a checkpoint folder with every quantity of its expected.json. */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ReflectoryError } from '../../shared/errors.ts'
import { isAdapterFolder, openAdapter, readAdapterBase } from '../model/adapterFiles.ts'
import { openCheckpoint } from '../model/checkpoint.ts'
import { loadTokenizer, type Tokenizer } from '../model/tokenizer.ts'
import type { CompileOptions } from '../onnx/program.ts'
import { compareAbsolute, compareEqual, compareRelative, type Comparison } from './comparisons.ts'
import {
  readExpectations,
  type ContinuationExpectations,
  type FixtureExpectations,
  type TokenizationExpectations,
} from './expectedFile.ts'
import { likeliest, verifiedModel, type PaddedBatch, type VerifiedModel } from './verifiedModel.ts'

/** Absolute, on logits and what follows from them; relative, on gradient norms. From fixtures/NOTES.md. */
const TOLERANCE = 1e-4

/** Rows for every quantity, in the order of the file. Throws `bad-model` or `bad-data` where nothing can be compared. */
export async function verifyFolder(folder: string, options: CompileOptions): Promise<Comparison[]> {
  const { layout, expected, tokenization } = readExpectations(folder)
  const model = isAdapterFolder(folder) ? adaptedModel(folder, options) : verifiedModel(openCheckpoint(folder), options)
  const rows: Comparison[] = []
  if (layout === 'fixture') rows.push(...(await compareFixture(model, expected)))
  else rows.push(...(await compareContinuation(model, expected, loadTokenizer(folder, model.vocabularySize))))
  if (tokenization !== null) rows.push(compareTokenization(loadTokenizer(folder, model.vocabularySize), tokenization))
  if (rows.length === 0) {
    throw new ReflectoryError(
      'bad-data',
      `${folder}/expected.json`,
      'it holds no quantity that could be compared',
      'Name a folder whose expected.json has logits, completions, gradients or greedy tokens.',
    )
  }
  return rows
}

/** The adapter over its base model; a base that is named by a relative path lies beside the adapter. */
function adaptedModel(folder: string, options: CompileOptions): VerifiedModel {
  const base = readAdapterBase(folder)
  const baseFolder = base === null ? null : resolve(folder, base)
  if (baseFolder === null || !existsSync(baseFolder)) {
    throw new ReflectoryError(
      'bad-model',
      join(folder, 'adapter_config.json:base_model_name_or_path'),
      `the base model ${base ?? '(none)'} is not a folder beside the adapter`,
      'Write the path of the base model there.',
    )
  }
  const checkpoint = openCheckpoint(baseFolder)
  return verifiedModel(checkpoint, options, openAdapter(folder, checkpoint.config))
}

async function compareFixture(model: VerifiedModel, expected: FixtureExpectations): Promise<Comparison[]> {
  const { sequences, prompt_lens: promptLengths, completion, gradients, greedy } = expected
  const rows: Comparison[] = []
  if (expected.meta?.num_parameters !== undefined) {
    rows.push(compareEqual('parameters', [model.parameterCount], [expected.meta.num_parameters]))
  }
  for (const [name, padded] of [
    ['right-padded', expected.right_padded],
    ['left-padded', expected.left_padded],
  ] as const) {
    if (!padded) continue
    const batch: PaddedBatch = {
      ids: padded.input_ids,
      mask: padded.attention_mask,
      ...(padded.position_ids === undefined ? {} : { positions: padded.position_ids }),
    }
    const logits = await model.logits(batch)
    const real = logits.map((row, s) => row.filter((_, t) => padded.attention_mask[s][t] === 1))
    rows.push(compareAbsolute(`logits, ${name}`, flatten(real), flatten(padded.logits), TOLERANCE))
  }
  if (completion) {
    const scores = await model.scoreCompletions(sequences, promptLengths)
    const tokens = sequences.map((sequence, s) => sequence.slice(promptLengths[s]))
    const logProbabilities = scores.logProbabilities.flat()
    const meanNll = -logProbabilities.reduce((sum, value) => sum + value, 0) / logProbabilities.length
    rows.push(
      compareEqual('completion tokens', tokens.flat(), completion.token_ids.flat()),
      compareEqual('completion token count', [logProbabilities.length], [completion.num_tokens]),
      compareAbsolute('completion log-probabilities', logProbabilities, completion.logprobs.flat(), TOLERANCE),
      compareAbsolute('completion entropies', scores.entropies.flat(), completion.entropies.flat(), TOLERANCE),
      compareAbsolute('mean negative log-probability', [meanNll], [completion.mean_nll], TOLERANCE),
    )
  }
  if (gradients) rows.push(...(await compareGradients(model, expected, gradients)))
  if (greedy) {
    const single = await model.greedy([greedy.prompt], greedy.tokens.length)
    rows.push(
      compareEqual('greedy tokens', single.tokens[0], greedy.tokens),
      compareAbsolute('greedy log-probabilities', single.logProbabilities[0], greedy.logprobs, TOLERANCE),
      compareAbsolute(
        'greedy smallest lead of a logit',
        [single.smallestGap],
        [greedy.min_top1_top2_logit_gap],
        TOLERANCE,
      ),
    )
    const batch = greedy.batch_left_padded
    if (batch) {
      const prompts = batch.input_ids.map((row, s) => row.filter((_, t) => batch.attention_mask[s][t] === 1))
      const together = await model.greedy(prompts, batch.tokens[0]?.length ?? 0)
      rows.push(
        compareEqual('greedy tokens, batch', together.tokens.flat(), batch.tokens.flat()),
        compareAbsolute(
          'greedy smallest lead of a logit, batch',
          [together.smallestGap],
          [batch.min_top1_top2_logit_gap],
          TOLERANCE,
        ),
      )
    }
  }
  return rows
}

async function compareGradients(
  model: VerifiedModel,
  { sequences, prompt_lens: promptLengths, completion }: FixtureExpectations,
  expected: NonNullable<FixtureExpectations['gradients']>,
): Promise<Comparison[]> {
  const { loss, gradients } = await model.gradients(sequences, promptLengths)
  const names = Object.keys(expected.all_frobenius)
  const of = (name: string) => gradients.get(name) ?? new Float32Array(0)
  // Entries are compared in units of their tensor's root mean square: float32 noise grows with it, not with the entry.
  const actual: number[] = []
  const wanted: number[] = []
  for (const [name, parameter] of Object.entries(expected.params)) {
    const gradient = of(name)
    const unit = parameter.frobenius / Math.sqrt(parameter.shape.reduce((product, size) => product * size, 1))
    const width = parameter.shape.at(-1) ?? 1
    const entries: [number, number][] = [
      ...parameter.first16.map((value, i): [number, number] => [i, value]),
      ...parameter.strided.map((value, i): [number, number] => [parameter.strided_indices[i], value]),
      ...(parameter.row_first16 ?? []).map((value, i): [number, number] => [
        (parameter.row_index ?? 0) * width + i,
        value,
      ]),
    ]
    for (const [index, value] of entries) {
      actual.push(gradient[index] / unit)
      wanted.push(value / unit)
    }
  }
  const total = Math.hypot(...[...gradients.values()].map(norm))
  return [
    ...(completion ? [compareAbsolute('loss of the gradient', [loss], [completion.mean_nll], TOLERANCE)] : []),
    compareEqual('parameters with a gradient', [...gradients.keys()].sort(), names.toSorted()),
    compareRelative(
      'gradient norms, all parameters',
      names.map((name) => norm(of(name))),
      Object.values(expected.all_frobenius),
      TOLERANCE,
    ),
    compareRelative(
      'gradient norms, chosen parameters',
      Object.keys(expected.params).map((name) => norm(of(name))),
      Object.values(expected.params).map((p) => p.frobenius),
      TOLERANCE,
    ),
    compareRelative('gradient norm, whole model', [total], [expected.global_norm], TOLERANCE),
    compareAbsolute('gradient entries (in units of their RMS)', actual, wanted, TOLERANCE),
  ]
}

async function compareContinuation(
  model: VerifiedModel,
  expected: ContinuationExpectations,
  tokenizer: Tokenizer,
): Promise<Comparison[]> {
  const tolerance = expected.suggested_abs_tolerance
  const whole = [...expected.prompt_ids, ...expected.greedy_ids]
  const [logits] = await model.logits({ ids: [whole], mask: [whole.map(() => 1)] })
  const last = logits[whole.length - 1]
  const made = await model.greedy([expected.prompt_ids], expected.greedy_ids.length)
  // Decoders drop the space at the head of a text; behind its prompt, a continuation keeps it.
  const decode = (ids: readonly number[]) => tokenizer.decode(ids, { skipSpecialTokens: false })
  const text = decode([...expected.prompt_ids, ...made.tokens[0]]).slice(decode(expected.prompt_ids).length)
  return [
    compareAbsolute(
      'logits after the begin token',
      logits[expected.prompt_ids.length - 1],
      expected.logits_after_bos,
      tolerance,
    ),
    compareAbsolute('logits at the last position', last, expected.logits_last_position, tolerance),
    compareEqual('likeliest token at the last position', [likeliest(last).best], [expected.argmax_last_position]),
    compareEqual('greedy tokens', made.tokens[0], expected.greedy_ids),
    compareAbsolute('greedy log-probabilities', made.logProbabilities[0], expected.greedy_token_logprobs, tolerance),
    compareAbsolute('greedy smallest lead of a logit', [made.smallestGap], [expected.min_greedy_margin], tolerance),
    compareEqual('greedy text', [text], [expected.greedy_text]),
  ]
}

function compareTokenization(tokenizer: Tokenizer, expected: TokenizationExpectations): Comparison {
  const encoded = expected.map(({ text }) => tokenizer.encode(text, { addSpecialTokens: false }).join(' '))
  return compareEqual(
    'tokens of texts',
    encoded,
    expected.map(({ ids_without_bos: ids }) => ids.join(' ')),
  )
}

const norm = (values: Float32Array): number => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0))

const flatten = (rows: readonly (readonly ArrayLike<number>[])[]): number[] =>
  rows.flatMap((row) => row.flatMap((values) => Array.from(values)))
