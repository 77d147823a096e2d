import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** A log, and the schema that its tables are in. */
export interface Place {
  readonly url: string
  readonly schema: string
}

/** What the processes of a race append. */
export interface Race {
  readonly processes: number
  /** How many events each wants to append to the run that all of them share. */
  readonly shared: number
  /** How many runs of ten events each appends to by itself, all at once. */
  readonly own: number
}

const RACER = fileURLToPath(new URL('racer.child.ts', import.meta.url))

/** Lets processes append to one log at once; returns the numbers that each has won in the shared run. */
export async function raceProcesses(
  { url, schema }: Place,
  { processes, shared, own }: Race,
): Promise<readonly (readonly number[])[]> {
  const children = Array.from({ length: processes }, (_, n) =>
    fork(RACER, [url, schema, String(n), String(shared), String(own)], {
      execArgv: ['--conditions=@starling/source'],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    }),
  )
  try {
    // Each says that it is ready, waits for the others, and says what it has won.
    await Promise.all(children.map(messageOf))
    const results = children.map(messageOf)
    for (const child of children) child.send('go')
    return (await Promise.all(results)) as readonly (readonly number[])[] // what the program sends
  } finally {
    for (const child of children) child.kill('SIGKILL')
  }
}

async function messageOf(child: ChildProcess): Promise<unknown> {
  const ended = once(child, 'exit').then(([code, signal]) => {
    throw new Error(`process ${child.pid} ended with ${String(code ?? signal)} before it said anything`)
  })
  const [message]: unknown[] = await Promise.race([once(child, 'message'), ended])
  ended.catch(() => undefined) // It ends some time.
  return message
}
