/* oxlint-disable -- AssemblyScript: its types and intrinsics are not those of TypeScript */
// BLAKE3-256 in AssemblyScript, after the BLAKE3 specification (sections 2.1
// to 2.5). Compiled by build.ts; not part of the TypeScript program.
//
// Two ways through the compression function, both with 128-bit vectors:
//
// - `compressBlocks` takes one chunk at a time and keeps a row of the state in
//   a vector, four of the eight mixes of a round at once.
// - `compressFour` takes four chunks (or four parents) at a time and keeps one
//   word of all four states in a vector.
//
// The caller copies bytes to INPUT, calls, and reads the result from OUTPUT.

const BLOCK: u32 = 64
const CHUNK: u32 = 1024
const CV: u32 = 32

/** As many bytes as one call takes: 64 chunks. */
const PIECE: u32 = 65536

const CHUNK_START: u32 = 1
const CHUNK_END: u32 = 2
const PARENT: u32 = 4
const ROOT: u32 = 8

/** Where the caller puts what is to be hashed. */
export const INPUT: usize = memory.data(65536, 16)
/** Where chaining values and digests come out, 32 bytes each. */
export const OUTPUT: usize = memory.data(2048, 16)

/** The words of the current block of four chunks, one vector a word. */
const WORDS: usize = memory.data(256, 16)

const IV: usize = memory.data<u32>([
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
])

/** For each of the seven rounds, the byte offset in WORDS of each of its 16 message words, 16 bits apiece. */
const SCHEDULE: usize = memory.data(224, 16)

// The words of a round are those of the round before, permuted.
const PERMUTATION: usize = memory.data<u8>([2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8])

function prepareSchedule(): void {
  for (let i: usize = 0; i < 16; i++) store<u16>(SCHEDULE + i * 2, <u16>(i * 16))
  for (let round: usize = 1; round < 7; round++) {
    const row = SCHEDULE + round * 32
    for (let i: usize = 0; i < 16; i++) {
      store<u16>(row + i * 2, load<u16>(row - 32 + <usize>load<u8>(PERMUTATION + i) * 2))
    }
  }
}
prepareSchedule()

function xorRotate16(a: v128, b: v128): v128 {
  return i8x16.shuffle(v128.xor(a, b), a, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13)
}

function xorRotate8(a: v128, b: v128): v128 {
  return i8x16.shuffle(v128.xor(a, b), a, 1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12)
}

function rotate12(x: v128): v128 {
  return v128.or(i32x4.shr_u(x, 12), i32x4.shl(x, 20))
}

function rotate7(x: v128): v128 {
  return v128.or(i32x4.shr_u(x, 7), i32x4.shl(x, 25))
}

function sum3(a: v128, b: v128, c: v128): v128 {
  return i32x4.add(i32x4.add(a, c), b)
}

/**
 * Compresses the `blocks` blocks at `input` as one chunk or one parent into a
 * chaining value at `output`. The last block has `lastLength` bytes and is
 * padded with zeros.
 */
