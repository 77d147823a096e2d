import type { ToolContext } from '../tool.ts'

/** What {@link createToolContext} fills in by itself. */
export type ToolContextOverrides = { readonly [Field in keyof ToolContext]?: ToolContext[Field] | undefined }

/**
 * Creates a context to call a tool with outside a run.
 *
 * Deterministic: the clock starts at 0 and moves on by a second per reading,
 * random numbers and UUIDs count up, side effects just happen, nobody answers
 * questions.
 */
export function createToolContext(overrides: ToolContextOverrides = {}): ToolContext {
  let readings = 0
  let draws = 0
  return {
    runId: overrides.runId ?? 'run-1',
    turnId: overrides.turnId ?? 'turn-1',
    callId: overrides.callId ?? 'call-1',
    attempt: overrides.attempt ?? 1,
    idempotencyKey: overrides.idempotencyKey ?? 'key-1',
    signal: overrides.signal ?? new AbortController().signal,
    now: overrides.now ?? (async () => readings++ * 1000),
    random: overrides.random ?? (async () => (draws++ % 100) / 100),
    uuid: overrides.uuid ?? (async () => `00000000-0000-4000-8000-${String(draws++).padStart(12, '0')}`),
    sideEffect: overrides.sideEffect ?? (async (_name, fn) => fn()),
    ask: overrides.ask ?? (async () => ({ action: 'cancel' })),
    progress: overrides.progress ?? (() => undefined),
    attach: overrides.attach ?? (() => undefined),
  }
}
