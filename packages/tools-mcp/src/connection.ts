import { AsyncLocalStorage } from 'node:async_hooks'

import {
  Client,
  StreamableHTTPClientTransport,
  type ElicitRequest,
  type ElicitResult,
  type Progress,
  type Transport,
} from '@modelcontextprotocol/client'

import { isSilence, toConnectionFailure, type FailureContext } from './failure.ts'
import type { Mask } from './mask.ts'
import { openTransport } from './open-transport.ts'
import { ProcessTransport } from './process-transport.ts'
import { MAX_TIMER_MS, type ResolvedOptions } from './resolve-options.ts'
import { abortable, sleep } from './wait.ts'

/** What a server may ask during a call, on a connection of before 2026. */
export type Question = ElicitRequest['params']

/** A call that is under way: what the server asks and reports meanwhile goes to it. */
export interface CallInFlight {
  readonly runId: string
  ask(question: Question): Promise<ElicitResult>
  progressed(progress: Progress): void
}

/** A connection that stands. */
export interface Link {
  readonly client: Client
  /** The revision that was agreed on, such as `2025-11-25`. */
  readonly revision: string
  /** Calls `fn` with the name under which the server's reports reach `call`, as its questions do. */
  during<T>(call: CallInFlight, fn: (progressToken: number) => Promise<T>): Promise<T>
  /** Ends the connection when the server does not answer any more. */
  checkAlive(): void
  /** While it is being found out whether the server is there. */
  readonly checking: Promise<void> | undefined
  /** What is known of its end: how the process ended, and its last words. */
  describeEnd(): string | undefined
  close(): Promise<void>
}

/** Before the third attempt in a row; each further one doubles it. */
const FIRST_BACKOFF_MS = 100
const MAX_BACKOFF_MS = 30_000

/** How long a server that let a call time out has to show that it is there. */
const ALIVE_TIMEOUT_MS = 5000

/** How much of what a server wrote last is shown. */
const LAST_WORDS = 1000

/** How long the end of a session may take. */
const GOODBYE_TIMEOUT_MS = 1000

/** Old servers may ignore what they do not know: the question for the revision then ends by this. */
const PROBE_TIMEOUT_MS = 5000

/**
 * The one connection to a server, shared by every run.
 *
 * It is made when it is first needed, and again after it was lost; after
 * failures in a row it waits before the next attempt.
 */
export class Connection {
  readonly #options: ResolvedOptions
  readonly #mask: Mask
  #link: Link | undefined
  #opening: Promise<Link> | undefined
  /** What was given up and is not gone yet. */
  readonly #ending = new Set<Promise<void>>()
  #closing = new AbortController()
  #failures = 0
  #opener: LinkOpener | undefined
  /** A server of before 2026 need not be asked for its revision again. */
  #isLegacy = false

  constructor(options: ResolvedOptions, mask: Mask) {
    this.#options = options
    this.#mask = mask
    this.#isLegacy = options.revision === '2025-11-25'
  }

