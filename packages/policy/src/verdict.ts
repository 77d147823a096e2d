/** Whether something fits, when what it is about may be known in part only. */
export type Verdict = 'yes' | 'maybe' | 'no'

/** `yes` when all are. */
export function allOf(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes('no')) return 'no'
  return verdicts.includes('maybe') ? 'maybe' : 'yes'
}

/** `yes` when one is. */
export function anyOf(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes('yes')) return 'yes'
  return verdicts.includes('maybe') ? 'maybe' : 'no'
}

/** Turns a verdict around; what may be stays so. */
export function not(verdict: Verdict): Verdict {
  if (verdict === 'maybe') return 'maybe'
  return verdict === 'yes' ? 'no' : 'yes'
}
