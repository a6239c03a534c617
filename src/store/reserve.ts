/** Room on the disk that is kept for the last words of a run: on a full disk they could not be written otherwise. */
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { explainStoreError } from './storeErrors.ts'

const RESERVE_BYTES = 512 * 1024

/** Throws 'disk' where there is no room even for this. */
export function keepReserve(storeFile: string): void {
  try {
    // Written, not only as long as that: a file of holes takes no room.
    if (!existsSync(reserveOf(storeFile))) writeFileSync(reserveOf(storeFile), new Uint8Array(RESERVE_BYTES).fill(1))
  } catch (error) {
    rmSync(reserveOf(storeFile), { force: true })
    throw explainStoreError(storeFile, error)
  }
}

export function spendReserve(storeFile: string): void {
  rmSync(reserveOf(storeFile), { force: true })
}

const reserveOf = (storeFile: string) => `${storeFile}.reserve`