function compressBlocks(
  input: usize,
  blocks: u32,
  lastLength: u32,
  counterLow: u32,
  counterHigh: u32,
  flags: u32,
  startFlag: u32,
  endFlags: u32,
  output: usize,
): void {
  let h0 = v128.load(IV)
  let h1 = v128.load(IV, 16)
  const iv = h0
  let blockFlags = flags | startFlag
  for (let block: u32 = 0; block < blocks; block++) {
    const last = block + 1 == blocks
    if (last) blockFlags |= endFlags
    const length = last ? lastLength : BLOCK
    // A column per lane; the second half of a round mixes the diagonals, for
    // which all rows but the second are turned, and their words with them.
    let a = h0
    let b = h1
    let c = iv
    let d = i32x4(0, 0, 0, 0)
    d = i32x4.replace_lane(d, 0, counterLow)
    d = i32x4.replace_lane(d, 1, counterHigh)
    d = i32x4.replace_lane(d, 2, length)
    d = i32x4.replace_lane(d, 3, blockFlags)
    const m0 = v128.load(input)
    const m1 = v128.load(input, 16)
    const m2 = v128.load(input, 32)
    const m3 = v128.load(input, 48)
    // Words 0 2 4 6, 1 3 5 7, 14 8 10 12 and 15 9 11 13 of the round.
    let x = v128.shuffle<u32>(m0, m1, 0, 2, 4, 6)
    let y = v128.shuffle<u32>(m0, m1, 1, 3, 5, 7)
    let z = v128.shuffle<u32>(m2, m3, 6, 0, 2, 4)
    let w = v128.shuffle<u32>(m2, m3, 7, 1, 3, 5)
    for (let round = 0; ; round++) {
      a = sum3(a, b, x)
      d = xorRotate16(d, a)
      c = i32x4.add(c, d)
      b = rotate12(v128.xor(b, c))
      a = sum3(a, b, y)
      d = xorRotate8(d, a)
      c = i32x4.add(c, d)
      b = rotate7(v128.xor(b, c))
      a = v128.shuffle<u32>(a, a, 3, 0, 1, 2)
      c = v128.shuffle<u32>(c, c, 1, 2, 3, 0)
      d = v128.shuffle<u32>(d, d, 2, 3, 0, 1)
      a = sum3(a, b, z)
      d = xorRotate16(d, a)
      c = i32x4.add(c, d)
      b = rotate12(v128.xor(b, c))
      a = sum3(a, b, w)
      d = xorRotate8(d, a)
      c = i32x4.add(c, d)
      b = rotate7(v128.xor(b, c))
      a = v128.shuffle<u32>(a, a, 1, 2, 3, 0)
      c = v128.shuffle<u32>(c, c, 3, 0, 1, 2)
      d = v128.shuffle<u32>(d, d, 2, 3, 0, 1)
      if (round == 6) break
      const nextX = v128.shuffle<u32>(x, y, 1, 5, 7, 2)
      const nextY = v128.shuffle<u32>(v128.shuffle<u32>(x, z, 3, 6, 0, 0), w, 0, 1, 2, 7)
      const nextZ = v128.shuffle<u32>(v128.shuffle<u32>(w, y, 0, 4, 0, 1), z, 0, 1, 7, 3)
      w = v128.shuffle<u32>(v128.shuffle<u32>(z, w, 1, 6, 0, 0), y, 0, 1, 6, 3)
      x = nextX
      y = nextY
      z = nextZ
    }
    h0 = v128.xor(a, c)
    h1 = v128.xor(b, d)
    blockFlags = flags
    input += BLOCK
  }
  v128.store(output, h0)
  v128.store(output, h1, 16)
}

/** Writes four vectors at `at`, `at + stride` … as the words of WORDS from `to` on, one vector a word. */
function transpose(at: usize, stride: usize, to: usize): void {
  const p = v128.load(at)
  const q = v128.load(at + stride)
  const r = v128.load(at + stride * 2)
  const s = v128.load(at + stride * 3)
  const pqLow = v128.shuffle<u32>(p, q, 0, 4, 1, 5)
  const pqHigh = v128.shuffle<u32>(p, q, 2, 6, 3, 7)
  const rsLow = v128.shuffle<u32>(r, s, 0, 4, 1, 5)
  const rsHigh = v128.shuffle<u32>(r, s, 2, 6, 3, 7)
  v128.store(to, v128.shuffle<u64>(pqLow, rsLow, 0, 2))
  v128.store(to, v128.shuffle<u64>(pqLow, rsLow, 1, 3), 16)
  v128.store(to, v128.shuffle<u64>(pqHigh, rsHigh, 0, 2), 32)
  v128.store(to, v128.shuffle<u64>(pqHigh, rsHigh, 1, 3), 48)
}

function word(schedule: usize, index: usize): v128 {
  return v128.load(WORDS + <usize>load<u16>(schedule + index * 2))
}

function splatWord(index: usize): v128 {
  return i32x4.splat(load<u32>(IV + index * 4))
}

