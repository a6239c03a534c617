import { expect, it } from 'vitest'
import { compareAbsolute, compareEqual } from '../../../src/engine/verify/comparisons.ts'
import { printComparisons } from '../../../src/engine/verify/printComparisons.ts'

it('prints a line a quantity and marks those over tolerance', () => {
  expect(
    printComparisons([
      compareAbsolute('logits', [1, 2], [1, 2.00005], 1e-4),
      compareEqual('tokens', [1, 2, 3], [1, 9, 9]),
    ]),
  ).toBe(
    [
      'quantity  count  largest difference  tolerance',
      'logits    2      5.0e-5              1e-4 absolute  ok',
      'tokens    3      2 differ            exact          OVER TOLERANCE',
      '',
      '1 of 2 quantities are over tolerance.',
    ].join('\n'),
  )
})
