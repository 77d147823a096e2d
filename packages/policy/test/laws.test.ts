import fc from 'fast-check'
import { expect, test } from 'vitest'

import {
  ACCESS_EFFECTS,
  accessPolicyText,
  createAccessPolicy,
  evaluateCall,
  hashAccessPolicy,
  type AccessEffect,
  type AccessRuleData,
} from '../src/index.ts'
import { callOf, decide, quote, SHELL_POLICY } from './shell-policy.ts'

const strength = (effect: AccessEffect): number => ACCESS_EFFECTS.indexOf(effect)

/** Pieces of scripts: put together they parse now and then, and are nearly right otherwise. */
const PIECES =
  "rm|ls|$X|\"|'|\\|$(|)|`|;|\n|&&|\\||(|{ | }|<<E\n|\nE\n|if |then |fi|for x in |do |done|case x in |esac|;;|env |bash -c |eval |=|$((|))|[[ | ]]|{a,|}|#|>|<|<(|*|~|$'|sudo |xargs |-I{} |find -exec |+|\0|é".split(
    /(?<!\\)\|/,
  )
const pieces = fc.array(fc.constantFrom(...PIECES), { maxLength: 40 }).map((list) => list.join(''))
const anyScript = fc.oneof(pieces, fc.string({ unit: 'binary', maxLength: 60 }), fc.string({ maxLength: 60 }))

/** Ways to run a script inside of another one. */
const WRAPPERS: readonly ((script: string) => string)[] = [
  (script) => `bash -c ${quote(script)}`,
  (script) => `sh -lc ${quote(script)}`,
  (script) => `/usr/bin/env A=1 bash -c ${quote(script)}`,
  (script) => `sudo -u root bash -c ${quote(script)}`,
  (script) => `doas sh -c ${quote(script)}`,
  (script) => `ls | xargs -n 1 bash -c ${quote(script)}`,
  (script) => `nohup timeout 5 nice -n 3 bash -c ${quote(script)} &`,
  (script) => `stdbuf -oL setsid -f bash -c ${quote(script)}`,
  (script) => `command exec bash -c ${quote(script)}`,
  (script) => `eval ${quote(script)}`,
  (script) => `watch -n 1 ${quote(script)}`,
  (script) => `ssh -p 22 host ${quote(script)}`,
  (script) => `su -c ${quote(script)}`,
  (script) => `find . -exec bash -c ${quote(script)} {} ;`,
  (script) => `busybox sh -c ${quote(script)}`,
  (script) => `env -S ${quote(`bash -c ${quote(script)}`)}`,
  (script) => `trap ${quote(script)} EXIT`,
  (script) => `echo "$( ${script})"`,
  (script) => `cat <(${script}\n)`,
  (script) => `(${script}\n)`,
  (script) => `{ ${script}\n}`,
  (script) => `if ls; then ${script}\nfi`,
  (script) => `for a in b; do ${script}\ndone`,
  (script) => `f() { ${script}\n}; f`,
  (script) => `case a in a) ${script}\n;; esac`,
  (script) => `ls && ${script}`,
  (script) => `ls | ${script}`,
  (script) => `bash <<'END${script.length}'\n${script}\nEND${script.length}\n`,
  (script) => `bash <<< ${quote(script)}`,
]

/** Ways to write the name of a program. */
const SPELLINGS: readonly string[] = [
  'rm',
  '/bin/rm',
  './rm',
  String.raw`r\m`,
  "'rm'",
  '"rm"',
  "r''m",
  String.raw`$'\x72m'`,
  '$"rm"',
  '{rm,}',
]

test('no text makes a decision throw', () => {
  fc.assert(
    fc.property(anyScript, fc.string(), (script, input) => {
      const policy = createAccessPolicy(SHELL_POLICY)
      expect(ACCESS_EFFECTS).toContain(evaluateCall(policy, callOf(script)).effect)
      expect(ACCESS_EFFECTS).toContain(evaluateCall(policy, { tool: 'bash', input }).effect)
    }),
    { numRuns: 300 },
  )
})

test('what is denied stays so in any spelling, in any wrapper, three deep', () => {
  const wrappers = fc.array(fc.constantFrom(...WRAPPERS), { maxLength: 3 })
  fc.assert(
    fc.property(fc.constantFrom(...SPELLINGS), wrappers, (program, around) => {
      const script = around.reduce((inner, wrap) => wrap(inner), `${program} -rf x`)
      expect({ script, ...decide(script) }).toMatchObject({ effect: 'deny', rules: ['no-rm'] })
    }),
    { numRuns: 300 },
  )
})

