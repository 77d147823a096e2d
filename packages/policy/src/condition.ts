import type { NormalCondition } from './access-policy.ts'
import { isUnder, mayFit, parsePath } from './path.ts'
import { fitsOne } from './pattern.ts'
import { valuesAt } from './pointer.ts'
import { allOf, anyOf, type Verdict } from './verdict.ts'

/** How a rule looks at values: an `allow` wants all elements of a list to fit, the others one of them. */
export type Reading = 'strict' | 'wary'

/** Judges the conditions of a rule on the arguments of a call. */
export function fitsConditions(
  when: Readonly<Record<string, NormalCondition>>,
  input: unknown,
  reading: Reading,
): Verdict {
  return allOf(Object.entries(when).map(([pointer, condition]) => fitsAt(condition, valuesAt(input, pointer), reading)))
}

function fitsAt(condition: NormalCondition, values: readonly unknown[], reading: Reading): Verdict {
  if (values.length === 0) return condition.exists === false ? 'yes' : 'no'
  if (condition.exists === false) return 'no'
  const verdicts = values.map((value) => fitsValue(condition, value, reading))
  return reading === 'strict' ? allOf(verdicts) : anyOf(verdicts)
}

function fitsValue(condition: NormalCondition, value: unknown, reading: Reading): Verdict {
  const { equals, oneOf, prefix, glob, under, host, atMost, atLeast } = condition
  const verdicts: Verdict[] = []
  const check = (holds: boolean): number => verdicts.push(holds ? 'yes' : 'no')
  if (equals !== undefined) check(value === equals)
  if (oneOf !== undefined) check(oneOf.some((candidate) => candidate === value))
  if (prefix !== undefined) check(typeof value === 'string' && prefix.some((start) => value.startsWith(start)))
  if (glob !== undefined) check(typeof value === 'string' && fitsOne(glob, value))
  if (atMost !== undefined) check(typeof value === 'number' && value <= atMost)
  if (atLeast !== undefined) check(typeof value === 'number' && value >= atLeast)
  if (under !== undefined) verdicts.push(typeof value === 'string' ? fitsFolder(under, value, reading) : 'no')
  if (host !== undefined) verdicts.push(typeof value === 'string' ? fitsHost(host, value) : 'no')
  return allOf(verdicts)
}

function fitsFolder(folders: readonly string[], text: string, reading: Reading): Verdict {
  if (text === '' || text.includes('\0')) return 'maybe'
  // Some file systems make no difference between cases; a rule that refuses must not either.
  const read = (path: string): string => (reading === 'wary' ? path.toLowerCase() : path)
  const path = parsePath(read(text))
  const verdicts = folders.map((folder): Verdict => {
    const wanted = parsePath(read(folder))
    if (isUnder(wanted, path)) return 'yes'
    return mayFit(wanted, path) ? 'maybe' : 'no'
  })
  return anyOf(verdicts)
}

function fitsHost(hosts: readonly string[], text: string): Verdict {
  if (!URL.canParse(text)) return 'maybe'
  const url = new URL(text)
  const name = url.hostname.replace(/\.$/, '')
  if (name === '') return 'no'
  const port = url.port === '' ? (DEFAULT_PORTS.get(url.protocol) ?? '') : url.port
  const fits = hosts.some((host) => {
    const wanted = host.toLowerCase()
    return fitsOne([wanted], /:(\d+|\*)$/.test(wanted) ? `${name}:${port}` : name)
  })
  return fits ? 'yes' : 'no'
}

const DEFAULT_PORTS: ReadonlyMap<string, string> = new Map([
  ['http:', '80'],
  ['https:', '443'],
  ['ws:', '80'],
  ['wss:', '443'],
  ['ftp:', '21'],
])
