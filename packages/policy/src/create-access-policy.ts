import {
  ACCESS_EFFECTS,
  type AccessEffect,
  type AccessPolicy,
  type AccessPolicyData,
  type AccessRule,
  type CommandPlace,
  type JsonScalar,
  type NormalCommandMatch,
  type NormalCondition,
} from './access-policy.ts'
import {
  invalid,
  join,
  readEntries,
  readList,
  readNumber,
  readObject,
  readText,
  readTexts,
  readWord,
  show,
} from './field-reader.ts'
import { parsePointer } from './pointer.ts'

const POLICY_FIELDS = ['version', 'name', 'default', 'rules']
const RULE_FIELDS = ['id', 'effect', 'tool', 'when', 'command', 'reason']
const MATCH_FIELDS = 'at program args has not sets reads writes maySet mayRead mayWrite'.split(' ')
const CONDITION_FIELDS = ['equals', 'oneOf', 'prefix', 'glob', 'under', 'host', 'atMost', 'atLeast', 'exists']

/** More rules than anyone reads; the cap bounds what a decision costs. */
const MAX_RULES = 1000

/** Where the built-in `shell` has its command. */
const SHELL_TOOL: CommandPlace = { program: '/program', args: '/args' }

/**
 * Checks the data of an access policy and fills everything in.
 *
 * The result is data too: JSON that gives the same policy when it is read again.
 *
 * @throws {@link PolicyError} `POLICY_INVALID` for a field that does not exist, a value that is not
 * possible or two rules of one id; the message has the path of the problem.
 */
export function createAccessPolicy(data: AccessPolicyData): AccessPolicy {
  const fields = readObject(data, '', POLICY_FIELDS)
  if (fields.get('version') !== 1) throw invalid('version', `is ${show(fields.get('version'))}, expected 1`)
  const rules = readRules(fields.get('rules'))
  const name = optional(fields.get('name'), 'name', readText)
  const fallback = optional(fields.get('default'), 'default', readEffect) ?? 'ask'
  return freeze({ version: 1, ...defined({ name }), default: fallback, rules })
}

function readRules(value: unknown): readonly AccessRule[] {
  // A policy without rules is one: everything is left to its default.
  if (!Array.isArray(value)) throw invalid('rules', `is ${show(value)}, expected a list`)
  if (value.length > MAX_RULES) throw invalid('rules', `has ${value.length} rules, expected at most ${MAX_RULES}`)
  const rules = value.map((rule: unknown, at) => readRule(rule, at))
  const seen = new Map<string, number>()
  for (const [at, { id }] of rules.entries()) {
    const first = seen.get(id)
    if (first !== undefined) throw invalid(`rules[${at}].id`, `is ${show(id)}, which rules[${first}] has already`)
    seen.set(id, at)
  }
  return rules
}

function readRule(value: unknown, at: number): AccessRule {
  const path = `rules[${at}]`
  const fields = readObject(value, path, RULE_FIELDS)
  const effect = readEffect(fields.get('effect'), `${path}.effect`)
  return {
    id: optional(fields.get('id'), `${path}.id`, readText) ?? `#${at}`,
    effect,
    tool: readTexts(fields.get('tool'), `${path}.tool`),
    ...defined({
      when: optional(fields.get('when'), `${path}.when`, readWhen),
      command: optional(fields.get('command'), `${path}.command`, (match, matchPath) =>
        readCommandMatch(match, { path: matchPath, effect }),
      ),
      reason: optional(fields.get('reason'), `${path}.reason`, readText),
    }),
  }
}

function readEffect(value: unknown, path: string): AccessEffect {
  return readWord(value, path, ACCESS_EFFECTS)
}

function readWhen(value: unknown, path: string): Readonly<Record<string, NormalCondition>> {
  const conditions = Array.from(readEntries(value, path), ([pointer, condition]) => {
    const at = join(path, pointer)
    readPointer(pointer, at)
    return [pointer, readCondition(condition, at)] as const
  })
  if (conditions.length === 0) throw invalid(path, 'is empty, expected a condition')
  return Object.fromEntries(conditions)
}