test('whoever runs a script in another shell is not asked less than who runs it at once', () => {
  const lenient = createAccessPolicy({ ...SHELL_POLICY, default: 'allow' })
  const effectOf = (script: string): AccessEffect => evaluateCall(lenient, callOf(script)).effect
  // bash settles what other shells read in another way: then there is less to ask about.
  const shells = WRAPPERS.filter((wrap) => wrap("'").includes(String.raw`'\''`) && !wrap('').includes('bash'))
  fc.assert(
    fc.property(pieces, fc.constantFrom(...shells), (script, wrap) => {
      // Some take a script that begins like an option for one.
      fc.pre(!script.includes('\0') && !script.startsWith('-'))
      expect(strength(effectOf(wrap(script)))).toBeGreaterThanOrEqual(strength(effectOf(script)))
    }),
    { numRuns: 300 },
  )
})

const ruleData: fc.Arbitrary<AccessRuleData> = fc.record(
  {
    effect: fc.constantFrom(...ACCESS_EFFECTS),
    tool: fc.constantFrom('bash', '*', 'other'),
    command: fc.record(
      {
        at: fc.constant('/command'),
        program: fc.constantFrom('rm', 'ls', '*', 'bash', '/bin/*'),
        args: fc.constantFrom(['**'], ['x'], []),
        has: fc.constantFrom(['x'], ['-r']),
      },
      { requiredKeys: ['at'] },
    ),
    when: fc.constantFrom({ '/command': { glob: '*x*' } }, { '/nothing': { exists: true } }),
  },
  { requiredKeys: ['effect', 'tool'] },
)

const scripts = fc.oneof(
  fc.constantFrom('rm x', 'ls', 'ls x; rm', '$X', 'bash -c "ls; rm x"', 'python -c 1', '/bin/ls -r', '', 'true'),
  pieces,
)

test('a rule that asks or denies makes nothing less restrictive but what the default stood for', () => {
  fc.assert(
    fc.property(fc.array(ruleData, { maxLength: 4 }), ruleData, scripts, (rules, rule, script) => {
      fc.pre(rule.effect !== 'allow')
      // With the weakest default, nothing is lost when a rule takes its place.
      const before = evaluateCall(createAccessPolicy({ version: 1, default: 'allow', rules }), callOf(script))
      const after = evaluateCall(
        createAccessPolicy({ version: 1, default: 'allow', rules: [...rules, { ...rule, id: 'new' }] }),
        callOf(script),
      )
      expect(strength(after.effect)).toBeGreaterThanOrEqual(strength(before.effect))
    }),
    { numRuns: 300 },
  )
})

test('an allow never lifts what a rule denies for sure', () => {
  fc.assert(
    fc.property(fc.array(ruleData, { maxLength: 4 }), ruleData, scripts, (rules, rule, script) => {
      const policyOf = (list: readonly AccessRuleData[]) =>
        createAccessPolicy({ version: 1, default: 'ask', rules: list })
      const before = evaluateCall(policyOf(rules), callOf(script))
      const after = evaluateCall(policyOf([...rules, { ...rule, effect: 'allow', id: 'new' }]), callOf(script))
      expect(after.effect === 'deny').toBe(before.effect === 'deny')
    }),
    { numRuns: 300 },
  )
})

test('the order of the rules does not matter to the effect, and only the order of its rules to the decision', () => {
  fc.assert(
    fc.property(fc.array(ruleData, { maxLength: 5 }), scripts, (list, script) => {
      const rules = list.map((rule, at) => ({ ...rule, id: `r${at}` }))
      const one = evaluateCall(createAccessPolicy({ version: 1, rules }), callOf(script))
      const other = evaluateCall(createAccessPolicy({ version: 1, rules: rules.toReversed() }), callOf(script))
      expect(other.effect).toBe(one.effect)
      expect(other.rules.toSorted()).toEqual(one.rules.toSorted())
    }),
  )
})

test('two policies together are as strict as the stricter of them', () => {
  fc.assert(
    fc.property(fc.array(ruleData), fc.array(ruleData), scripts, (first, second, script) => {
      const policies = [first, second].map((rules) => createAccessPolicy({ version: 1, rules }))
      const each = policies.map((policy) => strength(evaluateCall(policy, callOf(script)).effect))
      expect(strength(evaluateCall(policies, callOf(script)).effect)).toBe(Math.max(...each))
    }),
  )
})

test('a policy read from its own text is the same policy', () => {
  fc.assert(
    fc.property(fc.array(ruleData, { maxLength: 5 }), (rules) => {
      const policy = createAccessPolicy({ version: 1, rules })
      const again = createAccessPolicy(JSON.parse(accessPolicyText(policy)))
      expect(hashAccessPolicy(again)).toEqual(hashAccessPolicy(policy))
    }),
  )
})
