/** The tokens of recorded trajectories as texts; what was read of a model's folder stays for the next one. */
import { existsSync } from 'node:fs'
import type { ReflectionCues } from '../../shared/study.ts'
import type { TokenTexts } from '../../shared/tokens.ts'
import type { SplitState } from '../../shared/trajectory.ts'
import { loadChatTemplate, type ChatTemplate } from '../model/chatTemplate.ts'
import { loadTokenizer, type Tokenizer } from '../model/tokenizer.ts'
import { ReflectoryError } from '../../shared/errors.ts'
import { modelFolder } from './studyModel.ts'
import { tokenTexts } from './tokenTexts.ts'

interface Speech {
  tokenizer: Tokenizer
  template: ChatTemplate
}

const opened = new Map<string, Speech>()

/** Throws `bad-model` where the tokenizer is gone. */
export function showTokens(model: string, tokens: Int32Array, state: SplitState, cues: ReflectionCues): TokenTexts {
  const { tokenizer, template } = opened.get(model) ?? open(model)
  return tokenTexts(tokens, { state }, template.tags, tokenizer, cues)
}

function open(model: string): Speech {
  const folder = modelFolder(model)
  if (!existsSync(folder)) {
    const remedy = 'Put the folder back where it was; the texts as a whole are there without it.'
    throw new ReflectoryError('bad-model', folder, 'the folder of the model is gone', remedy)
  }
  const tokenizer = loadTokenizer(folder)
  const speech = { tokenizer, template: loadChatTemplate(folder, tokenizer) }
  opened.set(model, speech)
  return speech
}
