import { createServer, type AddressInfo, type Socket } from 'node:net'

/** A server on loopback that says what it likes, or nothing. */
export interface RawServer extends AsyncDisposable {
  readonly port: number
  /** Resolves when the next bytes come from anyone. */
  nextData(): Promise<void>
  /** Resolves when a client has closed its connection. */
  readonly closed: Promise<void>
}

/** Opens a server that calls `onFirst` with the first bytes of each connection; later ones it takes in silence. */
export async function openRawServer(onFirst: (socket: Socket) => void = () => undefined): Promise<RawServer> {
  const sockets = new Set<Socket>()
  const closed = Promise.withResolvers<void>()
  const waiting: (() => void)[] = []
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.once('close', () => closed.resolve())
    socket.once('data', () => onFirst(socket))
    socket.on('data', () => {
      for (const resolve of waiting.splice(0)) resolve()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    nextData: () => new Promise((resolve) => waiting.push(resolve)),
    closed: closed.promise,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