  /** The connection that stands, or a new one. Rejects with the signal's reason as soon as it is aborted. */
  async use(signal: AbortSignal | undefined): Promise<Link> {
    signal?.throwIfAborted()
    // Of a server in doubt, wait to hear whether it is there.
    while (this.#link?.checking !== undefined) await abortable(this.#link.checking, signal)
    if (this.#link !== undefined) return this.#link
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined
    })
    return abortable(this.#opening, signal)
  }

  /** The transport of the last attempt to connect: it knows where the server sends its users. */
  get lastTransport(): Transport | undefined {
    return this.#opener?.transport
  }

  /** To be called when the server has answered: what failed before does not count any more. */
  succeeded(): void {
    this.#failures = 0
  }

  /** Lets go of a connection on which nothing more can come. */
  drop(link: Link): void {
    if (this.#link !== link) return
    this.#link = undefined
    this.#failures++
    const ending = link
      .close()
      .catch(() => undefined) // It is given up either way.
      .finally(() => this.#ending.delete(ending))
    this.#ending.add(ending)
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('the source was closed'))
    this.#closing = new AbortController()
    await this.#opening?.catch(() => undefined)
    const link = this.#link
    this.#link = undefined
    this.#failures = 0
    await link?.close()
    await Promise.all(this.#ending)
  }

  async #open(): Promise<Link> {
    const closing = this.#closing.signal
    if (this.#failures > 1) {
      await sleep(Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (this.#failures - 2)), closing)
    }
    try {
      const link = await this.#connect(closing)
      this.#link = link
      return link
    } catch (error) {
      this.#failures++
      throw error
    }
  }

  async #connect(closing: AbortSignal): Promise<Link> {
    const { connectTimeoutMs, revision } = this.#options
    const opener = new LinkOpener(this.#options, this.#mask, (link) => this.drop(link))
    this.#opener = opener
    const late = new AbortController()
    const timer = setTimeout(
      () => late.abort(new Error(`no connection within ${connectTimeoutMs} ms`)),
      connectTimeoutMs,
    )
    const signal = AbortSignal.any([closing, late.signal])
    try {
      return await opener.open(signal, this.#isLegacy).catch(async (error: unknown) => {
        // A server that ends when it is asked for its revision is one of before 2026.
        const wasAsked = !this.#isLegacy && revision === undefined
        if (!wasAsked || signal.aborted || opener.exit === undefined) throw error
        const link = await opener.open(signal, true)
        this.#isLegacy = true
        return link
      })
    } catch (error) {
      throw opener.failure(error)
    } finally {
      clearTimeout(timer)
    }
  }
}

/** Makes one connection; keeps the transport of the last attempt, which knows why it failed. */
class LinkOpener {
  readonly #options: ResolvedOptions
  readonly #mask: Mask
  readonly #onEnd: (link: Link) => void
  #transport: Transport | undefined

  constructor(options: ResolvedOptions, mask: Mask, onEnd: (link: Link) => void) {
    this.#options = options
    this.#mask = mask
    this.#onEnd = onEnd
  }

  get transport(): Transport | undefined {
    return this.#transport
  }

  /** How the process ended, when the server is one and has. */
  get exit(): string | undefined {
    return this.#transport instanceof ProcessTransport ? this.#transport.exit : undefined
  }

  async open(signal: AbortSignal, legacy: boolean): Promise<Link> {
    const transport = openTransport(this.#options)
    this.#transport = transport
    const link = new OpenLink(this.#options, transport)
    try {
      await abortable(link.connect(legacy), signal)
    } catch (error) {
      await (transport instanceof ProcessTransport ? transport.kill() : transport.close()).catch(() => undefined)
      throw error
    }
    // oxlint-disable-next-line unicorn/prefer-add-event-listener -- the SDK's client is no event target
    link.client.onclose = () => this.#onEnd(link)
    return link
  }

  failure(error: unknown): Error {
    const what = `mcp server "${this.#options.name}" cannot be connected`
    const context: FailureContext = {
      what,
      mask: this.#mask,
      detail: describeEnd(this.#transport),
      classify: undefined,
    }
    return toConnectionFailure(error, context)
  }
}

class OpenLink implements Link {
  readonly client: Client
  readonly #transport: Transport
  readonly #options: ResolvedOptions
  /** Over HTTP a question comes on the stream of its call, and so in the context of it. */
  readonly #current = new AsyncLocalStorage<CallInFlight>()
  /** By their progress tokens. */
  readonly #calls = new Map<unknown, CallInFlight>()
  #tokens = 0
  checking: Promise<void> | undefined

  constructor(options: ResolvedOptions, transport: Transport) {
    this.#options = options
    this.#transport = transport
    const { onListChanged, revision } = options
    const changed = { autoRefresh: false, onChanged: () => onListChanged?.() }
    this.client = new Client(options.client, {
      capabilities: { elicitation: { form: {}, url: {} } },
      versionNegotiation: {
        mode: revision === '2026-07-28' ? { pin: revision } : 'auto',
        probe: { timeoutMs: probeTimeoutMs(options) },
      },
      inputRequired: { autoFulfill: false },
      ...(onListChanged === undefined ? {} : { listChanged: { tools: changed, resources: changed, prompts: changed } }),
    })
    this.client.setRequestHandler('elicitation/create', ({ params }) => this.#ask(params))
    // The SDK's own handler loses reports that come together with the result.
    this.client.setNotificationHandler('notifications/progress', ({ params }) => {
      this.#calls.get(params.progressToken)?.progressed(params)
    })
  }

  get revision(): string {
    return this.client.getNegotiatedProtocolVersion() ?? ''
  }

  async connect(legacy: boolean): Promise<void> {
    const timeoutMs = Math.min(MAX_TIMER_MS, this.#options.connectTimeoutMs)
    await this.client.connect(this.#transport, {
      timeout: timeoutMs,
      ...(legacy ? { prior: { kind: 'legacy' } } : {}),
    })
  }

  async during<T>(call: CallInFlight, fn: (progressToken: number) => Promise<T>): Promise<T> {
    const token = ++this.#tokens
    this.#calls.set(token, call)
    try {
      return await this.#current.run(call, () => fn(token))
    } finally {
      this.#calls.delete(token)
    }
  }

  checkAlive(): void {
    // Over HTTP every request stands for itself.
    if (this.#options.transport.type === 'http') return
    this.checking ??= this.#check().finally(() => {
      this.checking = undefined
    })
  }

  describeEnd(): string | undefined {
    return describeEnd(this.#transport)
  }

  async close(): Promise<void> {
    if (this.#transport instanceof StreamableHTTPClientTransport) {
      // Out of courtesy: a server forgets a session by itself too.
      await abortable(this.#transport.terminateSession(), AbortSignal.timeout(GOODBYE_TIMEOUT_MS)).catch(
        () => undefined,
      )
    }
    await this.client.close()
    await this.#transport.close()
    await this.checking
  }

  async #check(): Promise<void> {
    const options = { timeout: Math.min(ALIVE_TIMEOUT_MS, this.#options.callTimeoutMs) }
    const isModern = this.client.getProtocolEra() === 'modern'
    try {
      await (isModern ? this.client.discover(options) : this.client.ping(options))
    } catch (error) {
      if (!isSilence(error)) return
      await (this.#transport instanceof ProcessTransport ? this.#transport.kill() : this.#transport.close())
    }
  }

  /** Over a pipe nothing says which call a question belongs to. */
  async #ask(question: Question): Promise<ElicitResult> {
    const calls = [...this.#calls.values()]
    const current = this.#current.getStore()
    if (current !== undefined && calls.includes(current)) return current.ask(question)
    const runs = new Set(calls.map(({ runId }) => runId))
    // Of several runs, the question could reach someone whom it is not for.
    const call = runs.size === 1 ? calls.at(-1) : undefined
    return call?.ask(question) ?? { action: 'cancel' }
  }
}

/** Over HTTP, silence says nothing of the revision. */
function probeTimeoutMs({ transport, connectTimeoutMs }: ResolvedOptions): number {
  return transport.type === 'stdio' ? Math.min(PROBE_TIMEOUT_MS, connectTimeoutMs / 2) : connectTimeoutMs
}

function describeEnd(transport: Transport | undefined): string | undefined {
  if (!(transport instanceof ProcessTransport)) return undefined
  const words = transport.stderr.trim().slice(-LAST_WORDS)
  const exit = transport.exit === undefined ? undefined : `the server ${transport.exit}`
  const said = words === '' ? undefined : `its last words: ${words}`
  return [exit, said].filter((part) => part !== undefined).join('; ') || undefined
}
