import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

import { onTestFinished } from 'vitest'

/** Starts a program of `test/children` as a process of its own; it is killed when the test is over. */
export function startChild(name: string, ...args: readonly string[]): ChildProcess {
  const path = fileURLToPath(new URL(`children/${name}.child.ts`, import.meta.url))
  const child = fork(path, args, {
    execArgv: ['--conditions=@starling/source'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  return child
}

/** Waits for the next message of a child; fails when it ends without one. */
export async function messageOf(child: ChildProcess): Promise<unknown> {
  const ended = once(child, 'exit').then(([code, signal]) => {
    throw new Error(`the child ended with ${String(code ?? signal)} before it said anything`)
  })
  const [message]: unknown[] = await Promise.race([once(child, 'message'), ended])
  return message
}

/** Kills a child at once, as a crash does, and waits until it is gone. */
export async function crash(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}
