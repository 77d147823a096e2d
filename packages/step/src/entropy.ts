import { randomFillSync } from 'node:crypto'
import { formatUlid } from '@starling/event'

/** Where randomness comes from. */
export interface Entropy {
  /** Returns `length` unpredictable bytes. */
  bytes(length: number): Uint8Array
}

// Random bytes are drawn from the system in blocks: one system call for hundreds of ids.
const BLOCK_BYTES = 4096

/** The randomness of this machine. */
export const systemEntropy: Entropy = createSystemEntropy()

function createSystemEntropy(): Entropy {
  let block = new Uint8Array(0)
  let used = 0
  return {
    bytes(length) {
      if (length > BLOCK_BYTES) return randomFillSync(new Uint8Array(length))
      if (used + length > block.length) {
        block = randomFillSync(new Uint8Array(BLOCK_BYTES))
        used = 0
      }
      return block.slice(used, (used += length))
    },
  }
}

/** Where the ids of runs, turns and calls come from. */
export interface IdSource {
  /** Mints a ULID for a run, a turn or a tool call. */
  mint(purpose: 'run' | 'turn' | 'call'): string
}

/** Mints ULIDs from a clock and a source of randomness. */
export function createIdSource(clock: { now(): bigint }, entropy: Entropy): IdSource {
  return { mint: () => formatUlid(Number(clock.now() / 1_000_000n), entropy.bytes(10)) }
}
