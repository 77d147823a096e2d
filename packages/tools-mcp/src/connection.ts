import type { Transport } from '@modelcontextprotocol/client'

import { CallLine } from './call-line.ts'
import { isConnectionLost, isSessionForgotten, toConnectionFailure } from './failure.ts'
import { Link } from './link.ts'
import type { Mask } from './mask.ts'
import { openTransport } from './open-transport.ts'
import type { ResolvedOptions } from './resolve-options.ts'
import { abortable, sleep } from './wait.ts'

/** Before the third attempt in a row; each further one doubles it. */
const FIRST_BACKOFF_MS = 100
const MAX_BACKOFF_MS = 30_000

/**
 * The one connection to a server, shared by every run.
 *
 * It is made when it is first needed, and again after it was lost; after
 * failures in a row it waits before the next attempt.
 */
export class Connection {
  /** Where calls wait for their turn. */
  readonly line: CallLine
  readonly #options: ResolvedOptions
  readonly #mask: Mask
  #link: Link | undefined
  #opening: Promise<Link> | undefined
  /** What was given up and is not gone yet. */
  readonly #ending = new Set<Promise<void>>()
  /** Those of forgotten sessions on which calls are still under way. */
  readonly #retired = new Set<Link>()
  #closing = new AbortController()
  #failures = 0
  /** Of the last attempt to connect: it knows why it failed. */
  #latest: Link | undefined
  /** A server of before 2026 need not be asked for its revision again. */
  #isLegacy = false

  constructor(options: ResolvedOptions, mask: Mask) {
    this.line = new CallLine(options.concurrency)
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
    return this.#latest?.transport
  }

  /** To be called when the server has answered: what failed before does not count any more. */
  succeeded(): void {
    this.#failures = 0
  }

  /** To be called with what a request on `link` failed with: a connection on which nothing more can come is let go. */
  failed(link: Link, error: unknown): void {
    if (link.isHttp) {
      if (link.hasSession && isSessionForgotten(error)) this.#retire(link)
    } else if (isConnectionLost(error)) this.#drop(link)
  }

  /** Ends every connection; resolves when all of them have ended, whoever called it first. */
  async close(): Promise<void> {
    this.#closing.abort(new Error('the source was closed'))
    this.#closing = new AbortController()
    await this.#opening?.catch(() => undefined)
    const links = [this.#link, ...this.#retired].filter((link) => link !== undefined)
    this.#link = undefined
    this.#failures = 0
    for (const link of links) this.#end(link)
    await Promise.all(this.#ending)
  }

  #drop(link: Link): void {
    if (this.#link !== link) return
    this.#link = undefined
    this.#failures++
    this.#end(link)
  }

  /** Over HTTP every answer has a connection of its own: those that are under way may still come. */
  #retire(link: Link): void {
    if (this.#link !== link) return
    this.#link = undefined
    this.#retired.add(link)
    void link.idle().then(() => {
      if (this.#retired.has(link)) this.#end(link)
    })
  }

  #end(link: Link): void {
    this.#retired.delete(link)
    const ending = link
      .close()
      .catch(() => undefined) // It is given up either way.
      .finally(() => this.#ending.delete(ending))
    this.#ending.add(ending)
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
    const { connectTimeoutMs, name, revision } = this.#options
    const late = new AbortController()
    const timer = setTimeout(
      () => late.abort(new Error(`no connection within ${connectTimeoutMs} ms`)),
      connectTimeoutMs,
    )
    const signal = AbortSignal.any([closing, late.signal])
    try {
      return await this.#attempt(signal, this.#isLegacy).catch(async (error: unknown) => {
        // A server that ends when it is asked for its revision is one of before 2026.
        const wasAsked = !this.#isLegacy && revision === undefined
        if (!wasAsked || signal.aborted || this.#latest?.exit === undefined) throw error
        const link = await this.#attempt(signal, true)
        this.#isLegacy = true
        return link
      })
    } catch (error) {
      const what = `mcp server "${name}" cannot be connected`
      const detail = this.#latest?.describeEnd()
      throw toConnectionFailure(error, { what, mask: this.#mask, detail, classify: undefined })
    } finally {
      clearTimeout(timer)
    }
  }

  async #attempt(signal: AbortSignal, legacy: boolean): Promise<Link> {
    const link = new Link(this.#options, openTransport(this.#options))
    this.#latest = link
    try {
      await abortable(link.connect(legacy), signal)
    } catch (error) {
      await link.kill().catch(() => undefined) // It is given up either way.
      throw error
    }
    // oxlint-disable-next-line unicorn/prefer-add-event-listener -- the SDK's client is no event target
    link.client.onclose = () => this.#drop(link)
    return link
  }
}
