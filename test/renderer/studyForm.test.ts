/** The form of a study: fields from the schema, edits, and what is wrong by step. */
import { expect, test } from 'vitest'
import { checkStudyText } from '../../src/host/readStudy.ts'
import { formatStudy } from '../../src/host/services/formatStudy.ts'
import { presets } from '../../src/host/services/presets.ts'
import { fieldAt } from '../../src/renderer/features/newStudy/fieldSchema.ts'
import * as edits from '../../src/renderer/features/newStudy/studyEdits.ts'
import { checkForm, stepOf } from '../../src/renderer/features/newStudy/studyIssues.ts'
import { placeMetrics } from '../../src/renderer/features/runMonitor/metricDefinitions.ts'

const [{ study }] = presets()

test('a field is what the schema says of it, through unions and defaults', () => {
  expect(fieldAt(study, ['arms', 1, 'epochs'])).toMatchObject({ kind: 'number', defaultValue: 3, isOptional: false })
  expect(fieldAt(study, ['arms', 1, 'steps'])).toMatchObject({ kind: 'integer', isOptional: true })
  expect(fieldAt(study, ['arms', 2, 'algorithm'])?.choices).toContain('dapo')
  expect(fieldAt(study, ['arms', 2, 'thinking'])).toMatchObject({ kind: 'boolean', defaultValue: true })
  expect(fieldAt(study, ['data', 'harmful', 'split'])?.choices).toEqual(['train', 'held-out'])
  expect(fieldAt(study, ['evaluation', 'threshold'])?.help).toContain('P(safe)')
  expect(fieldAt(study, ['arms', 2, 'reward', 'safety'])).toBeNull()
})

test('a field stays what it is while its value is wrong', () => {
  const wrong = edits.withValue(study, ['arms', 2, 'steps'], 'many')
  expect(fieldAt(wrong, ['arms', 2, 'steps'])).toMatchObject({ kind: 'integer', defaultValue: 60 })
})

test('an edit leaves what it was given as it was, and takes a field out by undefined', () => {
  const edited = edits.withValue(study, ['arms', 1, 'learningRate'], 0.5)
  expect(edits.valueAt(edited, ['arms', 1, 'learningRate'])).toBe(0.5)
  expect(edits.valueAt(study, ['arms', 1, 'learningRate'])).toBe(3e-4)
  const without = edits.withValue(edited, ['arms', 1, 'learningRate'], undefined)
  expect(edits.valueAt(without, ['arms', 1])).not.toHaveProperty('learningRate')
})

test('a source that is renamed is renamed wherever the study speaks of it', () => {
  const renamed = edits.withSourceRenamed(edits.withSourceRenamed(study, 'harmful', 'attacks'), 'refusals', 'pairs')
  expect(checkForm(renamed).issues).toEqual([])
  expect(edits.valueAt(renamed, ['arms', 2, 'promptsPerStep'])).toMatchObject({ attacks: 14 })
  expect(edits.withSourceRenamed(study, 'harmful', 'benign')).toBe(study)
})

test('a source that is taken out leaves nothing behind but the SFT arm that needs it', () => {
  expect(checkForm(edits.withoutSource(study, 'harmful')).issues).toEqual([])
  const { issues } = checkForm(edits.withoutSource(study, 'refusals'))
  expect(issues.map(({ path }) => path.join('.'))).toEqual(['arms.1.data'])
})

test('new arms have names of their own and are valid', () => {
  const more = edits.withArm(edits.withArm(study, 'sft'), 'sft')
  expect(more.arms.slice(-2).map(({ name }) => name)).toEqual(['sft-2', 'sft-3'])
  expect(checkForm(more).study).not.toBeNull()
})

test('what is wrong is said in plain words, at its field and step', () => {
  const wrong = edits.withValue(edits.withValue(study, ['arms', 2, 'steps'], 'x'), ['data', 'harmful', 'count'], 0)
  const { study: none, issues } = checkForm(wrong)
  expect(none).toBeNull()
  expect(issues.map(({ path, message }) => [path.join('.'), message])).toEqual([
    ['data.harmful.count', '1 at least.'],
    ['arms.2.steps', 'A number is needed here.'],
  ])
  expect(issues.map(({ path }) => stepOf(path))).toEqual(['data', 'arms'])
  expect(stepOf(['arms', 2, 'reward', 'safety', 'weight'])).toBe('rewards')
})

test('the form and its YAML say the same, for every preset and after an edit', () => {
  for (const preset of presets()) {
    const edited = edits.withArm(preset.study, 'rl')
    expect(checkStudyText(formatStudy(edited))).toEqual({ study: edited, issues: [] })
  }
})

test('charts come in a fixed order; unknown metrics and parts of the reward have a place', () => {
  const groups = placeMetrics(new Set(['loss', 'reward.overRefusal', 'novelty', 'reward', 'safety.whole', 'tokens']))
  expect(groups.map(({ group, metrics }) => [group, metrics.map(({ name }) => name)])).toEqual([
    ['Reward', ['reward', 'reward.overRefusal']],
    ['Safety', ['safety.whole']],
    ['Training', ['loss', 'novelty']],
  ])
  expect(groups[0].metrics[1].title).toBe('Reward: over refusal')
})
