import { KIND } from './kinds.ts'
import type { Kind } from './kinds.ts'
import type { PayloadByKind } from './payloads.ts'

/** The type of a payload field on the wire. */
export type PayloadFieldType = 'text' | 'bytes' | 'int' | 'float' | 'bool' | 'raw' | 'list' | 'map'

/** The range of an integer field: unsigned 32 or 64 bits, signed 64 bits. */
export type IntegerWidth = 'u32' | 'u64' | 'i64'

/** One field of a payload. */
export interface PayloadField {
  /** The key on the wire, in snake case. */
  readonly key: string
  /** The property of the typed payload, in camel case. */
  readonly property: string
  readonly type: PayloadFieldType
  /** Whether the wire leaves the key out when the value is zero or empty. A map is left out only when absent. */
  readonly omit: boolean
  /** Whether the typed payload has `null` for a missing key; a `raw` that has not is empty bytes instead. */
  readonly nullable: boolean
  /** The range of an `int`; `undefined` for every other type. */
  readonly width: IntegerWidth | undefined
  /** The fields of a `map`, or of each map in a `list`; empty for every other type. */
  readonly fields: readonly PayloadField[]
}

/**
 * Returns the fields of a payload in declaration order, the order of the JSON
 * projections (the wire has canonical order); `undefined` for an unknown kind.
 */
export function payloadFields(kind: number): readonly PayloadField[] | undefined {
  return FIELDS.get(kind)
}

interface Spec<Type extends PayloadFieldType = PayloadFieldType, Fields = object> {
  readonly type: Type
  readonly omit?: true
  readonly nullable?: true
  readonly width?: IntegerWidth
  readonly fields?: Fields
}

// The compiler holds every table against its payload interface: each property
// is named once, with a wire type that fits, and is omitted when optional.
type SpecOf<Value> = [Value] extends [string]
  ? Spec<'text'>
  : [Value] extends [number]
    ? Spec<'int'> | Spec<'float'>
    : [Value] extends [boolean]
      ? Spec<'bool'>
      : [Value] extends [Uint8Array]
        ? Spec<'bytes'> | Spec<'raw'>
        : [Value] extends [Uint8Array | null]
          ? Spec<'bytes'> | (Spec<'raw'> & { readonly nullable: true })
          : [Value] extends [readonly (infer Element)[] | null]
            ? Spec<'list', Specs<Element>>
            : Spec<'map', Specs<Value>>

type Specs<Payload> = {
  readonly [Name in keyof Payload]-?: undefined extends Payload[Name]
    ? SpecOf<Exclude<Payload[Name], undefined>> & { readonly omit: true }
    : SpecOf<Payload[Name]>
}

const text = { type: 'text' } as const
const bytes = { type: 'bytes', nullable: true } as const
const raw = { type: 'raw' } as const
const bool = { type: 'bool' } as const
const float = { type: 'float' } as const
const uint32 = { type: 'int', width: 'u32' } as const
const uint64 = { type: 'int', width: 'u64' } as const
const int64 = { type: 'int', width: 'i64' } as const

const omitted = <Kept extends Spec>(spec: Kept): Kept & { readonly omit: true } => ({ ...spec, omit: true })
const list = <Fields>(fields: Fields): Spec<'list', Fields> => ({ type: 'list', nullable: true, fields })
const map = <Fields>(fields: Fields): Spec<'map', Fields> => ({ type: 'map', fields })

const attachments = omitted(
  list({ type: text, mediaType: text, data: omitted(bytes), url: omitted(text), name: omitted(text) }),
)

const usedRate = omitted(
  map({
    input: omitted(float),
    output: omitted(float),
    cacheRead: omitted(float),
    cacheWrite: omitted(float),
    cacheWriteLong: omitted(float),
    reasoning: omitted(float),
  }),
)

