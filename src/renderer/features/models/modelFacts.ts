/** What is known of a model, as lines of a table. */
import type { ModelDetail } from '../../../shared/inspection.ts'
import { formatBytes, formatCount } from '../../format.ts'

export interface Fact {
  name: string
  value: string
  /** Long and exact: set in a fixed width, and may break anywhere. */
  isCode: boolean
}

/** '1.07 million', as people speak of models. */
export function parameterText(parameters: number): string {
  if (parameters >= 1e9) return `${(parameters / 1e9).toPrecision(3)} billion`
  if (parameters >= 1e6) return `${(parameters / 1e6).toPrecision(3)} million`
  return formatCount(parameters)
}

export function modelFacts(detail: ModelDetail): Fact[] {
  const template = detail.hasDefaultTemplate ? `${detail.chatTemplate} (the folder has none of its own)` : detail.chatTemplate
  const plain = {
    Family: `${detail.family} (${detail.architecture})`,
    Parameters: parameterText(detail.parameters),
    Layers: `${detail.layers} of width ${formatCount(detail.hiddenSize)}`,
    Vocabulary: `${formatCount(detail.vocabularySize)} tokens`,
    Context: `${formatCount(detail.contextTokens)} tokens`,
    'Chat template': template,
    Size: formatBytes(detail.bytes),
  }
  const code = { Folder: detail.folder, 'SHA-256 of the weights': detail.hash }
  const facts = (record: Record<string, string>, isCode: boolean) =>
    Object.entries(record).map(([name, value]) => ({ name, value, isCode }))
  return [...facts(plain, false), ...facts(code, true)]
}
