/**
 * What is to be done when this process ends before {@link unregister} was called.
 *
 * One listener for all of them: node warns of more than ten.
 */
const ends = new Set<() => void>()

/** What ends a process that does not listen to it; a server has a process group of its own and does not get it. */
const SIGNALS = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const

/** Calls `end` when this process ends by itself, by an error or by a signal that nobody else listens to. */
export function register(end: () => void): void {
  if (ends.size === 0) {
    process.on('exit', endAll)
    for (const signal of SIGNALS) process.on(signal, onSignal)
  }
  ends.add(end)
}

/** Undoes {@link register}. */
export function unregister(end: () => void): void {
  ends.delete(end)
  if (ends.size === 0) removeListeners()
}

function removeListeners(): void {
  process.removeListener('exit', endAll)
  for (const signal of SIGNALS) process.removeListener(signal, onSignal)
}

/** A program with a listener of its own says itself when it ends, and may need its servers until then. */
function onSignal(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1 + countExitHooks()) return
  endAll()
  removeListeners()
  process.kill(process.pid, signal)
}

/**
 * The listeners of the package `signal-exit`, which many others use and which counts them
 * there: like ours, they end the program only where nobody else listens.
 */
function countExitHooks(): number {
  const emitters: readonly unknown[] = [
    Reflect.get(globalThis, Symbol.for('signal-exit emitter')),
    Reflect.get(process, '__signal_exit_emitter__'),
  ]
  return emitters
    .map((emitter) => (typeof emitter === 'object' && emitter !== null ? Number(Reflect.get(emitter, 'count')) : 0))
    .reduce((sum, count) => sum + (count || 0), 0)
}

function endAll(): void {
  for (const end of ends) end()
}