// Additions of this runtime come after the keys of the reference, so that the
// projections keep the reference's order.
const SPECS: { readonly [K in Kind]: Specs<PayloadByKind[K]> } = {
  [KIND.RunStarted]: {
    schemaVersion: uint32,
    goal: text,
    providerId: text,
    modelId: text,
    apiVersion: text,
    paramsHash: bytes,
    params: { ...raw, nullable: true },
    systemPromptHash: bytes,
    systemPrompt: text,
    toolRegistryHash: bytes,
    toolSchemas: list({ name: text, schemaHash: bytes }),
    budget: omitted(
      map({
        maxInputTokens: omitted(int64),
        maxOutputTokens: omitted(int64),
        maxUsd: omitted(float),
        maxWallClockMs: omitted(int64),
        maxTotalTokens: omitted(int64),
        maxToolCalls: omitted(int64),
      }),
    ),
    starlingVersion: omitted(text),
    appVersion: omitted(text),
    engine: omitted(uint32),
    parentRunId: omitted(text),
    parentRoot: omitted(bytes),
    settings: omitted(raw),
    attachments,
    policyHash: omitted(bytes),
    policy: omitted(raw),
    toolSources: omitted(list({ name: text, catalogue: text })),
  },
  [KIND.UserMessageAppended]: { content: text, origin: omitted(text), attachments },
  [KIND.TurnStarted]: { turnId: text, promptHash: bytes, inputTokens: int64 },
  [KIND.ReasoningEmitted]: {
    turnId: text,
    content: text,
    sensitive: bool,
    signature: omitted(bytes),
    redacted: omitted(bool),
  },
  [KIND.AssistantMessageCompleted]: {
    turnId: text,
    text,
    toolUses: omitted(list({ callId: text, tool: text, args: raw, argsError: omitted(text) })),
    stopReason: text,
    inputTokens: int64,
    outputTokens: int64,
    cacheReadTokens: omitted(int64),
    cacheCreateTokens: omitted(int64),
    costUsd: float,
    rawResponseHash: bytes,
    providerRequestId: omitted(text),
    finishReason: omitted(text),
    reasoningTokens: omitted(int64),
    cacheCreateLongTokens: omitted(int64),
    rate: usedRate,
    parts: omitted(
      list({
        type: text,
        length: omitted(int64),
        data: omitted(text),
        signature: omitted(bytes),
        citations: omitted(list({ data: text })),
      }),
    ),
    providerId: omitted(text),
    modelId: omitted(text),
  },
  [KIND.ToolCallScheduled]: {
    callId: text,
    turnId: text,
    tool: text,
    args: raw,
    attempt: uint32,
    idempKey: omitted(text),
    reissueOf: omitted(text),
  },
  [KIND.ToolCallCompleted]: { callId: text, result: raw, durationMs: int64, attempt: uint32, attachments },
  [KIND.ToolCallFailed]: {
    callId: text,
    error: text,
    errorType: text,
    durationMs: int64,
    attempt: uint32,
    final: omitted(bool),
    retryAfterMs: omitted(int64),
  },
  [KIND.SideEffectRecorded]: {
    name: text,
    value: raw,
    callId: omitted(text),
    attempt: omitted(uint32),
    ordinal: omitted(uint32),
    error: omitted(text),
  },
  [KIND.BudgetExceeded]: {
    limit: text,
    cap: float,
    actual: float,
    where: text,
    turnId: omitted(text),
    callId: omitted(text),
    partialText: omitted(text),
    partialTokens: omitted(int64),
  },
  [KIND.ContextTruncated]: {
    strategy: text,
    tokensBefore: int64,
    tokensAfter: int64,
    messagesBefore: uint32,
    messagesAfter: uint32,
  },
  [KIND.RunCompleted]: {
    finalText: text,
    turnCount: uint32,
    toolCallCount: uint32,
    totalCostUsd: float,
    totalInputTokens: int64,
    totalOutputTokens: int64,
    durationMs: int64,
    merkleRoot: bytes,
  },
  [KIND.RunFailed]: { error: text, errorType: text, merkleRoot: bytes, durationMs: int64 },
  [KIND.RunCancelled]: { reason: text, merkleRoot: bytes, durationMs: int64 },
  [KIND.RunResumed]: {
    atSeq: uint64,
    extraMessage: omitted(text),
    reissueTools: bool,
    pendingCalls: uint32,
  },
  [KIND.TurnFailed]: {
    turnId: text,
    attempt: uint32,
    error: text,
    errorClass: text,
    next: text,
    status: omitted(uint32),
    partialText: omitted(text),
    retryAfterMs: omitted(int64),
    providerId: omitted(text),
    modelId: omitted(text),
    inputTokens: omitted(int64),
    outputTokens: omitted(int64),
    cacheReadTokens: omitted(int64),
    cacheCreateTokens: omitted(int64),
    cacheCreateLongTokens: omitted(int64),
    reasoningTokens: omitted(int64),
    costUsd: omitted(float),
    rate: usedRate,
  },
}

const FIELDS: ReadonlyMap<number, readonly PayloadField[]> = new Map(
  Object.entries(SPECS).map(([kind, specs]) => [Number(kind), fieldsOf(specs)]),
)

function fieldsOf(specs: object): readonly PayloadField[] {
  return Object.entries<Spec>({ ...specs }).map(([property, spec]) => ({
    key: property.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    property,
    type: spec.type,
    omit: spec.omit ?? false,
    nullable: spec.nullable ?? false,
    width: spec.width,
    fields: spec.fields === undefined ? [] : fieldsOf(spec.fields),
  }))
}
