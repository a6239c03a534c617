import { expect, test } from 'vitest'
import { modelText, visibleLine, visibleText } from '../../src/renderer/modelText.ts'

test('shows characters that would be invisible or turn the line round by their code', () => {
  expect(modelText('safe\u202Eevil\u0007')).toEqual([
    { text: 'safe', stoodFor: null },
    { text: '[U+202E]', stoodFor: 'right-to-left override' },
    { text: 'evil', stoodFor: null },
    { text: '[U+0007]', stoodFor: 'a character that cannot be seen' },
  ])
  expect(visibleText('a\u200Bb\u001B[31m\uFEFF')).toBe('a[U+200B]b[U+001B][31m[U+FEFF]')
})

test('shows tags and half surrogates outside the first plane', () => {
  expect(visibleText('\u{E0041}')).toBe('[U+E0041]')
  expect(visibleText('\uD800x')).toBe('[U+D800]x')
})

test('leaves words, markup, emoji, tabs and line feeds as they are', () => {
  const text = '<b>über</b> 你好 🙂\t1\n2'
  expect(modelText(text)).toEqual([{ text, stoodFor: null }])
  expect(visibleLine('1\n2\t3')).toBe('1↵2⇥3')
})

test('is quick on a line of a megabyte', () => {
  const started = performance.now()
  expect(modelText('x'.repeat(1_000_000))).toHaveLength(1)
  expect(performance.now() - started).toBeLessThan(1000)
})
