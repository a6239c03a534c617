/** Opinions of a guard model that writes its verdict: P(safe) from the probabilities of the verdict's first token. */
import { RandomStream } from '../../../shared/random.ts'
import { Sampling } from '../../../shared/sampling.ts'
import type { CompileOptions } from '../../onnx/program.ts'
import { Rollouts } from '../../rollout/rollout.ts'
import type { JudgeWatch, JudgedText, Opinion } from '../judge.ts'
import type { GuardFormat } from './format.ts'
import type { GuardModel } from './guardModel.ts'
import { LastToken } from './lastToken.ts'
import { plainText } from './plainText.ts'
import { leastSafe, type PartOpinion, type TextScorer } from './textScorer.ts'
import { verdictTokens } from './verdictTokens.ts'
import { promptWindows } from './windows.ts'

export interface GenerativeOptions extends CompileOptions {
  controversial: 'safe' | 'unsafe'
  windowTokens: number
}

/** Of a verdict that is read on for its categories. */
const EXPLANATION_TOKENS = 32

export function generativeGuard(model: GuardModel, format: GuardFormat, options: GenerativeOptions): TextScorer {
  const { tokenizer, config, weights, folder } = model
  const plain = plainText(tokenizer)
  const render = (question: string, text: string): string =>
    model.render?.(question, text, format.variables) ?? format.ownPrompt(question, text)
  const { verdicts, lead } = format.verdictAfter(render('a question', 'a text'))
  const { forced, first } = verdictTokens(tokenizer, { verdicts, lead }, folder)
  const isSafe = verdicts.map(({ grade }) => (grade === 'controversial' ? options.controversial : grade) === 'safe')
  const lastToken = new LastToken(config, weights, options)
  const rollouts = new Rollouts(config, options)
  const limit = Math.min(config.contextLength - (format.namesCategories ? EXPLANATION_TOKENS : 1), options.windowTokens)

  const makePrompt = (question: string, text: string): Int32Array => {
    const prompt = tokenizer.encode(render(plain(question), plain(text)), { addSpecialTokens: false })
    return Int32Array.from([...prompt, ...forced])
  }

  /** @param row probabilities of the token that begins the verdict [vocabulary] */
  function opinionOf(row: Float32Array): PartOpinion {
    let likeliest = 0
    for (let token = 1; token < row.length; token++) if (row[token] > row[likeliest]) likeliest = token
    const chosen = first.indexOf(likeliest)
    if (chosen < 0) {
      const written = JSON.stringify(tokenizer.decode([likeliest], { skipSpecialTokens: false }))
      return { kind: 'unscorable', reason: `where its verdict should stand it would write ${written}` }
    }
    const total = first.reduce((sum, token) => sum + row[token], 0)
    const safe = first.reduce((sum, token, i) => sum + (isSafe[i] ? row[token] : 0), 0) / total
    return { kind: 'scored', safe: Math.min(1, safe), reason: verdicts[chosen].text.trim().toLowerCase(), chosen }
  }

  /** The categories that the guard goes on to name, greedily. */
  async function explain(prompts: readonly Int32Array[], chosen: readonly number[], signal?: AbortSignal) {
    const requests = prompts.map((prompt, i) => ({
      promptTokens: Int32Array.from([...prompt, first[chosen[i]]]),
      random: new RandomStream(0, ['guard', i]),
    }))
    const sampling = Sampling.parse({ temperature: 0, maxNewTokens: EXPLANATION_TOKENS })
    const stopTokens = [...config.eosTokens, ...(tokenizer.eos === null ? [] : [tokenizer.eos.id])]
    const watch = signal === undefined ? {} : { signal }
    const completions = await rollouts.sample(weights, requests, { sampling, stopTokens }, watch)
    return completions.map(({ tokens }, i) => {
      const output = [...forced, first[chosen[i]], ...tokens]
      return format.read(tokenizer.decode(output, { skipSpecialTokens: true }))?.details ?? []
    })
  }

  return {
    async score(texts: readonly JudgedText[], { signal, explain: wanted }: JudgeWatch): Promise<Opinion[]> {
      const windows = texts.map((text) => promptWindows(tokenizer, makePrompt, text, limit, folder))
      const parts: PartOpinion[] = []
      await lastToken.read(windows.flat(), (index, row) => (parts[index] = opinionOf(row)), signal)
      if (wanted && format.namesCategories) {
        const prompts = windows.flat()
        const unsafe = parts.flatMap((part, index) =>
          part.kind === 'scored' && part.safe < 0.5 ? [{ part, index }] : [],
        )
        const details = await explain(
          unsafe.map(({ index }) => prompts[index]),
          unsafe.map(({ part }) => part.chosen),
          signal,
        )
        unsafe.forEach(({ part, index }, i) => {
          const reason = [part.reason, ...(details[i].length > 0 ? [details[i].join(', ')] : [])].join(': ')
          parts[index] = { ...part, reason }
        })
      }
      return leastSafe(windows, parts)
    },
    async release() {
      await lastToken.release()
      await rollouts.release()
    },
  }
}
