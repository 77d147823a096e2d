import type { ToolContext } from '@starling/tool'

/**
 * Does what touches the world as one recorded side effect: a replay gets what it returned or threw.
 *
 * However it ends, a call that was aborted meanwhile rejects with the reason of its signal.
 */
export async function effect<T>(context: ToolContext, name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await context.sideEffect(name, work)
  } catch (error) {
    // A recorded error is a copy: the reason itself is the signal's.
    context.signal.throwIfAborted()
    throw error
  }
}

/** Settles as `promise` does, or rejects with the reason of `signal` when that is aborted before. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
