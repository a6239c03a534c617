/** Studies to start from. All of them run on the built-in model and are meant to be changed. */
import { Settings } from '../../shared/rpc/machine.ts'
import type { StudyPreset } from '../../shared/rpc/studies.ts'
import { StudyConfig } from '../../shared/study.ts'
import type { StudyInput } from '../../shared/study.ts'
import { formatStudy } from './formatStudy.ts'

interface Preset {
  id: string
  title: string
  explanation: string
  study: StudyInput
}

const base = { name: 'base', method: 'base' } as const
const rlWhole = { name: 'rl-whole', method: 'rl', reward: { safety: { component: 'whole' } } } as const

const chosen: readonly Preset[] = [
  {
    id: 'demo',
    title: 'The demo study',
    explanation:
      'SFT on refusals, RL with a reward that reads the answer only, and RL with a reward that reads thought and answer, ' +
      'against the untrained model. A few minutes on two cores.',
    study: {
      name: 'demo',
      arms: [
        base,
        { name: 'sft', method: 'sft' },
        { name: 'rl-response', method: 'rl', reward: { safety: { component: 'response' } } },
        rlWhole,
      ],
    },
  },
  {
    id: 'sft-versus-rl',
    title: 'SFT versus RL',
    explanation:
      'Does learning from written refusals make the model safer than learning from a reward, and what does each cost in ' +
      'refused harmless questions and in reasoning?',
    study: { name: 'SFT versus RL', seeds: [0, 1, 2], arms: [base, { name: 'sft', method: 'sft' }, rlWhole] },
  },
  {
    id: 'thought-or-answer',
    title: 'Thought or answer?',
    explanation:
      'The same RL with a reward that reads only the thought, only the answer, or both. Watch for unsafe thoughts behind ' +
      'safe answers.',
    study: {
      name: 'thought or answer',
      arms: [
        base,
        { name: 'rl-thought', method: 'rl', reward: { safety: { component: 'thought' } } },
        { name: 'rl-response', method: 'rl', reward: { safety: { component: 'response' } } },
        rlWhole,
      ],
    },
  },
  {
    id: 'thinking',
    title: 'Thinking on or off',
    explanation: 'RL with and without a thought before the answer, evaluated with thinking on.',
    study: {
      name: 'thinking on or off',
      arms: [base, rlWhole, { ...rlWhole, name: 'rl-no-thinking', thinking: false, reward: { safety: { component: 'response' } } }],
    },
  },
  {
    id: 'before-after',
    title: 'Before and after',
    explanation: 'One training, and the model before it, on the same prompts. The shortest study there is.',
    study: { name: 'before and after', arms: [base, { name: 'sft', method: 'sft' }] },
  },
]

/**
 * Device and threads as Settings have them stand in each, in its text too: a study says what it means, here and on the command
 * line, whatever Settings say later.
 */
export function presets({ device, threads }: Pick<Settings, 'device' | 'threads'> = Settings.parse({})): StudyPreset[] {
  return chosen.map(({ id, title, explanation, study }) => {
    const complete = StudyConfig.parse({ ...study, device, threads })
    return { id, title, explanation, study: complete, text: formatStudy(complete) }
  })
}
