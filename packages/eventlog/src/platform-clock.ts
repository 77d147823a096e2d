/**
 * Returns the milliseconds since the epoch by the platform's monotonic clock.
 *
 * The default of the two places here that take a clock: how long a lease lasts
 * and how long an append took. Neither ever becomes part of an event, so no
 * replay depends on it.
 */
export function platformNow(): number {
  // oxlint-disable-next-line no-restricted-globals -- the only default clock; see above
  const { timeOrigin } = performance
  // oxlint-disable-next-line no-restricted-globals -- the only default clock; see above
  return timeOrigin + performance.now()
}
