/** One row that cannot be used: its message becomes the reason in the list of rows left out. */
export class UnusableRow extends Error {}
