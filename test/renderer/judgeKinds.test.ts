import { expect, test } from 'vitest'
import { JUDGE_KINDS, judgeName, judgeOf, kindOf, sentTo } from '../../src/renderer/features/newStudy/judgeKinds.ts'
import { checkForm } from '../../src/renderer/features/newStudy/studyIssues.ts'
import { GuardJudge } from '../../src/shared/judges.ts'
import { study } from '../sampleStudy.ts'

test('makes a judge of each kind that is known as that kind again', () => {
  for (const { value } of JUDGE_KINDS) expect(kindOf(judgeOf(value))).toBe(value)
})

test('leaves what only a person can say empty, and the study refuses to start without it', () => {
  for (const kind of ['file', 'guard', 'endpoint'] as const) {
    const { study: checked, issues } = checkForm({ ...study, judges: [judgeOf(kind)] })
    expect(checked, kind).toBeNull()
    expect(issues.map(({ path }) => path.slice(0, 2)), kind).toEqual([['judges', 0]])
  }
  expect(checkForm({ ...study, judges: [judgeOf('builtin')] }).study).not.toBeNull()
})

test('calls a guard model by its folder and a server by its model', () => {
  expect(judgeName(GuardJudge.parse({ guard: '/models/some-guard/' }))).toBe('some-guard')
  expect(judgeName({ lexicon: 'words.txt' })).toBe('words.txt')
})

test('names each server that texts go to once, and none for judges on this machine', () => {
  const endpoint = judgeOf('endpoint')
  expect(sentTo([endpoint, judgeOf('guard'), 'harbor', endpoint])).toEqual(['http://localhost:8000/v1'])
  expect(sentTo([judgeOf('builtin')])).toEqual([])
})
