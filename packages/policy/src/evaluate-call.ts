import type { AccessEffect, AccessPolicy, AccessRule, CommandPlace, NormalCommandMatch } from './access-policy.ts'
import { fitsConditions, type Reading } from './condition.ts'
import { fitsCommand, matchScript, type Match } from './match-command.ts'
import { fitsOne } from './pattern.ts'
import { valuesAt } from './pointer.ts'
import { opaqueScript, readCommand, readScript } from './shell/read-script.ts'
import type { ShellCommand, ShellScript } from './shell/shell-command.ts'
import { allOf, type Verdict } from './verdict.ts'
import { MAX_WORK, workOf } from './work.ts'

/** A call of a tool, as the model asks for it. */
export interface ToolCall {
  /** The name of the tool. */
  readonly tool: string
  /** The arguments, as JSON text. */
  readonly input: string
}

/** What a policy says about a call. */
export interface AccessDecision {
  readonly effect: AccessEffect
  /** Why, in one line. */
  readonly reason: string
  /** The ids of the rules that lead to the effect, in order; none when it is the default of the policy. */
  readonly rules: readonly string[]
  /** The command of the script that the effect is about, as it is written. Default: the call as a whole. */
  readonly command?: string
}

/**
 * Decides what becomes of a call: the most restrictive of all that the rules
 * say, and of several policies the most restrictive answer.
 *
 * - Rules without a `command` are about the call as a whole, and about every
 *   command in it.
 * - Every command of a script is judged as if it were a call of its own, and
 *   the most restrictive answer counts: all must be allowed for the script to be.
 * - What no rule is about becomes what the policy has as its default.
 * - What cannot be known before a script runs is never allowed by a rule about
 *   commands, and where rules about commands ask or deny, someone is asked.
 *
 * Never throws, whatever the text of the call. Nothing is run or read for it.
 */
export function evaluateCall(policies: AccessPolicy | readonly AccessPolicy[], call: ToolCall): AccessDecision {
  const scripts = new Map<string, ScriptAt>()
  const input = parseInput(call.input)
  const list: readonly AccessPolicy[] = 'rules' in policies ? [policies] : policies
  const findings = list.flatMap((policy) => judge(policy, { tool: call.tool, input, scripts }))
  return strictest(findings) ?? { effect: 'ask', reason: 'there is no policy', rules: [] }
}

interface Subject {
  readonly tool: string
  readonly input: Input
  /** The scripts that were read, by their places: rules share them. */
  readonly scripts: Map<string, ScriptAt>
}

/** The parsed arguments; `undefined` for a text that is no JSON. */
type Input = { readonly value: unknown } | undefined

/** A script that was read; `none` when there is no command at its place, `unknown` when what is there is none. */
type ScriptAt = ShellScript | 'none' | 'unknown'

interface Finding {
  readonly effect: AccessEffect
  /** The rule that leads to the effect; none when it is the default. */
  readonly rule?: string
  readonly command?: string
  /** Says why. Only that of the strictest finding is ever wanted. */
  explain(): string
}

function parseInput(text: string): Input {
  // That is how some vendors write a call without arguments.
  if (text === '') return { value: {} }
  try {
    return { value: JSON.parse(text) }
  } catch {
    // What is no JSON fits no condition, and may fit each.
    return undefined
  }
}

/** Everything that one policy has to say about a call. */
function judge(policy: AccessPolicy, subject: Subject): readonly Finding[] {
  const rules = policy.rules.filter((rule) => fitsOne(rule.tool, subject.tool))
  const plain = rules.filter((rule) => rule.command === undefined)
  const whole = plain.flatMap((rule) => findingOf(rule, fitsCall(rule, subject)))
  const commands = rules.filter((rule) => rule.command !== undefined)
  const places = new Map(commands.map((rule) => [placeKey(rule), rule.command?.at]))
  const within = Array.from(places, ([key, at]) => {
    const about = commands.filter((rule) => placeKey(rule) === key)
    return at === undefined ? [] : judgePlace({ policy, about, at, whole }, subject)
  }).flat()
  if (whole.length > 0 || within.length > 0) return [...whole, ...within]
  return [fallback(policy, () => `no rule is about this call of ${subject.tool}`)]
}

