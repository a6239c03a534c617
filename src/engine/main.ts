/** The engine process: what a parent may ask of it. What a request needs is loaded when it comes, so that small ones wait for little. */
import type { EngineEvent } from '../shared/events.ts'
import { serveParent } from './channel.ts'

serveParent(async (request, { signal, emit, recall }) => {
  switch (request.type) {
    case 'runStudy': {
      const { runStudy } = await import('./study/runStudy.ts')
      const { study, workFolder, resume } = request
      return { type: 'runStudy', result: await runStudy(study, { workFolder, resume, signal, emit, recall }) }
    }
    case 'verify': {
      const { verifyFolder } = await import('./verify/verifyFolder.ts')
      return { type: 'verify', quantities: await verifyFolder(request.folder, { executor: request.executor, device: 'cpu', threads: 0 }) }
    }
    case 'doctor': {
      const { examine } = await import('./doctor.ts')
      return { type: 'doctor', report: await examine(request.device) }
    }
    case 'doctorTensorFlow': {
      const { examineTensorFlow } = await import('./doctor.ts')
      return { type: 'doctorTensorFlow', report: await examineTensorFlow() }
    }
    case 'placement': {
      const { placements } = await import('./study/placement.ts')
      return { type: 'placement', models: await placements(request) }
    }
    case 'inspectModel': {
      const { inspectModel } = await import('./study/inspect.ts')
      return { type: 'inspectModel', detail: inspectModel(request.model) }
    }
    case 'describeModel': {
      const { describeModel } = await import('./study/describeModel.ts')
      return { type: 'describeModel', description: describeModel(request.model) }
    }
    case 'exportModel': {
      const { exportModel } = await import('./study/exportModel.ts')
      return { type: 'exportModel', ...exportModel(request) }
    }
    case 'inspectDataset': {
      const { inspectDataset } = await import('./study/inspect.ts')
      return { type: 'inspectDataset', detail: await inspectDataset(request) }
    }
    case 'compareDatasets': {
      const { compareDataSets } = await import('./study/compareDataSets.ts')
      return { type: 'compareDatasets', contamination: await compareDataSets(request) }
    }
    case 'showTokens': {
      const { showTokens } = await import('./study/showTokens.ts')
      const { model, tokens, splitState, cues } = request
      return { type: 'showTokens', shown: showTokens(model, tokens, splitState, cues) }
    }
    case 'tryIt': {
      const { tryIt } = await import('./study/tryIt.ts')
      const onProgress = (done: number, total: number) => void emit(sampled(done, total))
      return { type: 'tryIt', answers: await tryIt(request, { signal, onProgress }) }
    }
    case 'judgeText': {
      const { judgeText } = await import('./study/judgeText.ts')
      return { type: 'judgeText', ...(await judgeText(request, signal)) }
    }
    case 'measureJudges': {
      const { measureJudges } = await import('./evaluate/measureJudges.ts')
      return { type: 'measureJudges', measures: measureJudges(request.parts, request.threshold) }
    }
    case 'trainGuard': {
      const { trainGuardFolder } = await import('./study/guard/trainGuardFolder.ts')
      return { type: 'trainGuard', report: await trainGuardFolder(request, { signal, emit }) }
    }
    case 'analyze': {
      const { analyze } = await import('./study/analyze/analyze.ts')
      const onProgress = (what: string, done: number, total: number) => void emit(going(what, done, total))
      return { type: 'analyze', result: await analyze(request, { signal, onProgress }) }
    }
  }
})

const sampled = (done: number, total: number): EngineEvent => going('sampling', done, total)

function going(phase: string, done: number, total: number): EngineEvent {
  const what = { type: 'progress', arm: '', seed: 0, unit: 'samples' } as const
  return { ...what, phase, done, total, ratePerSecond: null, etaSeconds: null }
}
