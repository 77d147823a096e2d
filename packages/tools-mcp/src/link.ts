import { AsyncLocalStorage } from 'node:async_hooks'
import { setImmediate } from 'node:timers/promises'

import {
  Client,
  StreamableHTTPClientTransport,
  type ElicitRequest,
  type ElicitResult,
  type Progress,
  type Transport,
} from '@modelcontextprotocol/client'

import { isSilence } from './failure.ts'
import { ProcessTransport } from './process-transport.ts'
import { repairResults } from './repair-results.ts'
import { MAX_TIMER_MS, type ResolvedOptions } from './resolve-options.ts'
import { abortable } from './wait.ts'

/** What a server may ask during a call, on a connection of before 2026. */
export type Question = ElicitRequest['params']

/** A call that is under way: what the server asks and reports meanwhile goes to it. */
export interface CallInFlight {
  readonly runId: string
  /** Whether nobody waits for its answer any more: the server may not know, and still be at work on it. */
  readonly isGivenUp: boolean
  ask(question: Question): Promise<ElicitResult>
  /** Whether it has been asked this before, and knows the answer. */
  expects(question: Question): boolean
  /** To be called when it cannot be told that a question is its own, whose answer it knows. */
  missed(): void
  progressed(progress: Progress): void
}

/** How long a server may still be at work on a call that was given up. */
const GIVEN_UP_MS = 10 * 60_000

/** How long a server that let a call time out has to show that it is there. */
const ALIVE_TIMEOUT_MS = 5000

/** A list of more pages is taken for one without end. */
const MAX_PAGES = 1000

/** How much of what a server wrote last is shown. */
const LAST_WORDS = 1000

/** How long the end of a session, or of a transport that is not ours, may take. */
const GOODBYE_TIMEOUT_MS = 1000

/** Old servers may ignore what they do not know: the question for the revision then ends by this. */
const PROBE_TIMEOUT_MS = 5000

/** One connection to a server, from its first message to its last. */
export class Link {
  readonly client: Client
  readonly transport: Transport
  readonly #options: ResolvedOptions
  /** Over HTTP a question comes on the stream of its call, and so in the context of it. */
  readonly #current = new AsyncLocalStorage<CallInFlight>()
  /** By their progress tokens. */
  readonly #calls = new Map<unknown, CallInFlight>()
  /** The runs of calls that were given up, and when: what the server asks later may be for one of them. */
  readonly #givenUp = new Map<string, number>()
  #becameIdle: (() => void) | undefined
  #tokens = 0
  /** While it is being found out whether the server is there. */
  checking: Promise<void> | undefined

