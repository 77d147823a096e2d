import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { Socket } from 'node:net'

import { onTestFinished } from 'vitest'

/** A way to the server that can fall silent, with all connections open, as a paused process or a cut wire does. */
export interface StallingProxy {
  readonly url: string
  /** Resolves when it has fallen silent. */
  readonly stalled: Promise<void>
  /** Makes it fall silent. */
  stall(): void
  /** Serves connections that are made from now on; those that there are stay silent. */
  resume(): void
}

/** Starts a proxy that ends with the test. It falls silent, once, when a client has sent `marker` and the server has answered. */
export async function stallingProxy(port: number, marker?: string): Promise<StallingProxy> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const sockets = new Set<Socket>()
  let [isStalled, hasStalled] = [false, false]
  const stall = (): void => {
    ;[isStalled, hasStalled] = [true, true]
    resolve()
  }
  const resume = (): void => {
    isStalled = false
  }
  // Nor does a cut wire say goodbye.
  const proxy = createServer({ allowHalfOpen: true }, (client) => {
    const upstream = connect(port, '127.0.0.1')
    let hasSeen = false
    let isSilent = false
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
    }
    client.on('data', (data) => {
      isSilent ||= isStalled
      if (isSilent) return
      hasSeen ||= marker !== undefined && data.includes(marker)
      upstream.write(data)
    })
    upstream.on('data', (data) => {
      if (hasSeen && !hasStalled) stall()
      isSilent ||= isStalled
      if (!isSilent) client.write(data)
    })
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    proxy.close()
  })
  const address = proxy.address()
  const own = typeof address === 'object' ? (address?.port ?? 0) : 0
  return { url: `postgres://postgres:owner-password@127.0.0.1:${own}/postgres`, stalled: promise, stall, resume }
}