function readCondition(value: unknown, path: string): NormalCondition {
  const fields = readObject(value, path, CONDITION_FIELDS)
  if (fields.size === 0) throw invalid(path, 'is empty, expected a condition')
  const take = <T>(name: string, read: Read<T>): T | undefined => optional(fields.get(name), join(path, name), read)
  const condition: NormalCondition = defined({
    equals: take('equals', readScalar),
    oneOf: take('oneOf', (list, at) => readList(list, at, readScalar)),
    prefix: take('prefix', readTexts),
    glob: take('glob', readTexts),
    under: take('under', readTexts),
    host: take('host', readTexts),
    atMost: take('atMost', readNumber),
    atLeast: take('atLeast', readNumber),
    exists: take('exists', readBoolean),
  })
  if (condition.exists === false && fields.size > 1) {
    throw invalid(`${path}.exists`, 'is false, which no other condition can go with')
  }
  return condition
}

function readCommandMatch(value: unknown, rule: { path: string; effect: AccessEffect }): NormalCommandMatch {
  const { path, effect } = rule
  const fields = readObject(value, path, MATCH_FIELDS)
  const take = <T>(name: string, read: Read<T>): T | undefined => optional(fields.get(name), join(path, name), read)
  for (const name of ['maySet', 'mayRead', 'mayWrite']) {
    if (fields.has(name) && effect !== 'allow') throw invalid(`${path}.${name}`, `belongs to allow, not to ${effect}`)
  }
  return {
    at: take('at', readPlace) ?? SHELL_TOOL,
    ...defined({
      program: take('program', readTexts),
      // No arguments at all is a list to ask for, and so is the empty argument.
      args: take('args', (list, at) =>
        Array.isArray(list) && list.length === 0 ? [] : readList(list, at, readArgument),
      ),
      has: take('has', (list, at) => readList(list, at, readTexts)),
      not: take('not', readTexts),
      sets: take('sets', readTexts),
      reads: take('reads', readTexts),
      writes: take('writes', readTexts),
      maySet: take('maySet', readTexts),
      mayRead: take('mayRead', readTexts),
      mayWrite: take('mayWrite', readTexts),
    }),
  }
}

function readArgument(value: unknown, path: string): string {
  return value === '' ? '' : readText(value, path)
}

function readPlace(value: unknown, path: string): CommandPlace {
  if (typeof value === 'string') return readOnePlace(value, path)
  const fields = readObject(value, path, ['program', 'args'])
  return {
    program: readOnePlace(fields.get('program'), `${path}.program`),
    args: readOnePlace(fields.get('args'), `${path}.args`),
  }
}

/** A pointer to one value: of several commands, only the first would be read. */
function readOnePlace(value: unknown, path: string): string {
  const pointer = readPointer(value, path)
  if (parsePointer(pointer)?.includes('*') === true) {
    throw invalid(path, `is ${show(pointer)}, expected a pointer without *`)
  }
  return pointer
}

function readPointer(value: unknown, path: string): string {
  const pointer = readText(value, path)
  if (parsePointer(pointer) === undefined) {
    throw invalid(path, `is ${show(pointer)}, expected a JSON pointer such as /url`)
  }
  return pointer
}

function readScalar(value: unknown, path: string): JsonScalar {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number') return readNumber(value, path)
  throw invalid(path, `is ${show(value)}, expected a text, a number, true, false or null`)
}

function readBoolean(value: unknown, path: string): boolean {
  if (typeof value !== 'boolean') throw invalid(path, `is ${show(value)}, expected true or false`)
  return value
}

type Read<T> = (value: unknown, path: string) => T

function optional<T>(value: unknown, path: string, read: Read<T>): T | undefined {
  return value === undefined ? undefined : read(value, path)
}

type Defined<T> = { [Name in keyof T]?: Exclude<T[Name], undefined> }

/** The same object without the fields that are `undefined`. */
function defined<T extends object>(fields: T): Defined<T> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Object.fromEntries knows no names of fields
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>
}

/** Freezes data and everything in it. */
function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  Object.values(value).forEach((part) => freeze(part))
  return Object.freeze(value)
}
