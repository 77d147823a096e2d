import { fromHex, hashEvent, toHex, type Event } from '@starling/event'

/** An event read from the lossless form, with the hash the line claims for it. */
export interface RawEvent {
  readonly event: Event
  /** The claimed hash; `null` when the line has none. */
  readonly hash: Uint8Array | null
}

/** Returns one line of the lossless form, without the newline. */
export function formatRawEvent(event: Event): string {
  const { runId, seq, ts, kind, prevHash, payload } = event
  return JSON.stringify({
    run_id: runId,
    seq: String(seq),
    ts: String(ts),
    kind,
    prev_hash: prevHash === null ? null : toHex(prevHash),
    payload: toHex(payload),
    hash: attemptHash(event),
  })
}

/** Events that cannot be hashed are exported all the same: a damaged log is when one needs the bytes most. */
function attemptHash(event: Event): string | null {
  try {
    return toHex(hashEvent(event))
  } catch {
    return null // Only bytes that are not CBOR cannot be hashed; the line still carries them.
  }
}

/**
 * Reads one line of the lossless form.
 *
 * @throws {@link Error} that names the field and what it holds; the caller adds the line.
 */
export function parseRawEvent(line: string): RawEvent {
  const data = parseObject(line)
  if (typeof data['kind'] === 'string' && typeof data['payload'] === 'object') {
    const format = 'time' in data ? 'readable' : 'reference'
    throw new Error(`is an event in the ${format} format, which loses bytes; export it with --format raw`)
  }
  const runId = data['run_id']
  if (typeof runId !== 'string' || runId === '') throw invalid('run_id', 'a text that is not empty', runId)
  if (!runId.isWellFormed()) throw invalid('run_id', 'valid Unicode', runId)
  const seq = integer(data['seq'], 'seq')
  if (seq < 1n || seq > BigInt(Number.MAX_SAFE_INTEGER)) throw invalid('seq', 'a number from 1', data['seq'])
  const ts = integer(data['ts'], 'ts')
  if (BigInt.asIntN(64, ts) !== ts) throw invalid('ts', 'a 64-bit number of nanoseconds', data['ts'])
  const kind = data['kind']
  if (typeof kind !== 'number' || !Number.isInteger(kind) || kind < 0 || kind > 255) {
    throw invalid('kind', 'a number from 0 to 255', kind)
  }
  const payload = bytes(data['payload'], 'payload')
  if (payload === null) throw invalid('payload', 'hexadecimal bytes', null)
  const prevHash = bytes(data['prev_hash'], 'prev_hash')
  return { event: { runId, seq: Number(seq), ts, kind, prevHash, payload }, hash: bytes(data['hash'], 'hash') }
}

function parseObject(line: string): Readonly<Record<string, unknown>> {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch (cause) {
    throw new Error('is not JSON', { cause })
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('is not a JSON object')
  return Object.fromEntries(Object.entries(value))
}

function integer(value: unknown, field: string): bigint {
  if (typeof value === 'string' && /^-?\d{1,20}$/.test(value)) return BigInt(value)
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value)
  throw invalid(field, 'a decimal number in quotes', value)
}

function bytes(value: unknown, field: string): Uint8Array | null {
  if (value === null || value === undefined) return null
  if (typeof value !== 'string' || !/^(?:[\da-f]{2})*$/i.test(value)) throw invalid(field, 'hexadecimal bytes', value)
  return fromHex(value.toLowerCase())
}

function invalid(field: string, wanted: string, value: unknown): Error {
  const found = value === undefined ? 'nothing' : (JSON.stringify(value) ?? 'nothing')
  return new Error(
    `has a wrong ${field}: expected ${wanted}, got ${found.length > 80 ? `${found.slice(0, 79)}…` : found}`,
  )
}
