import { createSocket } from 'node:dgram'
import { Resolver } from 'node:dns/promises'

import { decode, encode, type Answer } from 'dns-packet'
import type { HostLookup } from '../../src/index.ts'

/** A name service on loopback. */
export interface TestDns extends AsyncDisposable {
  /** The names that were asked for, in order. */
  readonly queries: readonly string[]
  /** Asks this server, as a tool's `lookup`. */
  readonly lookup: HostLookup
}

/** Opens a name service; `answer` says which addresses of IPv4 a name has when it is asked for the nth time, from 1. */
export async function openDns(answer: (name: string, nth: number) => readonly string[]): Promise<TestDns> {
  const queries: string[] = []
  const socket = createSocket('udp4')
  socket.on('message', (message, from) => {
    const query = decode(message)
    const name = query.questions?.[0]?.name ?? ''
    queries.push(name)
    const nth = queries.filter((asked) => asked === name).length
    const answers = answer(name, nth).map((data): Answer => ({ type: 'A', class: 'IN', name, ttl: 0, data }))
    const rcode = answers.length === 0 ? 3 : 0
    socket.send(
      encode({ type: 'response', id: query.id ?? 0, flags: rcode, questions: query.questions ?? [], answers }),
      from.port,
      from.address,
    )
  })
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  const resolver = new Resolver({ timeout: 2000, tries: 1 })
  resolver.setServers([`127.0.0.1:${socket.address().port}`])
  return {
    queries,
    lookup: (host) => resolver.resolve4(host),
    async [Symbol.asyncDispose]() {
      resolver.cancel()
      await new Promise<void>((resolve) => socket.close(() => resolve()))
    },
  }
}
