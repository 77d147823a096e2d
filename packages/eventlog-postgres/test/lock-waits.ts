import { rowsOf } from './server.ts'

/** Resolves once a connection of this application waits for a lock. */
export async function untilWaitingForLock(url: string, applicationName: string): Promise<void> {
  for (;;) {
    const waiting = await rowsOf(
      url,
      "SELECT 1 FROM pg_stat_activity WHERE application_name = $1 AND wait_event_type = 'Lock'",
      [applicationName],
    )
    if (waiting.length > 0) return
  }
}
