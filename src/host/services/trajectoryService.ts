/** Lists, search, one trajectory in full, the same prompt elsewhere, labels and notes. */
import { ReflectoryError } from '../../shared/errors.ts'
import type { Services } from '../../shared/rpc.ts'
import type { TrajectoryDetail, TrajectoryFilter, TrajectoryRow, TrajectoryTokens, trajectoryMethods } from '../../shared/rpc/trajectories.ts'
import type { Trajectory } from '../../shared/trajectory.ts'
import { annotate, noteOf } from '../../store/annotations.ts'
import { findRun } from '../../store/runs.ts'
import { indexSome } from '../../store/searchIndex.ts'
import { readTrajectory } from '../../store/trajectories.ts'
import { countMatches, neighboursOf, pageOfIds, readFacets, samePromptIds } from '../../store/trajectoryPages.ts'
import { untrainedArm } from '../speakers.ts'
import type { Assistant } from './assistant.ts'
import { utcNow, type ServiceContext } from './context.ts'
import { isHidden, rowsFor } from './hideTexts.ts'
import { toRpcError } from './rpcError.ts'

export function trajectoryService(
  { store }: ServiceContext,
  assistant: Assistant,
): Pick<Services, keyof typeof trajectoryMethods> {
  function needTrajectory(id: number): { row: TrajectoryRow; trajectory: Trajectory } {
    const trajectory = readTrajectory(store, id)
    const [row] = rowsFor(store, [id], { reveal: true })
    if (trajectory && row) return { row, trajectory }
    const problem = 'this trajectory is no longer there'
    const remedy = 'Load the list again; its step may have been run anew, or its run deleted.'
    throw new ReflectoryError('bad-argument', `trajectory ${id}`, problem, remedy)
  }

  async function tokensOf({ row, trajectory }: { row: TrajectoryRow; trajectory: Trajectory }): Promise<TrajectoryTokens> {
    const { id } = row
    try {
      const { shown } = await assistant.ask({
        type: 'showTokens',
        model: untrainedArm(store, row.runId, row.arm).model,
        tokens: trajectory.tokens,
        splitState: trajectory.split.state,
        cues: findRun(store, row.runId)?.config.reflectionCues ?? 'r1',
      })
      const { logProbabilities, entropies } = trajectory
      const measured = { logProbabilities: [...logProbabilities].map(short), entropies: [...entropies].map(short) }
      return { id, tokens: { ...shown, ...measured }, missing: null }
    } catch (error) {
      const { problem, remedy } = toRpcError(error)
      return { id, tokens: null, missing: `${problem}. ${remedy}` }
    }
  }

  async function readyToSearch({ search }: TrajectoryFilter): Promise<void> {
    if (search !== undefined) while (indexSome(store)) await new Promise((resolve) => setImmediate(resolve))
  }

  return {
    async listTrajectories({ filter, page, limit, reveal }) {
      assistant.warmUp()
      await readyToSearch(filter)
      const { ids, hasBefore, hasAfter } = pageOfIds(store, filter, page, limit)
      return { rows: rowsFor(store, ids, { reveal, search: filter.search }), hasBefore, hasAfter }
    },
    async countTrajectories({ filter }) {
      await readyToSearch(filter)
      return countMatches(store, filter)
    },
    async trajectoryNeighbours({ filter, id }) {
      await readyToSearch(filter)
      return neighboursOf(store, filter, id)
    },
    trajectoryFacets: ({ runId }) => readFacets(store, runId),
    trajectoryDetail({ id, reveal }) {
      const { row, trajectory } = needTrajectory(id)
      const { prompt, split, verdicts, thinking, finish, advantage, rewardParts } = trajectory
      const known = {
        key: trajectory.id,
        thinking,
        finish,
        source: prompt.set,
        tokenCount: trajectory.tokens.length,
        meanLogProbability: meanOf(trajectory.logProbabilities),
        meanEntropy: meanOf(trajectory.entropies),
        advantage,
        rewardParts,
        note: noteOf(store, id),
      }
      if (isHidden(row, { reveal })) return { ...known, ...hidden(row, verdicts) }
      const texts = {
        prompt: prompt.text,
        answer: prompt.answer,
        thought: split.thought,
        response: split.response,
        whole: trajectory.text,
      }
      return { ...known, row, verdicts, texts }
    },
    trajectoryTokens({ id, reveal }) {
      const found = needTrajectory(id)
      return isHidden(found.row, { reveal }) ? { id, tokens: null, missing: null } : tokensOf(found)
    },
    samePrompt({ id, limit, reveal }) {
      needTrajectory(id)
      const ids = samePromptIds(store, id, limit)
      return rowsFor(store, ids, { reveal }).map((other) => {
        const split = isHidden(other, { reveal }) ? undefined : readTrajectory(store, other.id)?.split
        return { row: other, texts: split === undefined ? null : { thought: split.thought, response: split.response } }
      })
    },
    annotate({ id, label, note }) {
      needTrajectory(id)
      annotate(store, id, label, note, utcNow())
      return {}
    },
  }
}

/** Nothing of the texts, reasons included: they quote. */
function hidden(
  row: TrajectoryRow,
  verdicts: Trajectory['verdicts'],
): Pick<TrajectoryDetail, 'row' | 'verdicts' | 'texts'> {
  return {
    row: { ...row, texts: null, snippet: null },
    verdicts: verdicts.map((verdict) => ({ ...verdict, reason: '' })),
    texts: null,
  }
}

function meanOf(values: Float32Array): number | null {
  return values.length === 0 ? null : short(values.reduce((sum, value) => sum + value, 0) / values.length)
}

/** Four decimals are more than a screen shows. */
function short(value: number): number | null {
  return Number.isFinite(value) ? Math.round(value * 1e4) / 1e4 : null
}
