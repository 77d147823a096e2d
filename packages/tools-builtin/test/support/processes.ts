import { readFile } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'

/** Reports whether there is a process with this id that still runs: a zombie does not. */
export async function isRunning(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => undefined)
  return stat === undefined ? false : !/\) [ZX] /.test(stat)
}

/** Resolves when a process is gone. */
export async function waitUntilGone(pid: number): Promise<void> {
  while (await isRunning(pid)) await wait(5)
}

/** Resolves with what a file holds, once it holds a whole line. */
export async function waitForLine(path: string): Promise<string> {
  for (;;) {
    const text = await readFile(path, 'utf8').catch(() => '')
    if (text.includes('\n')) return text.trim()
    await wait(5)
  }
}
