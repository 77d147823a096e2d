import type { JsonScalar, NormalCondition } from './access-policy.ts'
import { foldName } from './fold-name.ts'
import { fitsHost } from './host.ts'
import { isUnder, mayFit, parsePath } from './path.ts'
import { fitsOne } from './pattern.ts'
import { findAt, type Found } from './pointer.ts'
import { allOf, anyOf, type Verdict } from './verdict.ts'

/** How a rule looks at values: an `allow` wants all elements of a list to fit, the others one of them. */
export type Reading = 'strict' | 'wary'

/** Judges the conditions of a rule on the arguments of a call. */
export function fitsConditions(
  when: Readonly<Record<string, NormalCondition>>,
  input: unknown,
  reading: Reading,
): Verdict {
  return allOf(Object.entries(when).map(([pointer, condition]) => fitsAt(condition, findAt(input, pointer), reading)))
}

function fitsAt(condition: NormalCondition, { values, missing }: Found, reading: Reading): Verdict {
  if (condition.exists === false) {
    if (reading === 'wary') return values.length === 0 || missing ? 'yes' : 'no'
    return values.length === 0 ? 'yes' : 'no'
  }
  if (values.length === 0) return 'no'
  const verdicts = values.map((value) => fitsValue(condition, value, reading))
  if (reading === 'wary') return anyOf(verdicts)
  // An element without the value does not meet a condition on it.
  return missing ? 'no' : allOf(verdicts)
}

/** Longer texts are compared with no glob: what that takes grows with both. */
const LONGEST_TEXT = 64 * 1024

function fitsValue(condition: NormalCondition, value: unknown, reading: Reading): Verdict {
  const { equals, oneOf, prefix, glob, under, host, atMost, atLeast } = condition
  const scalars = [...(equals === undefined ? [] : [[equals]]), ...(oneOf === undefined ? [] : [oneOf])]
  const verdicts: Verdict[] = scalars.map((list) => fitsScalar(list, value, reading))
  // What has another type than it should may be taken for the right one by the tool.
  const other: Verdict = reading === 'wary' && value !== null ? 'maybe' : 'no'
  const checkText = (fits: (text: string) => Verdict): number =>
    verdicts.push(typeof value === 'string' ? fits(value) : other)
  const checkNumber = (fits: (number: number) => boolean): number =>
    verdicts.push(typeof value === 'number' ? yesIf(fits(value)) : other)
  if (prefix !== undefined) checkText((text) => yesIf(prefix.some((start) => text.startsWith(start))))
  if (glob !== undefined) checkText((text) => (text.length > LONGEST_TEXT ? 'maybe' : yesIf(fitsOne(glob, text))))
  if (atMost !== undefined) checkNumber((number) => number <= atMost)
  if (atLeast !== undefined) checkNumber((number) => number >= atLeast)
  if (under !== undefined) checkText((text) => fitsFolder(under, text, reading))
  if (host !== undefined) checkText((text) => fitsHost(host, text, other))
  return allOf(verdicts)
}

function fitsScalar(wanted: readonly JsonScalar[], value: unknown, reading: Reading): Verdict {
  if (wanted.some((candidate) => candidate === value)) return 'yes'
  if (reading === 'strict' || value === null) return 'no'
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return 'maybe'
  return wanted.some((candidate) => String(candidate) === String(value)) ? 'maybe' : 'no'
}

function yesIf(holds: boolean): Verdict {
  return holds ? 'yes' : 'no'
}

function fitsFolder(folders: readonly string[], text: string, reading: Reading): Verdict {
  if (text === '' || text.includes('\0')) return 'maybe'
  const read = (path: string): string => (reading === 'wary' ? foldName(path) : path)
  const path = parsePath(read(text))
  const verdicts = folders.map((folder): Verdict => {
    const wanted = parsePath(read(folder))
    if (isUnder(wanted, path)) return 'yes'
    return mayFit(wanted, path) ? 'maybe' : 'no'
  })
  const verdict = anyOf(verdicts)
  // Where a backslash separates folders as a slash does, the path is another one.
  if (!text.includes('\\')) return verdict
  return reading === 'wary' && verdict === 'yes' ? 'yes' : 'maybe'
}
