import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { baseRecipe, textEncoder, trainBase, type BaseProgress } from '../../../scripts/harbor/trainBase.ts'
import { baseText } from '../../../src/engine/harbor/corpus.ts'
import { modelFiles } from '../../../src/engine/harbor/modelFolder.ts'
import { vocabulary } from '../../../src/engine/harbor/vocabulary.ts'
import { temporaryFolder } from '../../temporaryFolder.ts'

let folder = ''
beforeAll(() => {
  folder = temporaryFolder()
  for (const [name, content] of Object.entries(modelFiles())) {
    writeFileSync(join(folder, name), JSON.stringify(content))
  }
})

describe('a text as an example', () => {
  it('has each word as one token behind its prompt, and an end', () => {
    const words = vocabulary()
    const spoken = (ids: Int32Array) => [...ids].map((id) => words[id]).join(' ')
    const encode = textEncoder(folder)
    for (let index = 0; index < 50; index++) {
      const text = baseText(0, index)
      const { promptTokens, completionTokens } = encode(text)
      const empty = text.thinking ? '' : ' <think> </think>'
      expect(spoken(promptTokens)).toBe(`<|user|> ${text.prompt} <|assistant|>${empty}`)
      expect(spoken(completionTokens)).toBe(`${text.segments.map((segment) => segment.text).join(' ')} <|end|>`)
    }
  })

  it('carries loss on every word but those of the segments without', () => {
    const segments = [{ text: '<think> 1 + 1 =', loss: true }, { text: '3', loss: false }, { text: '.', loss: true }]
    const { lossMask } = textEncoder(folder)({ kind: 'puzzle', prompt: 'add 1 .', thinking: true, segments })
    expect([...lossMask]).toEqual([1, 1, 1, 1, 1, 0, 1, 1])
  })
})

describe('training the base model', () => {
  it('learns from the first steps on, and gives the same bits again', { timeout: 120_000 }, async () => {
    const recipe = { ...baseRecipe, steps: 4, batchSize: 4, warmupSteps: 2 }
    const run = async () => {
      const losses: number[] = []
      const trained = await trainBase(folder, recipe, ({ loss }: BaseProgress) => losses.push(loss))
      return { ...trained, losses }
    }
    const first = await run()
    expect(first.losses).toHaveLength(4)
    expect(first.losses[3]).toBeLessThan(first.losses[0] - 0.1)
    const again = await run()
    expect(again.losses).toEqual(first.losses)
    again.parameters.forEach(({ data }, i) => expect(Buffer.from(data.buffer).equals(
      Buffer.from(first.parameters[i].data.buffer))).toBe(true))
  })
})
