/** Returns the binary16 bits of a number given as binary32 bits, or -1 when binary16 cannot hold it exactly. */
export function float32BitsToFloat16Bits(bits: number): number {
  const sign = (bits >>> 16) & 0x8000
  const exponent = ((bits >>> 23) & 0xff) - 127
  const mantissa = bits & 0x7fffff
  if ((bits & 0x7fffffff) === 0) return sign
  if (exponent >= -14 && exponent <= 15) {
    return (mantissa & 0x1fff) === 0 ? sign | ((exponent + 15) << 10) | (mantissa >> 13) : -1
  }
  if (exponent >= -24 && exponent < -14) {
    // A subnormal: the leading one becomes part of the fraction.
    const shift = -1 - exponent
    const full = mantissa | 0x800000
    return (full & ((1 << shift) - 1)) === 0 ? sign | (full >> shift) : -1
  }
  return -1
}

/** Returns the number that 16 bits of binary16 stand for. */
export function float16BitsToNumber(bits: number): number {
  const sign = (bits & 0x8000) === 0 ? 1 : -1
  const exponent = (bits >> 10) & 0x1f
  const mantissa = bits & 0x3ff
  if (exponent === 0x1f) return mantissa === 0 ? sign * Infinity : NaN
  if (exponent === 0) return sign * mantissa * 2 ** -24
  return sign * (1 + mantissa / 1024) * 2 ** (exponent - 15)
}
