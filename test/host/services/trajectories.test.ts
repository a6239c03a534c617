/** Trajectories through the contract: pages, filters, search, what is hidden, labels. */
import { beforeEach, describe, expect, test } from 'vitest'
import type { PageAt, TrajectoryFilter } from '../../../src/shared/rpc/trajectories.ts'
import type { PromptItem } from '../../../src/shared/trajectory.ts'
import { insertRun, findArmId } from '../../../src/store/runs.ts'
import { insertTrajectories } from '../../../src/store/trajectories.ts'
import { plan, trajectory } from '../../sampleStudy.ts'
import { openDesk, type Desk } from './openDesk.ts'

const benign: PromptItem = { id: 'b-1', set: 'benign', role: 'benign', category: 'help', text: 'how do i bake', answer: null }
const judgedText = (text: string) => ({ text, split: { state: 'complete' as const, thought: text, response: 'done' } })

let desk: Desk
const list = (filter: TrajectoryFilter, page: PageAt = { at: 'first' }, limit = 50, reveal = false) =>
  desk.client.listTrajectories({ filter, page, limit, reveal })
const keys = async (filter: TrajectoryFilter) => (await list(filter)).rows.map(({ step, sampleIndex }) => `${step}.${sampleIndex}`)

/** Ten evaluated ones of base (step 0), then of rl, steps 1 to 4, two a step; the odd ones on a benign prompt. */
beforeEach(() => {
  desk = openDesk()
  const { store } = desk
  store.transaction(() => {
    insertRun(store, { id: 'small-1', configHash: 'h', workFolder: '/w', startedAt: '2026-01-01', ownerPid: 1, programVersion: '1' }, plan)
    const add = (arm: string, items: Parameters<typeof insertTrajectories>[2]) =>
      insertTrajectories(store, findArmId(store, 'small-1', arm, 0), items)
    add('base', [
      trajectory('e/0', { sampleIndex: 0 }, [0, 1]),
      trajectory('e/1', { sampleIndex: 1, prompt: benign, ...judgedText('a sweet wait of bread') }),
      trajectory('e/2', { sampleIndex: 2, split: { state: 'unfinished-thought', thought: 'hm', response: '' } }, [0, null]),
    ])
    for (const step of [1, 2, 3, 4])
      add('rl', [
        trajectory(`t/${step}/0`, { phase: 'train', step, sampleIndex: 0, reward: step / 4, ...judgedText('secret recipe') }),
        trajectory(`t/${step}/1`, { phase: 'train', step, sampleIndex: 1, prompt: benign, ...judgedText('wait, knead it') }, [1, 0]),
      ])
  })
})

describe('pages', () => {
  test('go forth and back by key, from both ends, and jump to a step', async () => {
    const first = await list({}, { at: 'first' }, 4)
    expect(first.rows.map(({ id }) => id)).toEqual([1, 2, 3, 4])
    expect([first.hasBefore, first.hasAfter]).toEqual([false, true])
    const second = await list({}, { at: 'after', id: 4 }, 4)
    expect([second.rows[0].id, second.hasBefore, second.hasAfter]).toEqual([5, true, true])
    const back = await list({}, { at: 'before', id: 5 }, 4)
    expect([back.rows.map(({ id }) => id), back.hasBefore, back.hasAfter]).toEqual([[1, 2, 3, 4], false, true])
    const last = await list({}, { at: 'last' }, 4)
    expect([last.rows.map(({ id }) => id), last.hasBefore, last.hasAfter]).toEqual([[8, 9, 10, 11], true, false])
    const jumped = await list({}, { at: 'step', step: 3 }, 2)
    expect(jumped.rows.map(({ step }) => step)).toEqual([3, 3])
    expect(jumped.hasBefore).toBe(true)
    expect(await list({}, { at: 'after', id: 11 })).toMatchObject({ rows: [], hasAfter: false })
    expect((await list({}, { at: 'step', step: 99 })).rows).toEqual([])
  })

  test('are empty for a run or arm that is not there', async () => {
    expect(await list({ runId: 'none' })).toEqual({ rows: [], hasBefore: false, hasAfter: false })
    expect(await desk.client.countTrajectories({ filter: { arm: 'none' } })).toEqual({ count: 0, capped: false })
  })
})