/** Compresses `blocks` whole blocks of four chunks or parents that lie `stride` bytes apart. */
function compressFour(
  input: usize,
  stride: usize,
  blocks: u32,
  counterLow: v128,
  counterHigh: v128,
  flags: u32,
  startFlag: u32,
  endFlag: u32,
  output: usize,
): void {
  let h0 = splatWord(0)
  let h1 = splatWord(1)
  let h2 = splatWord(2)
  let h3 = splatWord(3)
  let h4 = splatWord(4)
  let h5 = splatWord(5)
  let h6 = splatWord(6)
  let h7 = splatWord(7)
  let blockFlags = flags | startFlag
  for (let block: u32 = 0; block < blocks; block++) {
    if (block + 1 == blocks) blockFlags |= endFlag
    transpose(input, stride, WORDS)
    transpose(input + 16, stride, WORDS + 64)
    transpose(input + 32, stride, WORDS + 128)
    transpose(input + 48, stride, WORDS + 192)
    let a0 = h0
    let a1 = h1
    let a2 = h2
    let a3 = h3
    let b0 = h4
    let b1 = h5
    let b2 = h6
    let b3 = h7
    let c0 = splatWord(0)
    let c1 = splatWord(1)
    let c2 = splatWord(2)
    let c3 = splatWord(3)
    let d0 = counterLow
    let d1 = counterHigh
    let d2 = i32x4.splat(BLOCK)
    let d3 = i32x4.splat(blockFlags)
    for (let s = SCHEDULE; s < SCHEDULE + 224; s += 32) {
      a0 = sum3(a0, b0, word(s, 0))
      a1 = sum3(a1, b1, word(s, 2))
      a2 = sum3(a2, b2, word(s, 4))
      a3 = sum3(a3, b3, word(s, 6))
      d0 = xorRotate16(d0, a0)
      d1 = xorRotate16(d1, a1)
      d2 = xorRotate16(d2, a2)
      d3 = xorRotate16(d3, a3)
      c0 = i32x4.add(c0, d0)
      c1 = i32x4.add(c1, d1)
      c2 = i32x4.add(c2, d2)
      c3 = i32x4.add(c3, d3)
      b0 = rotate12(v128.xor(b0, c0))
      b1 = rotate12(v128.xor(b1, c1))
      b2 = rotate12(v128.xor(b2, c2))
      b3 = rotate12(v128.xor(b3, c3))
      a0 = sum3(a0, b0, word(s, 1))
      a1 = sum3(a1, b1, word(s, 3))
      a2 = sum3(a2, b2, word(s, 5))
      a3 = sum3(a3, b3, word(s, 7))
      d0 = xorRotate8(d0, a0)
      d1 = xorRotate8(d1, a1)
      d2 = xorRotate8(d2, a2)
      d3 = xorRotate8(d3, a3)
      c0 = i32x4.add(c0, d0)
      c1 = i32x4.add(c1, d1)
      c2 = i32x4.add(c2, d2)
      c3 = i32x4.add(c3, d3)
      b0 = rotate7(v128.xor(b0, c0))
      b1 = rotate7(v128.xor(b1, c1))
      b2 = rotate7(v128.xor(b2, c2))
      b3 = rotate7(v128.xor(b3, c3))
      a0 = sum3(a0, b1, word(s, 8))
      a1 = sum3(a1, b2, word(s, 10))
      a2 = sum3(a2, b3, word(s, 12))
      a3 = sum3(a3, b0, word(s, 14))
      d3 = xorRotate16(d3, a0)
      d0 = xorRotate16(d0, a1)
      d1 = xorRotate16(d1, a2)
      d2 = xorRotate16(d2, a3)
      c2 = i32x4.add(c2, d3)
      c3 = i32x4.add(c3, d0)
      c0 = i32x4.add(c0, d1)
      c1 = i32x4.add(c1, d2)
      b1 = rotate12(v128.xor(b1, c2))
      b2 = rotate12(v128.xor(b2, c3))
      b3 = rotate12(v128.xor(b3, c0))
      b0 = rotate12(v128.xor(b0, c1))
      a0 = sum3(a0, b1, word(s, 9))
      a1 = sum3(a1, b2, word(s, 11))
      a2 = sum3(a2, b3, word(s, 13))
      a3 = sum3(a3, b0, word(s, 15))
      d3 = xorRotate8(d3, a0)
      d0 = xorRotate8(d0, a1)
      d1 = xorRotate8(d1, a2)
      d2 = xorRotate8(d2, a3)
      c2 = i32x4.add(c2, d3)
      c3 = i32x4.add(c3, d0)
      c0 = i32x4.add(c0, d1)
      c1 = i32x4.add(c1, d2)
      b1 = rotate7(v128.xor(b1, c2))
      b2 = rotate7(v128.xor(b2, c3))
      b3 = rotate7(v128.xor(b3, c0))
      b0 = rotate7(v128.xor(b0, c1))
    }
    h0 = v128.xor(a0, c0)
    h1 = v128.xor(a1, c1)
    h2 = v128.xor(a2, c2)
    h3 = v128.xor(a3, c3)
    h4 = v128.xor(b0, d0)
    h5 = v128.xor(b1, d1)
    h6 = v128.xor(b2, d2)
    h7 = v128.xor(b3, d3)
    blockFlags = flags
    input += BLOCK
  }
  storeTransposed(output, h0, h1, h2, h3)
  storeTransposed(output + 16, h4, h5, h6, h7)
}

