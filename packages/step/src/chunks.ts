/**
 * Calls `take` with every element of a stream, in order.
 *
 * Does not wait for a stream that ignores its signal: once `signal` is
 * aborted, rejects with its reason, whatever the stream is doing.
 */
export async function forEachChunk<T>(
  source: AsyncIterable<T>,
  signal: AbortSignal,
  take: (chunk: T) => void,
): Promise<void> {
  const iterator = source[Symbol.asyncIterator]()
  let giveUp: (reason: unknown) => void = nobodyWaits
  const onAbort = (): void => giveUp(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  let done = false
  try {
    while (!done) {
      // A promise of its own for every step: a race would keep them all until the stream ends.
      const step = await new Promise<IteratorResult<T>>((resolve, reject) => {
        giveUp = reject
        iterator.next().then(resolve, reject)
        if (signal.aborted) onAbort()
      })
      done = step.done === true
      if (step.done !== true) take(step.value)
    }
  } finally {
    signal.removeEventListener('abort', onAbort)
    // It may hang in there for ever, and whoever leaves is not interested in how it ends.
    if (!done) iterator.return?.().then(undefined, () => undefined)
  }
}

function nobodyWaits(): void {
  // Between two steps the next one finds out by itself.
}
