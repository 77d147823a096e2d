import { readdirSync, readFileSync } from 'node:fs'
import { fromHex } from '@starling/event'
import type { Event } from '@starling/event'

/** A text of a recording: plain, not valid UTF-8, or long and repetitive. */
export type GoldenText = string | { readonly b64: string } | { readonly repeat: string; readonly count: number }

export interface GoldenChunk {
  readonly kind: string
  readonly text?: GoldenText
  readonly signature_hex?: string
  readonly call_id?: string
  readonly name?: string
  readonly args?: GoldenText
  readonly input_tokens?: number
  readonly output_tokens?: number
  readonly cache_read_tokens?: number
  readonly cache_create_tokens?: number
  readonly stop_reason?: string
  readonly raw_response_hash_hex?: string
  readonly provider_request_id?: string
  readonly message?: string
  readonly status?: number
}

export interface GoldenTurn {
  readonly chunks?: readonly GoldenChunk[] | null
  readonly open_error?: { readonly message: string; readonly status?: number }
}

export interface GoldenOperation {
  readonly op: string
  readonly name?: string
  readonly value_type?: string
  readonly value?: string
  readonly count?: number
  readonly call_id?: string
  readonly turn_id?: string
  readonly args?: string
  readonly idempotent?: boolean
  readonly max_attempts?: number
  readonly error?: string
  readonly transient?: boolean
  readonly times?: number
  readonly json?: string
}

export interface GoldenTool {
  readonly name: string
  readonly description: string
  readonly schema_json: string
  readonly behaviour: readonly GoldenOperation[] | null
}

export interface GoldenBudget {
  readonly max_input_tokens?: number
  readonly max_output_tokens?: number
  readonly max_usd?: number
  readonly max_wall_clock_ms?: number
}

export interface GoldenPhase {
  readonly kind: 'run' | 'truncate' | 'resume' | 'steps'
  readonly turns?: readonly GoldenTurn[] | null
  readonly keep_events?: number
  readonly extra_message?: string
  readonly reissue_tools?: boolean
  readonly tools_override?: readonly GoldenTool[]
  readonly budget_override?: GoldenBudget
}

/** One scenario as it was recorded from the Go reference. */
export interface GoldenRun {
  readonly name: string
  readonly run_id: string
  readonly inputs: {
    readonly driver: 'agent' | 'steps'
    readonly goal: GoldenText
    readonly provider_id: string
    readonly api_version: string
    readonly model: string
    readonly system_prompt: GoldenText
    readonly params_json: string | null
    readonly params_cbor_hex?: string
    readonly max_turns: number
    readonly namespace?: string
    readonly app_version?: string
    readonly require_raw_response_hash?: boolean
    readonly budget: GoldenBudget | null
    readonly tools: readonly GoldenTool[] | null
    readonly phases: readonly GoldenPhase[]
  }
  readonly events: readonly {
    readonly seq: number
    readonly kind: number
    readonly ts: string
    readonly prev_hash_hex: string | null
    readonly payload_cbor_hex: string
    readonly event_hash_hex: string
  }[]
  readonly validate: string
  readonly replay: { readonly verdict: string; readonly error?: string }
}

const FOLDER = new URL('../../../event/test/golden/runs/', import.meta.url)

/** Reads every recorded scenario. */
export function readGoldenRuns(): readonly GoldenRun[] {
  return readdirSync(FOLDER)
    .toSorted()
    .map((file): GoldenRun => JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')))
}

/** The events of a scenario. */
export function goldenEvents(run: GoldenRun): readonly Event[] {
  return run.events.map((event) => ({
    runId: run.run_id,
    seq: event.seq,
    prevHash: event.prev_hash_hex === null ? null : fromHex(event.prev_hash_hex),
    ts: BigInt(event.ts),
    kind: event.kind,
    payload: fromHex(event.payload_cbor_hex),
  }))
}

/** A text of a scenario in full; bytes that are not UTF-8 become U+FFFD, as in any JavaScript string. */
export function textOf(text: GoldenText | undefined): string {
  if (text === undefined) return ''
  if (typeof text === 'string') return text
  if ('repeat' in text) return text.repeat.repeat(text.count)
  return new TextDecoder().decode(Uint8Array.from(atob(text.b64), (character) => character.charCodeAt(0)))
}
