import { connect, createServer } from 'node:net'
import type { Socket } from 'node:net'

/** Stands between a log and its server, to break connections where a test says. */
export interface Proxy extends AsyncDisposable {
  readonly port: number
  /** How many messages that want an answer went to the server so far. */
  readonly asked: number
  /** How many bytes the server has answered so far. */
  readonly answered: number
  /** Cuts the connection that sends the `n`th from now: before the server has it, or when the server answers. */
  cutAt(n: number, when: 'before' | 'answer'): void
  /** Cuts all connections, and takes no new ones until {@link Proxy.resume}. */
  pause(): void
  resume(): void
}

/** Starts a proxy in front of the server on `port`. */
export async function startProxy(port: number): Promise<Proxy> {
  const proxy = new CuttingProxy(port)
  await proxy.listen()
  return proxy
}

class CuttingProxy implements Proxy {
  readonly #target: number
  readonly #server = createServer((client) => this.#serve(client))
  readonly #sockets = new Set<Socket>()
  #cut: { left: number; readonly when: 'before' | 'answer' } | undefined
  #isPaused = false
  asked = 0
  answered = 0

  constructor(target: number) {
    this.#target = target
  }

  get port(): number {
    const address = this.#server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.listen(0, '127.0.0.1', resolve)
    })
  }

  cutAt(n: number, when: 'before' | 'answer'): void {
    this.#cut = { left: n, when }
  }

  pause(): void {
    this.#isPaused = true
    for (const socket of this.#sockets) socket.destroy()
  }

  resume(): void {
    this.#isPaused = false
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.pause()
    await new Promise((resolve) => {
      this.#server.close(resolve)
    })
  }

  #serve(client: Socket): void {
    if (this.#isPaused) {
      client.destroy()
      return
    }
    const server = connect(this.#target, '127.0.0.1')
    const close = (): void => {
      client.destroy()
      server.destroy()
    }
    let cutsAnswer = false
    for (const socket of [client, server]) {
      this.#sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('error', close)
      socket.on('close', () => {
        this.#sockets.delete(socket)
        close()
      })
    }
    client.on('data', (data) => {
      this.asked++
      if (this.#cut !== undefined && --this.#cut.left === 0) {
        const { when } = this.#cut
        this.#cut = undefined
        if (when === 'before') {
          close()
          return
        }
        cutsAnswer = true
      }
      server.write(data)
    })
    server.on('data', (data) => {
      this.answered += data.length
      if (cutsAnswer) close()
      else client.write(data)
    })
  }
}
