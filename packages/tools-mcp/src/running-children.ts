/**
 * What is to be done when this process ends before {@link unregister} was called.
 *
 * One listener for all of them: node warns of more than ten.
 */
const ends = new Set<() => void>()

/** Calls `end` when this process ends by itself or by an error. */
export function register(end: () => void): void {
  if (ends.size === 0) process.on('exit', endAll)
  ends.add(end)
}

/** Undoes {@link register}. */
export function unregister(end: () => void): void {
  ends.delete(end)
  if (ends.size === 0) process.removeListener('exit', endAll)
}

function endAll(): void {
  for (const end of ends) end()
}