function placeKey(rule: AccessRule): string {
  const at = rule.command?.at
  return typeof at === 'string' ? at : JSON.stringify([at?.program, at?.args])
}

interface Place {
  readonly policy: AccessPolicy
  /** The rules about commands at this place. */
  readonly about: readonly AccessRule[]
  readonly at: CommandPlace
  /** What is said about the call as a whole. */
  readonly whole: readonly Finding[]
}

/** What the rules say about the commands at one place in the arguments. */
function judgePlace(place: Place, subject: Subject): readonly Finding[] {
  const script = scriptAt(place.at, subject)
  if (script === 'none') return []
  if (script === 'unknown') {
    return place.about.flatMap((rule) => findingOf(rule, fitsCall(rule, subject) === 'no' ? 'no' : 'maybe'))
  }
  const work = workOf(
    place.about.flatMap(({ command }) => command ?? []),
    script,
  )
  const judged = work > MAX_WORK ? opaqueScript('there is too much in the script to be judged') : script
  const looks = place.about.flatMap((rule) => lookOf(rule, judged, subject))
  const findings = judged.commands.flatMap((command) => judgeCommand(place, command, looks))
  return findings.length > 0 ? findings : judgeIdle(judged, looks)
}

/** A script that runs nothing, such as `x=1`, is allowed by whoever allows commands and such variables here. */
function judgeIdle({ commands }: ShellScript, looks: readonly Look[]): readonly Finding[] {
  const allows = looks.filter(({ rule, call, how }) => rule.effect === 'allow' && call === 'yes' && how.permitsSets)
  if (commands.length === 0) return []
  return allows.map(({ rule }) => ({
    effect: 'allow',
    rule: rule.id,
    explain: () => `rule ${rule.id} has allow for commands, and the script runs none that needs it`,
  }))
}

/** What is the same of a rule for all commands of a script. */
interface Look {
  readonly rule: AccessRule
  readonly match: NormalCommandMatch
  /** Whether the rule is about the call. */
  readonly call: Verdict
  readonly how: Match
}

function lookOf(rule: AccessRule, script: ShellScript, subject: Subject): readonly Look[] {
  const { command: match } = rule
  if (match === undefined) return []
  const how = matchScript(match, readingOf(rule), script)
  return [{ rule, match, call: fitsCall(rule, subject), how }]
}

function judgeCommand(place: Place, command: ShellCommand, looks: readonly Look[]): readonly Finding[] {
  const { policy, whole } = place
  const allows = looks
    .filter(({ rule }) => rule.effect === 'allow')
    .map((look) => ({ rule: look.rule, verdict: fitsLook(look, command) }))
  const allowed = allows.some(({ verdict }) => verdict === 'yes')
  const limits = looks
    .filter(({ rule }) => rule.effect !== 'allow')
    .map((look) => {
      const { rule, call } = look
      const verdict = fitsLook(look, command)
      // What is hidden may be anything, unless someone allows the program by its name, knowing that.
      const mayHide = verdict === 'no' && command.hidden !== undefined && !allowed
      return { rule, verdict: mayHide && call !== 'no' ? ('maybe' as const) : verdict }
    })
  const findings = [...allows, ...limits].flatMap(({ rule, verdict }) => findingOf(rule, verdict, command))
  if (findings.length > 0 || command.carrier || whole.length > 0) return findings
  const why = command.hidden === undefined ? '' : `, and ${command.hidden}`
  const reason = (): string => `no rule is about ${named(command)}${why}`
  return [{ ...fallback(policy, reason, command.hidden !== undefined), command: command.text }]
}

/** Judges whether a rule about commands is about this one, in this call. */
function fitsLook({ match, call, how }: Look, command: ShellCommand): Verdict {
  return call === 'no' ? 'no' : allOf([call, fitsCommand(match, command, how)])
}

