/** Token by token, a classifier says what it would say of the text so far. */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openGuard } from '../../../../src/engine/reward/guard/openGuard.ts'
import type { Judge } from '../../../../src/engine/reward/judge.ts'
import { GuardJudge } from '../../../../src/shared/judges.ts'
import { writeTinyGuard } from './tinyGuard.ts'
import { temporaryFolder } from '../../../temporaryFolder.ts'

const root = temporaryFolder()

const changes = { id2label: { 0: 'safe', 1: 'unsafe' } }
const architecture = 'LlamaForTokenClassification'
const plain = writeTinyGuard(join(root, 'plain'), { architecture, changes, headSpread: 1 })
const CHAT = '{% for m in messages %}<|{{ m.role }}|>{{ m.content }}{% endfor %}<|end|>'
const chat = writeTinyGuard(join(root, 'chat'), { architecture, changes, headSpread: 1, template: CHAT })

const open = (folder: string, config: object = {}): Promise<Judge> =>
  openGuard(GuardJudge.parse({ guard: folder, ...config }), folder, { device: 'cpu', threads: 1 })
const scoresOf = async (judge: Judge, text: string) => (await judge.tokenScores!([{ question: 'How?', text }]))[0]

/** P(unsafe) of whole texts, as verdicts have it. */
async function verdictsOn(judge: Judge, texts: readonly string[]): Promise<number[]> {
  const prompt = { id: 'a', set: 's', role: 'harmful', category: 'c', text: 'How?', answer: null } as const
  const verdicts = await judge.judge(
    texts.map((response) => ({ prompt, split: { state: 'no-thought' as const, thought: '', response }, component: 'response' as const })),
  )
  return verdicts.map((verdict) => (verdict.kind === 'scored' ? 1 - verdict.safe : NaN))
}

describe('scores of tokens', () => {
  it('are what the judge would say of the text up to there', async () => {
    const judge = await open(plain)
    const text = 'First do this, then that: ja, né.'
    const scores = await scoresOf(judge, text)
    // Its tokens are bytes. A space, and the first byte of two, are told as standing where the letter before them ends.
    const letters = scores.filter(({ end }, i) => end > 0 && end !== scores[i - 1]?.end)
    expect(letters.length).toBeGreaterThan(25)
    const verdicts = await verdictsOn(judge, letters.map(({ end }) => text.slice(0, end)))
    letters.forEach(({ unsafe }, i) => expect(unsafe).toBeCloseTo(verdicts[i], 5))
    expect(new Set(verdicts.map((value) => value.toFixed(6))).size).toBeGreaterThan(20)
    await judge.release?.()
  })

  it('end with the verdict, behind the marks of a chat template too', async () => {
    const judge = await open(chat)
    const texts = ['No.', 'First do this.', 'a <|end|> inside']
    const verdicts = await verdictsOn(judge, texts)
    for (const [i, text] of texts.entries()) {
      const last = (await scoresOf(judge, text)).at(-1)!
      expect(last.end).toBe(text.length)
      expect(last.unsafe).toBeCloseTo(verdicts[i], 5)
    }
    await judge.release?.()
  })

  it('go through a long text from part to part, each character once', async () => {
    const judge = await open(plain, { windowTokens: 64 })
    const text = Array.from({ length: 60 }, (_, i) => `word${i}`).join(' ')
    const ends = (await scoresOf(judge, text)).map(({ end }) => end)
    expect(ends[ends.length - 1]).toBe(text.length)
    ends.slice(1).forEach((end, i) => expect(end).toBeGreaterThanOrEqual(ends[i]))
    // Spaces are found with the letter behind them.
    const letters = [...text].flatMap((letter, i) => (letter === ' ' ? [] : [i + 1]))
    expect(letters.filter((end) => !ends.includes(end))).toEqual([])
    await judge.release?.()
  })

  it('are not given by a model with one score', async () => {
    const reward = writeTinyGuard(join(root, 'reward'), { architecture: 'LlamaForSequenceClassification', changes: { num_labels: 1 } })
    const judge = await open(reward)
    expect(judge.tokenScores).toBeUndefined()
    await judge.release?.()
  })
})