  constructor(options: ResolvedOptions, transport: Transport) {
    this.#options = options
    this.transport = transport
    repairResults(transport, () => this.client.getProtocolEra() === 'modern')
    const { onListChanged, revision } = options
    const changed = { autoRefresh: false, onChanged: () => onListChanged?.() }
    this.client = new Client(options.client, {
      capabilities: { elicitation: { form: {}, url: {} } },
      versionNegotiation: {
        mode: revision === '2026-07-28' ? { pin: revision } : 'auto',
        probe: { timeoutMs: probeTimeoutMs(options) },
      },
      inputRequired: { autoFulfill: false },
      listMaxPages: MAX_PAGES,
      ...(onListChanged === undefined ? {} : { listChanged: { tools: changed, resources: changed, prompts: changed } }),
    })
    this.client.setRequestHandler('elicitation/create', ({ params }) => this.#ask(params))
    // The SDK's own handler loses reports that come together with the result.
    this.client.setNotificationHandler('notifications/progress', ({ params }) => {
      this.#calls.get(params.progressToken)?.progressed(params)
    })
  }

  /** The revision that was agreed on, such as `2025-11-25`. */
  get revision(): string {
    return this.client.getNegotiatedProtocolVersion() ?? ''
  }

  /** Agrees on a revision; a server that is known to be of before 2026 is not asked for a newer one. */
  async connect(legacy: boolean): Promise<void> {
    const timeoutMs = Math.min(MAX_TIMER_MS, this.#options.connectTimeoutMs)
    await this.client.connect(this.transport, {
      timeout: timeoutMs,
      ...(legacy ? { prior: { kind: 'legacy' } } : {}),
    })
  }

  /** Calls `fn` with the name under which the server's reports reach `call`, as its questions do. */
  async during<T>(call: CallInFlight, fn: (progressToken: number) => Promise<T>): Promise<T> {
    const token = ++this.#tokens
    this.#calls.set(token, call)
    try {
      // Over a pipe nothing that comes in belongs to what goes out.
      return await (this.#isPipe ? fn(token) : this.#current.run(call, () => fn(token)))
    } finally {
      this.#calls.delete(token)
      if (call.isGivenUp) this.#noteGivenUp(call.runId)
      if (this.#calls.size === 0) this.#becameIdle?.()
    }
  }

  /** Resolves when no call is under way. */
  async idle(): Promise<void> {
    if (this.#calls.size === 0) return
    const { promise, resolve } = Promise.withResolvers<undefined>()
    this.#becameIdle = () => resolve(undefined)
    await promise
  }

  get #isPipe(): boolean {
    return this.transport instanceof ProcessTransport
  }

  /** Over HTTP every request stands for itself: that one fails says nothing of the others. */
  get isHttp(): boolean {
    return this.#options.transport.type === 'http'
  }

  /** Whether the server gave a session, which it may forget. */
  get hasSession(): boolean {
    return this.transport instanceof StreamableHTTPClientTransport && this.transport.sessionId !== undefined
  }

  /** Ends the connection when the server does not answer any more. */
  checkAlive(): void {
    if (this.isHttp) return
    this.checking ??= this.#check().finally(() => {
      this.checking = undefined
    })
  }

  /** What is known of its end: how the process ended, and its last words. */
  describeEnd(): string | undefined {
    const transport = this.transport
    if (!(transport instanceof ProcessTransport)) return undefined
    const words = transport.stderr.trim().slice(-LAST_WORDS)
    const exit = transport.exit === undefined ? undefined : `the server ${transport.exit}`
    const said = words === '' ? undefined : `its last words: ${words}`
    return [exit, said].filter((part) => part !== undefined).join('; ') || undefined
  }

  /** How the process ended, when the server is one and has. */
  get exit(): string | undefined {
    return this.transport instanceof ProcessTransport ? this.transport.exit : undefined
  }

  async close(): Promise<void> {
    if (this.transport instanceof StreamableHTTPClientTransport) {
      // Out of courtesy: a server forgets a session by itself too.
      await abortable(this.transport.terminateSession(), AbortSignal.timeout(GOODBYE_TIMEOUT_MS)).catch(() => undefined)
    }
    await this.#inTime(this.client.close().then(() => this.transport.close()))
    await this.checking
  }

  /** Ends it without waiting for the server to end by itself. */
  async kill(): Promise<void> {
    await this.#inTime(this.transport instanceof ProcessTransport ? this.transport.kill() : this.transport.close())
  }

  /** A transport of the options may never end. */
  async #inTime(ending: Promise<void>): Promise<void> {
    await (this.#options.transport.type === 'custom'
      ? abortable(ending, AbortSignal.timeout(GOODBYE_TIMEOUT_MS))
      : ending)
  }

  /** The same where nobody hears that it cannot be ended: it is given up either way. */
  async #giveUp(): Promise<void> {
    // Before that: a transport of the options that cannot be closed does not say that it is.
    const { onclose } = this.client
    await this.kill().catch(() => undefined)
    onclose?.()
  }

  async #check(): Promise<void> {
    const options = { timeout: Math.min(ALIVE_TIMEOUT_MS, this.#options.callTimeoutMs) }
    const isModern = this.client.getProtocolEra() === 'modern'
    try {
      await (isModern ? this.client.discover(options) : this.client.ping(options))
    } catch (error) {
      if (!isSilence(error)) return
      await this.#giveUp()
    }
  }

  /** Over a pipe nothing says which call a question belongs to. */
  async #ask(question: Question): Promise<ElicitResult> {
    const current = this.#current.getStore()
    if (current !== undefined) {
      return [...this.#calls.values()].includes(current) ? current.ask(question) : { action: 'cancel' }
    }
    // An answer that came before the question ends its call a moment later.
    await setImmediate()
    const calls = [...this.#calls.values()]
    this.#forgetGivenUp()
    const runs = new Set([...this.#givenUp.keys(), ...calls.map(({ runId }) => runId)])
    // Of several runs, the question could reach someone whom it is not for.
    if (runs.size !== 1) {
      for (const call of calls) if (call.expects(question)) call.missed()
      return { action: 'cancel' }
    }
    const call = calls.findLast((candidate) => candidate.expects(question)) ?? calls.at(-1)
    return call?.ask(question) ?? { action: 'cancel' }
  }

  #noteGivenUp(runId: string): void {
    this.#forgetGivenUp()
    this.#givenUp.delete(runId)
    this.#givenUp.set(runId, performance.now())
  }

  /** The oldest come first. */
  #forgetGivenUp(): void {
    const since = performance.now() - GIVEN_UP_MS
    for (const [runId, when] of this.#givenUp) {
      if (when > since) return
      this.#givenUp.delete(runId)
    }
  }
}

/** Over HTTP, silence says nothing of the revision. */
function probeTimeoutMs({ transport, connectTimeoutMs }: ResolvedOptions): number {
  return transport.type === 'stdio' ? Math.min(PROBE_TIMEOUT_MS, connectTimeoutMs / 2) : connectTimeoutMs
}
