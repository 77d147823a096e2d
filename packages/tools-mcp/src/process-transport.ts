import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'

import { serializeMessage, type JSONRPCMessage, type Transport } from '@modelcontextprotocol/client'
import { getDefaultEnvironment } from '@modelcontextprotocol/client/stdio'

import { LineReader } from './line-reader.ts'
import type { McpStdioTransport } from './mcp-options.ts'
import { readMessages } from './repair-message.ts'
import { register, unregister } from './running-children.ts'
import { sleep } from './wait.ts'
import { watchOver, type Release } from './watch-over.ts'

/** How a {@link ProcessTransport} starts and ends its child. */
export interface ProcessTransportOptions extends McpStdioTransport {
  /** A message of more UTF-16 units ends the connection: nothing can be read behind it. */
  readonly maxMessageLength: number
  /** How long the child gets to end by itself, and again after SIGTERM, in milliseconds. */
  readonly graceMs: number
}

/** What is kept of what the child writes to its standard error. */
const STDERR_CHARACTERS = 4096

/** Windows has no process groups, and a detached child there gets a window. */
const HAS_GROUPS = process.platform !== 'win32'

/** The SDK looks at what is in a message before it does anything with it. */
function isMessage(value: unknown): value is JSONRPCMessage {
  return typeof value === 'object' && value !== null && 'jsonrpc' in value
}

/** Pipes are sockets, which their types do not say. */
function unref(handle: object): void {
  if ('unref' in handle && typeof handle.unref === 'function') handle.unref()
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>

/**
 * A server as a child process, one message a line.
 *
 * The SDK has one of these, which ends the child alone and slowly. This one
 * ends its whole process group, so that what the server started ends too, keeps
 * the tail of its standard error, and is there for a whole connection: the
 * question for the revision is put to the same process that then serves.
 */
export class ProcessTransport implements Transport {
  onclose?: () => void
  onerror?: (error: Error) => void
  onmessage?: Transport['onmessage']

  readonly #options: ProcessTransportOptions
  readonly #lines: LineReader
  readonly #gone = new AbortController()
  readonly #killAtExit = (): void => this.#signalGroup('SIGKILL')
  #child: Child | undefined
  #release: Release | undefined
  #stderr = ''
  #exit: string | undefined
  /** Why it was ended, when that was not asked for. */
  #offence: string | undefined
  #ended: Promise<unknown> = Promise.resolve()
  #closing: Promise<void> | undefined
  #drained: Promise<void> | undefined

  constructor(options: ProcessTransportOptions) {
    this.#options = options
    this.#lines = new LineReader(options.maxMessageLength)
  }

  /** The last of what the child wrote to its standard error. The SDK takes a transport that has one for a pipe. */
  get stderr(): string {
    return this.#stderr
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  /** How the child ended, in words; `undefined` while it runs. */
  get exit(): string | undefined {
    return this.#offence ?? this.#exit
  }

  async start(): Promise<void> {
    const { command, args = [], env, cwd } = this.#options
    const child = spawn(command, args, {
      env: { ...getDefaultEnvironment(), ...env },
      cwd,
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: HAS_GROUPS,
      windowsHide: true,
    })
    this.#child = child
    this.#ended = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        this.#exit = signal === null ? `exited with code ${code}` : `was ended by ${signal}`
        this.#signalGroup('SIGKILL') // what it leaves behind
        this.#release?.()
        resolve(undefined)
        // 'close' comes after its last byte, but not while something else holds the pipes open.
        setTimeout(() => this.#closed(), this.#options.graceMs).unref()
      })
      child.once('error', resolve)
      child.once('close', () => this.#closed())
    })
    this.#listen(child)
    // Who waits for an answer has a timer; a source that nobody closed keeps no process alive.
    for (const handle of [child, child.stdin, child.stdout, child.stderr]) unref(handle)
    await once(child, 'spawn')
    register(this.#killAtExit)
    if (HAS_GROUPS && child.pid !== undefined) this.#release = watchOver(child.pid)
    if (!this.#runs()) this.#release?.()
  }

  async send(message: JSONRPCMessage): Promise<void> {
    const { stdin } = this.#child ?? {}
    if (stdin === undefined || !stdin.writable) throw new Error('the server does not run')
    if (stdin.write(serializeMessage(message))) return
    // One listener for all that wait: node warns of more than ten.
    this.#drained ??= this.#drain(stdin).finally(() => {
      this.#drained = undefined
    })
    await this.#drained
  }

  /** Lets the child end by itself, then ends it. Resolves when it has ended. */
  close(): Promise<void> {
    this.#closing ??= this.#end(true)
    return this.#closing
  }

  /** Ends the child without waiting for it to do so by itself. */
  kill(): Promise<void> {
    this.#closing ??= this.#end(false)
    return this.#closing
  }

  async #drain(stdin: Writable): Promise<void> {
    try {
      await once(stdin, 'drain', { signal: this.#gone.signal })
    } catch (cause) {
      throw new Error('the server does not run', { cause })
    }
  }

  #listen(child: Child): void {
    child.stderr.setEncoding('utf8')
    child.stderr.on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_CHARACTERS)
    })
    child.stdout.setEncoding('utf8')
    child.stdout.on('data', (text: string) => this.#read(text))
    child.stdout.once('end', () => void this.#endMute())
    // A pipe that breaks says no more than the end of the child does.
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream.on('error', () => undefined)
  }

  #read(text: string): void {
    try {
      for (const line of this.#lines.read(text)) this.#take(line)
    } catch (error) {
      this.#offence = `was ended because of ${error instanceof Error ? error.message : String(error)}`
      this.#report(error)
      void this.kill()
    }
  }

  #take(line: string): void {
    let messages: readonly unknown[]
    try {
      messages = readMessages(line)
    } catch (error) {
      this.#report(error) // Servers that were not made for pipes write this and that.
      return
    }
    for (const message of messages) if (isMessage(message)) this.onmessage?.(message)
  }

  /** A server that lives on without its output can answer nothing more. */
  async #endMute(): Promise<void> {
    await this.#waitForEnd()
    if (!this.#runs() || this.#closing !== undefined) return
    this.#offence = 'was ended because it had closed its output'
    await this.kill()
  }

  #report(error: unknown): void {
    this.onerror?.(error instanceof Error ? error : new Error(String(error)))
  }

  async #end(gently: boolean): Promise<void> {
    const child = this.#child
    if (child === undefined) return
    if (gently) {
      child.stdin.end()
      await this.#waitForEnd()
    }
    if (this.#runs()) {
      this.#signalGroup('SIGTERM')
      await this.#waitForEnd()
    }
    if (this.#runs()) this.#signalGroup('SIGKILL')
    await this.#ended
    this.#closed()
  }

  #runs(): boolean {
    return this.#child?.pid !== undefined && this.#exit === undefined
  }

  async #waitForEnd(): Promise<void> {
    const waiting = new AbortController()
    const ended = this.#ended.then(() => waiting.abort())
    await sleep(this.#options.graceMs, waiting.signal).catch(() => ended)
  }

  #signalGroup(signal: NodeJS.Signals): void {
    const pid = this.#child?.pid
    if (pid === undefined) return
    try {
      process.kill(HAS_GROUPS ? -pid : pid, signal)
    } catch {
      // Nothing is left of it.
    }
  }

  #closed(): void {
    if (this.#gone.signal.aborted) return
    this.#gone.abort(new Error('the server does not run'))
    unregister(this.#killAtExit)
    const { stdin, stdout, stderr } = this.#child ?? {}
    for (const stream of [stdin, stdout, stderr]) stream?.destroy()
    this.onclose?.()
  }
}
