import { blake3 as portable } from '@noble/hashes/blake3.js'

/** A BLAKE3-256 hash over bytes that arrive piece by piece. */
export interface Blake3 {
  /** Adds `bytes` to what is hashed. */
  update(bytes: Uint8Array): this
  /** The hash (32 bytes) of everything added so far; more may be added afterwards. */
  digest(): Uint8Array
}

/** Returns the BLAKE3-256 hash (32 bytes) of `bytes`. */
export function blake3(bytes: Uint8Array): Uint8Array {
  return portable(bytes)
}

/** Creates a hash to be fed piece by piece. */
export function createBlake3(): Blake3 {
  return new PortableBlake3()
}

class PortableBlake3 implements Blake3 {
  readonly #hash = portable.create({})

  update(bytes: Uint8Array): this {
    this.#hash.update(bytes)
    return this
  }

  digest(): Uint8Array {
    return this.#hash.clone().digest()
  }
}
