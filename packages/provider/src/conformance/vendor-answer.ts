import type { ReasoningBlock, StopReason, Usage } from '../provider.ts'

/** A tool call as the vendor streams it. */
export interface VendorToolCall {
  readonly callId: string
  readonly name: string
  /** The JSON text of the arguments, in the pieces it travels in; none for a call without arguments. */
  readonly argumentPieces: readonly string[]
}

/** What the model answers, in no vendor's words: reasoning, then text, then tool calls. */
export interface VendorReply {
  readonly reasoning: readonly ReasoningBlock[]
  /** The text, in the pieces it travels in. */
  readonly text: readonly string[]
  readonly toolCalls: readonly VendorToolCall[]
  /** Whether the tool calls travel at once, piece by piece in turn. */
  readonly interleaved: boolean
  readonly usage: Usage
  readonly stopReason: StopReason
  readonly requestId: string
}

/**
 * How the stream of a reply ends after its content:
 *
 * - `complete`: with everything the vendor sends at the end.
 * - `cut`: closed cleanly, in the middle.
 * - `unterminated`: closed cleanly, with everything but the vendor's last marker.
 * - `disconnect`: the connection breaks.
 * - `error`: the vendor reports an error inside the stream.
 * - `garbage`: the vendor sends something that is not its protocol.
 * - `silence`: nothing more comes and the connection stays open.
 */
export type VendorEnding = 'complete' | 'cut' | 'unterminated' | 'disconnect' | 'error' | 'garbage' | 'silence'

/** How the vendor answers one call. */
export type VendorAnswer =
  | {
      readonly type: 'reply'
      readonly reply: VendorReply
      readonly ending: VendorEnding
      /** In few reads, or one byte per read. */
      readonly delivery: 'whole' | 'bytes'
    }
  | {
      readonly type: 'status'
      readonly status: number
      /** What the vendor says in its own error document. */
      readonly message: string
      readonly headers: Readonly<Record<string, string>>
      /** Sent instead of the vendor's error document, when given. */
      readonly rawBody?: string | undefined
    }
  /** The connection cannot be made. */
  | { readonly type: 'unreachable' }
  /** The request arrives and is never answered. */
  | { readonly type: 'silence' }
