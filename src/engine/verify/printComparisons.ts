/** The rows of a verification as text for a terminal. */
import type { Comparison } from './comparisons.ts'

/** A table with a line a quantity, in the given order, and what came of it all in the last line. */
export function printComparisons(rows: readonly Comparison[]): string {
  const cells = rows.map(({ quantity, count, largestDifference, tolerance, measure, passed }) => [
    quantity,
    String(count),
    measure === 'mismatches' ? `${largestDifference} differ` : largestDifference.toExponential(1),
    measure === 'mismatches' ? 'exact' : `${tolerance.toExponential(0)} ${measure}`,
    passed ? 'ok' : 'OVER TOLERANCE',
  ])
  const table = [['quantity', 'count', 'largest difference', 'tolerance', ''], ...cells]
  const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)))
  const lines = table.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]))
      .join('  ')
      .trimEnd(),
  )
  const failed = rows.filter(({ passed }) => !passed).length
  const verdict =
    failed === 0
      ? `All ${rows.length} quantities are within tolerance.`
      : `${failed} of ${rows.length} quantities are over tolerance.`
  return [...lines, '', verdict].join('\n')
}
