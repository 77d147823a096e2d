import { decodeValue, encodeValue } from '@starling/event'
import type { ToolAttachment, ToolContext } from '@starling/tool'
import { createToolContext } from '@starling/tool/conformance'

/** What a side effect came to. */
export type Outcome = { readonly name: string } & (
  | { readonly value: Uint8Array }
  | { readonly error: { readonly message: string; readonly code: unknown } }
)

/** A context, and what went through it. */
export interface ObservedContext {
  readonly context: ToolContext
  readonly outcomes: readonly Outcome[]
  readonly attachments: readonly ToolAttachment[]
}

/** A context that records side effects as a log does: as bytes, errors too. */
export function recordingContext(signal?: AbortSignal): ObservedContext {
  const outcomes: Outcome[] = []
  const attachments: ToolAttachment[] = []
  const context = createToolContext({
    signal,
    attach: (attachment) => void attachments.push(attachment),
    async sideEffect<T>(name: string, fn: () => T | Promise<T>): Promise<T> {
      try {
        const value = encodeValue(await fn())
        outcomes.push({ name, value })
        return decodeValue(value) as T
      } catch (error) {
        const { message, code } = error as Error & { readonly code?: unknown }
        outcomes.push({ name, error: { message, code } })
        throw Object.assign(new Error(message), { code })
      }
    },
  })
  return { context, outcomes, attachments }
}

/** A context that replays: it hands out what was recorded and calls nothing. */
export function replayingContext(recorded: readonly Outcome[]): ObservedContext {
  const left = [...recorded]
  const attachments: ToolAttachment[] = []
  const context = createToolContext({
    attach: (attachment) => void attachments.push(attachment),
    async sideEffect<T>(name: string): Promise<T> {
      const next = left.shift()
      if (next?.name !== name) throw new Error(`the side effect ${name} was not recorded`)
      if ('error' in next) throw Object.assign(new Error(next.error.message), { code: next.error.code })
      return decodeValue(next.value) as T
    },
  })
  return { context, outcomes: left, attachments }
}
