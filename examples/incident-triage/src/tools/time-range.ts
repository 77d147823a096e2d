import * as z from 'zod'

/** A point in time as the tools take it: ISO 8601, UTC. */
export const TimeSchema: z.ZodType<string> = z.iso
  .datetime({ precision: null, error: 'expected a time like 2026-03-14T09:55:00Z' })
  .describe('ISO 8601, UTC, like 2026-03-14T09:55:00Z')

/** Reports whether `time` is from `from` on and before `to`; an absent end is open. */
export function isWithin(time: string, from: string | undefined, to: string | undefined): boolean {
  const at = Date.parse(time)
  return (from === undefined || at >= Date.parse(from)) && (to === undefined || at < Date.parse(to))
}