/** Stores four vectors, one per word, as rows of 16 bytes, 32 bytes apart. */
function storeTransposed(to: usize, p: v128, q: v128, r: v128, s: v128): void {
  const pqLow = v128.shuffle<u32>(p, q, 0, 4, 1, 5)
  const pqHigh = v128.shuffle<u32>(p, q, 2, 6, 3, 7)
  const rsLow = v128.shuffle<u32>(r, s, 0, 4, 1, 5)
  const rsHigh = v128.shuffle<u32>(r, s, 2, 6, 3, 7)
  v128.store(to, v128.shuffle<u64>(pqLow, rsLow, 0, 2))
  v128.store(to, v128.shuffle<u64>(pqLow, rsLow, 1, 3), 32)
  v128.store(to, v128.shuffle<u64>(pqHigh, rsHigh, 0, 2), 64)
  v128.store(to, v128.shuffle<u64>(pqHigh, rsHigh, 1, 3), 96)
}

/** Hashes the `length` bytes of one chunk at `input`, at most 1024. */
function chunk(input: usize, length: u32, counter: u64, root: u32, output: usize): void {
  let blocks = (length + BLOCK - 1) / BLOCK
  if (blocks == 0) blocks = 1
  const rest = length - (blocks - 1) * BLOCK
  // INPUT has room behind a last block that is not whole, except at its very end, where blocks are whole.
  if (rest < BLOCK) memory.fill(input + length, 0, BLOCK - rest)
  compressBlocks(input, blocks, rest, <u32>counter, <u32>(counter >> 32), 0, CHUNK_START, CHUNK_END | root, output)
}

/**
 * Writes the chaining values of `count` whole chunks at INPUT to OUTPUT. The
 * first one has the number `first`, and the batch crosses no multiple of 2^32.
 */
export function chunks(count: u32, first: f64): void {
  let counterLow = <u32>(<u64>first)
  const counterHigh = <u32>(<u64>first >> 32)
  let input = INPUT
  let output = OUTPUT
  let left = count
  // Four at once cost as much as two in turn: the fourth of three is whatever lies there, and overwritten later.
  for (; left >= 3; left -= left < 4 ? left : 4) {
    const low = i32x4.add(i32x4.splat(counterLow), i32x4(0, 1, 2, 3))
    compressFour(input, CHUNK, 16, low, i32x4.splat(counterHigh), 0, CHUNK_START, CHUNK_END, output)
    input += CHUNK * 4
    output += CV * 4
    counterLow += 4
  }
  for (; left > 0; left--) {
    compressBlocks(input, 16, BLOCK, counterLow, counterHigh, 0, CHUNK_START, CHUNK_END, output)
    input += CHUNK
    output += CV
    counterLow++
  }
}

/** Joins `count` pairs of chaining values at `input` into parents at `output`, which may be the same place. */
function join(input: usize, count: u32, output: usize): void {
  const zero = i32x4.splat(0)
  for (; count >= 4; count -= 4) {
    compressFour(input, BLOCK, 1, zero, zero, PARENT, 0, 0, output)
    input += BLOCK * 4
    output += CV * 4
  }
  for (; count > 0; count--) {
    compressBlocks(input, 1, BLOCK, 0, 0, PARENT, 0, 0, output)
    input += BLOCK
    output += CV
  }
}

/** Joins `count` pairs of chaining values at INPUT into parents at OUTPUT. */
export function parents(count: u32): void {
  join(INPUT, count, OUTPUT)
}

/** Joins the pair of chaining values at INPUT into the root at OUTPUT. */
export function rootParent(): void {
  compressBlocks(INPUT, 1, BLOCK, 0, 0, PARENT, 0, ROOT, OUTPUT)
}

/**
 * Hashes the `length` bytes at INPUT, at most 65536, into one value at OUTPUT:
 * the digest when `root` is 8, otherwise the chaining value of a subtree whose
 * first chunk has the number `first`.
 */
export function hash(length: u32, first: f64, root: u32): void {
  if (length <= CHUNK) return chunk(INPUT, length, <u64>first, root, OUTPUT)
  const whole = length / CHUNK
  let count = whole
  chunks(whole, first)
  const rest = length - whole * CHUNK
  if (rest > 0) {
    chunk(INPUT + whole * CHUNK, rest, <u64>first + whole, 0, OUTPUT + whole * CV)
    count++
  }
  // Level by level; a last node without a partner moves up as it is.
  while (count > 2) {
    join(OUTPUT, count / 2, OUTPUT)
    if (count % 2 == 1) memory.copy(OUTPUT + (count / 2) * CV, OUTPUT + (count - 1) * CV, CV)
    count = (count + 1) / 2
  }
  compressBlocks(OUTPUT, 1, BLOCK, 0, 0, PARENT, 0, root, OUTPUT)
}
