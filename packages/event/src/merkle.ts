import { HASH_BYTES } from './blake3-kernel.ts'
import { blake3 } from './blake3.ts'

/**
 * Returns the Merkle root over `leaves`, the hashes of the events before the terminal one.
 *
 * Neighbours are hashed as a plain concatenation, level by level; the last
 * node of an odd level is paired with itself. One leaf is its own root, and no
 * leaves have a root of 32 zero bytes.
 *
 * Because of that pairing the leaves `[a, b, c]` and `[a, b, c, c]` share a
 * root. The events of a run are distinct, so this takes nothing away here;
 * {@link verifyInclusionProof} refuses to be fooled by it.
 */
export function merkleRoot(leaves: readonly Uint8Array[]): Uint8Array {
  const accumulator = createMerkleAccumulator()
  for (const leaf of leaves) accumulator.append(leaf)
  return accumulator.root()
}

/** A Merkle tree that grows by one leaf at a time. */
export interface MerkleAccumulator {
  /** How many leaves have been added. */
  readonly size: number
  /** Adds the next leaf, 32 bytes. */
  append(leaf: Uint8Array): void
  /** The root over the leaves so far: the same bytes as {@link merkleRoot}. */
  root(): Uint8Array
}

/**
 * Creates an empty Merkle tree that keeps its right edge only.
 *
 * It holds one node per level, O(log n); adding a leaf hashes once on average,
 * and the root takes O(log n) hashes at any time.
 */
export function createMerkleAccumulator(): MerkleAccumulator {
  return new RightEdge()
}

class RightEdge implements MerkleAccumulator {
  #size = 0
  /** Per level, the complete node that still waits for its right neighbour. Set exactly where `size` has a one bit. */
  readonly #waiting: (Uint8Array | undefined)[] = []

  get size(): number {
    return this.#size
  }

  append(leaf: Uint8Array): void {
    if (leaf.length !== HASH_BYTES) throw new RangeError(`expected a leaf of ${HASH_BYTES} bytes, got ${leaf.length}`)
    let node: Uint8Array = leaf.slice()
    let level = 0
    for (let left = this.#waiting[0]; left !== undefined; left = this.#waiting[level]) {
      node = hashPair(left, node)
      this.#waiting[level] = undefined
      level++
    }
    this.#waiting[level] = node
    this.#size++
  }

  root(): Uint8Array {
    if (this.#size === 0) return new Uint8Array(HASH_BYTES)
    // The last node of the level, when it is not complete.
    let partial: Uint8Array | undefined
    let complete = this.#size
    for (let level = 0; ; level++) {
      const waiting = this.#waiting[level]
      const last = partial ?? waiting
      if (last !== undefined) {
        if (complete + (partial === undefined ? 0 : 1) === 1) return last.slice()
        partial = partial !== undefined && waiting !== undefined ? hashPair(waiting, partial) : hashPair(last, last)
      }
      complete = Math.floor(complete / 2)
    }
  }
}

/** Returns the parent of two nodes. */
export function hashPair(left: Uint8Array, right: Uint8Array): Uint8Array {
  PAIR.set(left)
  PAIR.set(right, HASH_BYTES)
  return blake3(PAIR)
}

// A validation hashes one pair for every event: this saves an allocation each time, and holds no state across calls.
const PAIR = new Uint8Array(HASH_BYTES * 2)
