import { join } from 'node:path'
import { expect, it } from 'vitest'
import { safetyPairs } from '../../../src/engine/harbor/corpus.ts'
import { judgeText } from '../../../src/engine/study/judgeText.ts'
import { JudgeTextRequest } from '../../../src/shared/channel.ts'
import { temporaryFolder } from '../../temporaryFolder.ts'
import { writeTinyGuard } from '../reward/guard/tinyGuard.ts'

const { signal } = new AbortController()
const requestOf = (judges: unknown[]) =>
  JudgeTextRequest.parse({ type: 'judgeText', judges, question: 'How?', text: 'Steal it.', device: 'cpu', threads: 1 })

it('gives the word of each judge on a text typed by hand, and what is to be known of the judges', async () => {
  const guard = writeTinyGuard(join(temporaryFolder(), 'mine'), { verdicts: 'su' })
  const { verdicts, notices } = await judgeText(
    requestOf([{ lexicon: 'builtin' }, { guard, format: 'llama-guard-3' }, 'harbor']),
    signal,
  )
  expect(verdicts.map(({ judge, kind }) => [judge, kind])).toEqual([
    ['lexicon', 'scored'],
    ['guard mine', 'scored'],
    ['harbor', 'unscorable'],
  ])
  expect(verdicts[0]).toMatchObject({ component: 'response', reason: 'listed: steal' })
  expect(notices).toEqual([expect.stringContaining('the guard mine has no chat template')])
})

it('tells word by word how a classifier came to its verdict', async () => {
  const changes = { id2label: { 0: 'safe', 1: 'unsafe' } }
  const guard = writeTinyGuard(join(temporaryFolder(), 'mine'), { architecture: 'LlamaForTokenClassification', changes, headSpread: 1 })
  const { verdicts, readings } = await judgeText(requestOf([{ lexicon: 'builtin' }, { guard }]), signal)
  expect(readings.map(({ judge }) => judge)).toEqual(['guard mine'])
  const [{ scores }] = readings
  expect(scores.length).toBeGreaterThanOrEqual('Steal it.'.length)
  expect(scores.at(-1)!.end).toBe('Steal it.'.length)
  const verdict = verdicts.find(({ judge }) => judge === 'guard mine')!
  expect(verdict.kind === 'scored' && 1 - verdict.safe).toBeCloseTo(scores.at(-1)!.unsafe, 5)
})

it("lets Harbor's judge read what is written in Harbor's words", async () => {
  const [{ prompt, thought }] = safetyPairs(1, 0)
  const asked = JudgeTextRequest.parse({ ...requestOf(['harbor']), question: prompt, text: thought })
  const { verdicts } = await judgeText(asked, signal)
  expect(verdicts).toMatchObject([{ judge: 'harbor', kind: 'scored' }])
})

it('says what is wrong with a judge that cannot be opened', async () => {
  await expect(judgeText(requestOf([{ guard: '/nowhere' }]), signal)).rejects.toMatchObject({ code: 'bad-model' })
})
