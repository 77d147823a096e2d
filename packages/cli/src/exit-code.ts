/**
 * What the process exits with. The numbers are part of the interface: scripts
 * branch on them.
 */
export const EXIT = {
  ok: 0,
  /** Something went wrong that no other code names. */
  failure: 1,
  /** The arguments make no sense; nothing was done. */
  usage: 2,
  /** A replay did not reproduce its recording. */
  diverged: 3,
  /** A run is not what its hashes say. */
  corrupt: 4,
  /** There is no such log, run, file or model. */
  notFound: 5,
  /** The run waits for decisions and has been left open. */
  suspended: 6,
  /** Ended by an interrupt from the terminal. */
  interrupted: 130,
  /** Ended by a request to terminate. */
  terminated: 143,
} as const

/** One of the numbers of {@link EXIT}. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]