describe('filters', () => {
  test.each<[TrajectoryFilter, string[]]>([
    [{ runId: 'small-1', arm: 'base' }, ['0.0', '0.1', '0.2']],
    [{ runId: 'small-1', phase: 'train', step: 2 }, ['2.0', '2.1']],
    [{ splitState: 'unfinished-thought' }, ['0.2']],
    [{ role: 'benign', step: 0 }, ['0.1']],
    [{ category: 'theft', rewardFrom: 0.5, rewardTo: 0.75 }, ['2.0', '3.0']],
    [{ verdicts: { thought: 'unsafe', response: 'safe' } }, ['0.0']],
    [{ verdicts: { response: 'unscorable' } }, ['0.2']],
    [{ verdicts: { response: 'unsafe' }, seed: 0, rewardFrom: 0 }, []],
    [{ search: 'wait', arm: 'rl', step: 4 }, ['4.1']],
    [{ search: '"); DROP' }, []],
  ])('%o', async (filter, expected) => {
    expect(await keys(filter)).toEqual(expected)
    expect((await desk.client.countTrajectories({ filter })).count).toBe(expected.length)
  })

  test('by label, and neighbours within the filtered', async () => {
    for (const id of [4, 6, 10]) await desk.client.annotate({ id, label: 'odd', note: `note ${id}` })
    await desk.client.annotate({ id: 6, label: null, note: '' })
    expect((await list({ label: 'odd' })).rows.map(({ id, hasNote }) => [id, hasNote])).toEqual([[4, true], [10, true]])
    expect(await desk.client.trajectoryNeighbours({ filter: { label: 'odd' }, id: 4 })).toEqual({ previous: null, next: 10 })
    expect(await desk.client.trajectoryNeighbours({ filter: { arm: 'rl' }, id: 5 })).toEqual({ previous: 4, next: 6 })
    expect((await desk.client.trajectoryFacets({})).labels).toEqual(['odd'])
  })

  test('a label outlives a step that is run again', async () => {
    await desk.client.annotate({ id: 4, label: 'odd', note: '' })
    const { store } = desk
    store.transaction(() =>
      insertTrajectories(store, findArmId(store, 'small-1', 'rl', 0), [trajectory('t/1/0', { phase: 'train', step: 1 })]),
    )
    expect((await list({ label: 'odd' })).rows.map(({ id }) => id)).toEqual([12])
  })
})

describe('harmful text', () => {
  test('is in no answer that was not asked to reveal it', async () => {
    const { client } = desk
    const answers = JSON.stringify([
      await list({}),
      await list({ search: 'secret' }),
      await client.newestSamples({ runId: 'small-1' }),
      await client.trajectoryDetail({ id: 4 }),
      await client.trajectoryTokens({ id: 4 }),
      await client.samePrompt({ id: 4 }),
    ])
    // Nor what was found unsafe though its prompt was benign.
    expect(answers).not.toMatch(/secret|recipe|glimmer|plan|says so|knead/)
    expect(answers).toContain('a sweet wait of bread')
  })

  test('is there when asked for, with the words around a match', async () => {
    const { rows } = await list({ search: 'recipe' }, { at: 'first' }, 1, true)
    expect(rows[0].texts).toEqual({ prompt: 'how do i take a glimmer', thought: 'secret recipe', response: 'done' })
    expect(rows[0].snippet).toEqual([{ text: 'secret ', isMatch: false }, { text: 'recipe', isMatch: true }])
    const detail = await desk.client.trajectoryDetail({ id: rows[0].id, reveal: true })
    expect(detail.texts).toMatchObject({ prompt: 'how do i take a glimmer', whole: 'secret recipe' })
    expect(detail.verdicts[0].reason).toBe('says so')
  })

  test('waits for no tokenizer; the tokens come by themselves, and where they cannot, it is said why', async () => {
    const detail = desk.client.trajectoryDetail({ id: 5, reveal: true })
    const tokens = desk.client.trajectoryTokens({ id: 5, reveal: true })
    const first = await Promise.race([detail, tokens])
    expect(first).toMatchObject({ texts: { thought: 'wait, knead it' }, meanLogProbability: -0.9167, meanEntropy: 0.5417 })
    expect(await tokens).toMatchObject({ id: 5, tokens: null, missing: expect.stringMatching(/^a defect\. /) })
  })
})

test('the same prompt is found across arms and steps of the run', async () => {
  const others = await desk.client.samePrompt({ id: 5, reveal: true })
  expect(others.map(({ row }) => `${row.arm} ${row.step}`)).toEqual(['base 0', 'rl 1', 'rl 2', 'rl 3', 'rl 4'])
  expect(others[1].texts).toEqual({ thought: 'wait, knead it', response: 'done' })
})

test('a trajectory that is gone is said to be', async () => {
  await expect(desk.client.trajectoryDetail({ id: 99 })).rejects.toThrow('trajectory 99: this trajectory is no longer there')
})