/** What a policy has for everything that no rule is about. What is hidden is asked about at least. */
function fallback(policy: AccessPolicy, reason: () => string, hidden = false): Finding {
  const effect = hidden && policy.default === 'allow' ? 'ask' : policy.default
  return { effect, explain: () => `${reason()}: ${policy.name ?? 'the policy'} has ${effect} for that` }
}

function fitsCall(rule: AccessRule, { input }: Subject): Verdict {
  if (rule.when === undefined) return 'yes'
  return input === undefined ? 'maybe' : fitsConditions(rule.when, input.value, readingOf(rule))
}

function readingOf(rule: AccessRule): Reading {
  return rule.effect === 'allow' ? 'strict' : 'wary'
}

/** What a rule leads to. One that may be about a call does not allow it; when it would ask or deny, someone is asked. */
function findingOf(rule: AccessRule, verdict: Verdict, command?: ShellCommand): readonly Finding[] {
  if (verdict === 'no' || (verdict === 'maybe' && rule.effect === 'allow')) return []
  const effect = verdict === 'yes' ? rule.effect : 'ask'
  return [
    {
      effect,
      rule: rule.id,
      explain: () => explainRule(rule, verdict, command),
      ...(command === undefined ? {} : { command: command.text }),
    },
  ]
}

function explainRule(rule: AccessRule, verdict: Verdict, command: ShellCommand | undefined): string {
  const about = command === undefined ? 'this call' : named(command)
  const because = rule.reason === undefined ? '' : `: ${rule.reason}`
  if (verdict === 'yes') return `rule ${rule.id} has ${rule.effect} for ${about}${because}`
  const hidden = command?.hidden === undefined ? '' : `, because ${command.hidden}`
  return `rule ${rule.id}, which has ${rule.effect}, may be about ${about}${hidden}${because}`
}

function named(command: ShellCommand): string {
  return command.text === '' ? 'what the script runs' : `the command ${JSON.stringify(command.text)}`
}

function scriptAt(at: CommandPlace, { input, scripts }: Subject): ScriptAt {
  const key = JSON.stringify(at)
  const known = scripts.get(key)
  if (known !== undefined) return known
  const script = input === undefined ? 'unknown' : readPlace(at, input.value)
  scripts.set(key, script)
  return script
}

function readPlace(at: CommandPlace, input: unknown): ScriptAt {
  if (typeof at === 'string') {
    const [value] = valuesAt(input, at)
    if (value === undefined) return 'none'
    if (typeof value === 'string') return readScript(value)
    return isTexts(value) ? readWords(value) : 'unknown'
  }
  const [program] = valuesAt(input, at.program)
  const [args = []] = valuesAt(input, at.args)
  if (program === undefined) return 'none'
  return typeof program === 'string' && isTexts(args) ? readCommand(program, args) : 'unknown'
}

function readWords([program, ...args]: readonly string[]): ScriptAt {
  if (program === undefined) return 'none'
  // Some tools make one text of a list, and give it to a shell.
  if (/[\s;|&<>()$`]/.test(program)) return opaqueScript('its program may be a script')
  return readCommand(program, args)
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((element) => typeof element === 'string')
}

const STRENGTH: Readonly<Record<AccessEffect, number>> = { allow: 0, ask: 1, deny: 2 }

/** The stricter first; of the same strength a rule says more than the default does. */
function weightOf({ effect, rule }: Finding): number {
  return STRENGTH[effect] * 2 + (rule === undefined ? 0 : 1)
}

/** The decision that the findings come to. The first of the strictest says why. */
function strictest(findings: readonly Finding[]): AccessDecision | undefined {
  let best: Finding | undefined
  for (const finding of findings) if (best === undefined || weightOf(finding) > weightOf(best)) best = finding
  if (best === undefined) return undefined
  const { effect, command } = best
  const ids = new Set(findings.flatMap((finding) => (finding.effect === effect ? [finding.rule] : [])))
  const rules = Array.from(ids).filter((id) => id !== undefined)
  return { effect, reason: best.explain(), rules, ...(command === undefined ? {} : { command }) }
}
