import { createMerkleAccumulator, encodeCbor, encodePayload, hashEvent, KIND } from '@starling/event'
import type { Event, Kind, PayloadByKind, RunStarted } from '@starling/event'

/** What {@link RunBuilder.callTool} records. */
export interface ToolTurn {
  readonly city?: string | undefined
  readonly result?: string | undefined
  readonly turnId?: string | undefined
}

/** Builds the events of one run, each linked to the one before. */
export class RunBuilder {
  /** What has been built so far, in order. */
  readonly events: Event[] = []
  readonly #runId: string
  readonly #tree = createMerkleAccumulator()
  #ts: bigint
  readonly #stepNs: bigint

  /** `startedAt` is the time of the first event, `stepNs` that between two, in nanoseconds. */
  constructor(runId: string, startedAt: bigint = 1_000_000n, stepNs: bigint = 1_000_000n) {
    this.#runId = runId
    this.#ts = startedAt
    this.#stepNs = stepNs
  }

  /** The Merkle root over all events so far. */
  get root(): Uint8Array {
    const previous = this.events.at(-1)
    if (previous !== undefined && this.#tree.size < previous.seq) this.#tree.append(hashEvent(previous))
    return this.#tree.root()
  }

  /** Adds an event with a typed payload. */
  add<K extends Kind>(kind: K, payload: PayloadByKind[K]): this {
    return this.addRaw(kind, encodePayload(kind, payload))
  }

  /** Adds an event whose payload is any bytes. */
  addRaw(kind: number, payload: Uint8Array): this {
    const previous = this.events.at(-1)
    const prevHash = previous === undefined ? null : hashEvent(previous)
    if (prevHash !== null && this.#tree.size < this.events.length) this.#tree.append(prevHash)
    this.events.push({ runId: this.#runId, seq: this.events.length + 1, prevHash, ts: this.#ts, kind, payload })
    this.#ts += this.#stepNs
    return this
  }

  /** Adds the event that every run begins with. */
  start(options: Partial<RunStarted> = {}): this {
    return this.add(KIND.RunStarted, { ...BARE_START, ...options })
  }

  /** Adds a user's message. */
  say(content: string): this {
    return this.add(KIND.UserMessageAppended, { content })
  }

  /** Ends the run well. */
  complete(finalText = 'done'): this {
    return this.#complete(finalText, this.root)
  }

  /** Ends the run with a terminal event that nothing is proved by, as hand-written logs have. */
  completeWithoutRoot(finalText: string): this {
    return this.#complete(finalText, null)
  }

  /** Ends the run in an error. */
  fail(error: string): this {
    const merkleRoot = this.root
    return this.add(KIND.RunFailed, { error, errorType: 'internal', merkleRoot, durationMs: 0 })
  }

  /** Ends the run by cancelling it. */
  cancel(reason: string): this {
    const merkleRoot = this.root
    return this.add(KIND.RunCancelled, { reason, merkleRoot, durationMs: 0 })
  }

  /** Adds a call of a tool that never returns. */
  schedule(callId: string, tool: string): this {
    const args = encodeCbor(null)
    return this.add(KIND.ToolCallScheduled, { callId, turnId: 't1', tool, args, attempt: 1 })
  }

  /** Adds a whole turn that calls one tool. */
  callTool(options: ToolTurn = {}): this {
    const { city = 'Paris', result = 'sunny', turnId = `turn-${this.events.length}` } = options
    const callId = `call-${this.events.length}`
    const args = encodeCbor({ city })
    return this.add(KIND.TurnStarted, { turnId, promptHash: HASH, inputTokens: 7 })
      .add(KIND.AssistantMessageCompleted, {
        turnId,
        text: `Looking up ${city}`,
        toolUses: [{ callId, tool: 'get_weather', args }],
        stopReason: 'tool_use',
        inputTokens: 10,
        outputTokens: 4,
        costUsd: 0.000_3,
        rawResponseHash: HASH,
      })
      .add(KIND.ToolCallScheduled, { callId, turnId, tool: 'get_weather', args, attempt: 1 })
      .add(KIND.ToolCallCompleted, { callId, result: encodeCbor({ sky: result }), durationMs: 3, attempt: 1 })
  }

  #complete(finalText: string, merkleRoot: Uint8Array | null): this {
    return this.add(KIND.RunCompleted, {
      finalText,
      turnCount: 0,
      toolCallCount: 0,
      totalCostUsd: 0,
      totalInputTokens: 0,
      totalOutputTokens: 0,
      durationMs: 0,
      merkleRoot,
    })
  }
}

const HASH = new Uint8Array(32).fill(0xab)

const BARE_START: RunStarted = {
  schemaVersion: 1,
  goal: 'greet',
  providerId: 'test',
  modelId: 'test',
  apiVersion: '',
  paramsHash: null,
  params: null,
  systemPromptHash: null,
  systemPrompt: '',
  toolRegistryHash: null,
  toolSchemas: null,
}

/** Returns `count` events: the start of a run and messages. */
export function chainOf(runId: string, count: number, startedAt?: bigint): readonly Event[] {
  const run = new RunBuilder(runId, startedAt).start()
  while (run.events.length < count) run.say(`message ${run.events.length}`)
  return run.events.slice(0, count)
}

/** Returns a valid, completed run with one tool call, seven events. */
export function finishedRun(runId: string, startedAt?: bigint): readonly Event[] {
  return new RunBuilder(runId, startedAt).start().callTool().say('thanks').complete().events
}
