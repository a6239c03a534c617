/** Aligned text for terminals. */

/** Columns two spaces apart; the first is flush left, the others flush right unless they hold words. */
export function textTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  holds: 'numbers' | 'words' = 'numbers',
): string {
  const lines = [header, ...rows]
  const widths = header.map((_, column) => Math.max(...lines.map((line) => displayWidth(line[column] ?? ''))))
  const pad = (cell: string, column: number) => {
    const space = ' '.repeat(widths[column] - displayWidth(cell))
    return column === 0 || holds === 'words' ? cell + space : space + cell
  }
  return lines.map((line) => line.map(pad).join('  ').trimEnd()).join('\n')
}

function displayWidth(text: string): number {
  return [...text].length
}

/** Text of a model on a terminal: control characters could move the cursor or worse, so they are shown as codes. */
export function printable(text: string): string {
  return text.replace(
    /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
