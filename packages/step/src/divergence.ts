import { decodeCbor, decodePayload, isKnownKind, kindName, toHex } from '@starling/event'
import type { Event } from '@starling/event'
import { StepError } from './step-error.ts'

/** How a replay differs from its recording. */
export type DivergenceClass =
  /** The run emits more than was recorded. */
  | 'exhausted'
  /** Another kind of event was recorded. */
  | 'kind'
  /** The same kind with another payload was recorded. */
  | 'payload'
  /** No turn id was recorded where a turn starts. */
  | 'turn_id'
  /** More was recorded than the run emits. */
  | 'missing'

/** One difference between a recording and its replay. */
export interface Divergence {
  /** Position in the recording. */
  readonly seq: number
  readonly class: DivergenceClass
  /** Name of the kind that the replay produced; empty when it produced nothing. */
  readonly kind: string
  /** Name of the recorded kind; empty when nothing was recorded. */
  readonly expectedKind: string
  /** Where in the payload, like `tool_uses[0].args.path`. */
  readonly path?: string | undefined
  readonly recorded?: unknown
  readonly produced?: unknown
  readonly turnId?: string | undefined
  readonly callId?: string | undefined
  /** The tool of the call. */
  readonly tool?: string | undefined
  readonly message: string
}

/** Thrown where a replay leaves its recording. */
export class DivergenceError extends StepError {
  readonly divergence: Divergence

  constructor(divergence: Divergence) {
    super('STEP_DIVERGED', divergence.message)
    this.divergence = divergence
  }
}

/** Where in the run a divergence happened, for the report. */
export interface DivergencePlace {
  readonly turnId?: string | undefined
  readonly callId?: string | undefined
}

/** Describes the difference between a recorded event and what was produced in its place. */
export function describeDivergence(
  recorded: Event | undefined,
  produced: { readonly seq: number; readonly kind: number; readonly payload: Uint8Array } | undefined,
  place: DivergencePlace = {},
): Divergence {
  const seq = recorded?.seq ?? produced?.seq ?? 0
  const kind = produced === undefined ? '' : kindName(produced.kind)
  const expectedKind = recorded === undefined ? '' : kindName(recorded.kind)
  const base = { seq, kind, expectedKind, ...place }
  if (recorded === undefined) {
    return { ...base, class: 'exhausted', message: `the recording ends before seq ${seq}, where the run emits ${kind}` }
  }
  if (produced === undefined) {
    return {
      ...base,
      class: 'missing',
      message: `the recording goes on at seq ${seq} with ${expectedKind}, the run does not`,
    }
  }
  if (recorded.kind !== produced.kind) {
    return {
      ...base,
      class: 'kind',
      message: `seq ${seq} is ${expectedKind} in the recording and ${kind} in the replay`,
    }
  }
  const difference = firstDifference(plain(recorded.kind, recorded.payload), plain(produced.kind, produced.payload), '')
  return {
    ...base,
    class: 'payload',
    path: difference.path,
    recorded: difference.recorded,
    produced: difference.produced,
    message: `${kind} at seq ${seq} differs at ${difference.path === '' ? 'its bytes' : difference.path}: recorded ${show(difference.recorded)}, produced ${show(difference.produced)}`,
  }
}

interface Difference {
  readonly path: string
  readonly recorded: unknown
  readonly produced: unknown
}

function firstDifference(recorded: unknown, produced: unknown, path: string): Difference {
  if (isRecord(recorded) && isRecord(produced)) {
    for (const key of new Set([...Object.keys(recorded), ...Object.keys(produced)])) {
      if (textOf(recorded[key]) !== textOf(produced[key])) {
        const step = Array.isArray(recorded) ? `[${key}]` : path === '' ? key : `.${key}`
        return firstDifference(recorded[key], produced[key], path + step)
      }
    }
  }
  return { path, recorded, produced }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

const WIRE_WORD = /[A-Z]/g

/** The payload as plain data under its wire keys, with bytes as hex and embedded CBOR decoded. */
function plain(kind: number, payload: Uint8Array): unknown {
  try {
    return plainValue(isKnownKind(kind) ? decodePayload(kind, payload) : decodeCbor(payload))
  } catch {
    return toHex(payload) // not decodable: the bytes themselves are what can be compared
  }
}

function plainValue(value: unknown, key = ''): unknown {
  if (value instanceof Uint8Array) return EMBEDDED.has(key) ? plainEmbedded(value) : toHex(value)
  if (value instanceof Map) {
    return Object.fromEntries([...value].map(([entry, inner]) => [String(entry), plainValue(inner)]))
  }
  if (Array.isArray(value)) return value.map((inner) => plainValue(inner))
  if (!isRecord(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name.replace(WIRE_WORD, (letter) => `_${letter.toLowerCase()}`),
      plainValue(inner, name),
    ]),
  )
}

const EMBEDDED: ReadonlySet<string> = new Set(['params', 'settings', 'policy', 'args', 'result', 'value'])

function plainEmbedded(bytes: Uint8Array): unknown {
  try {
    return plainValue(decodeCbor(bytes))
  } catch {
    return toHex(bytes)
  }
}

function show(value: unknown): string {
  const text = textOf(value)
  return text.length > 200 ? `${text.slice(0, 200)}…` : text
}

function textOf(value: unknown): string {
  const text = JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'bigint' ? inner.toString() : inner))
  return text ?? 'nothing'
}
