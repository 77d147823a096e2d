import { setTimeout as sleep } from 'node:timers/promises'

import { isBusy } from './storage-error.ts'

const FIRST_DELAY_MS = 1
const LAST_DELAY_MS = 50

/**
 * How long the driver itself waits for a lock, blocking the process.
 *
 * It covers the short locks of another writer's commit. Longer ones are waited
 * for by {@link retryWhileBusy}, so that everything else goes on meanwhile.
 */
export const BLOCKING_WAIT_MS = 10

/** Calls `attempt` until it does not fail because of a lock, for up to `timeoutMs`; then its last error is thrown. */
export async function retryWhileBusy<T>(timeoutMs: number, attempt: () => T): Promise<T> {
  const deadline = performance.now() + timeoutMs
  for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(delayMs * 2, LAST_DELAY_MS)) {
    try {
      return attempt()
    } catch (error) {
      if (!isBusy(error) || performance.now() + delayMs > deadline) throw error
    }
    await sleep(delayMs)
  }
}
