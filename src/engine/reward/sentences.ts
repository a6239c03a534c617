/** Divides a text into sentences, for judges that read one at a time. */

/** Sentences and list items: pieces that end in a full stop, a question mark, an exclamation mark or a line end. */
export function sentences(text: string): string[] {
  return text
    .split(/(?<=[.!?])\s+|\n+/)
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence !== '')
}
