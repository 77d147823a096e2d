import { execFile } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'

import { createAccessPolicy, evaluateCall } from '../src/index.ts'
import { callOf, quote } from './shell-policy.ts'

// What the rules are held to is what shells do: a program of our own leaves a
// mark when it runs, and no script in which it runs may have been allowed.

const policy = createAccessPolicy({
  version: 1,
  default: 'allow',
  rules: [{ effect: 'deny', tool: 'bash', command: { at: '/command', program: 'zap' } }],
})

/** What the scripts can run; the rest of the machine is out of reach. */
const PROGRAMS = 'env xargs timeout nice nohup stdbuf setsid flock chrt cat bash sh find true'.split(' ')

const shells = ['/bin/sh', '/bin/bash'].filter((path) => existsSync(path))
const root = mkdtempSync(join(tmpdir(), 'starling-shells-'))
const bin = makePrograms()
let runs = 0

afterAll(() => rmSync(root, { recursive: true, force: true }))

/** Scripts with the program in them, spelled in some way, or just mentioned. */
const LEAVES: readonly string[] = [
  'zap',
  'zap x',
  "'z'ap",
  String.raw`z\ap`,
  String.raw`$'\x7aap'`,
  '{zap,x}',
  '$Z x',
  '"$Z"',
  '`echo zap`',
  'env zap',
  'echo a',
  'echo zap',
  "echo 'zap'",
  'echo "$(zap)"',
  'echo `zap`',
  String.raw`echo \$\(zap\)`,
  String.raw`echo \`zap\``,
  'echo ${x:-zap}',
  'echo ${x:-$(zap)}',
  'echo a # zap',
  'x=zap',
  ': zap',
  'cat <<E\n$(zap)\nE\n',
  "cat <<'E'\n$(zap)\nE\n",
  'cat <<E\n\\$(zap)\nE\n',
  String.raw`echo $'\'; zap #'`,
]

/** What a script may stand in. Nothing here loops, calls itself or leaves the folder. */
const FRAMES: readonly ((script: string) => string)[] = [
  (script) => `${script}; echo a`,
  (script) => `echo a | ${script}`,
  (script) => `echo a && ${script}`,
  (script) => `! ${script}`,
  (script) => `(${script})`,
  (script) => `{ ${script}; }`,
  (script) => `$(${script})`,
  (script) => `echo "$(${script})"`,
  (script) => `"${script}"`,
  (script) => `cat <(${script})`,
  (script) => `bash -c ${quote(script)}`,
  (script) => `sh -ec "${script.replaceAll(/["\\$`]/g, String.raw`\$&`)}"`,
  (script) => `eval ${quote(script)}`,
  (script) => `eval "${script}"`,
  (script) => `env A=1 ${script}`,
  (script) => `env -S ${quote(script)}`,
  (script) => `timeout 1 nice ${script}`,
  (script) => `command ${script}`,
  (script) => `exec ${script}`,
  (script) => `echo a | xargs ${script}`,
  (script) => `echo ${quote(script)} | sh`,
  (script) => `printf ${quote(script)} | bash`,
  (script) => `bash <<E\n${script}\nE\n`,
  (script) => `sh <<'E'\n${script}\nE\n`,
  (script) => `bash <<< ${quote(script)}`,
  (script) => `if true; then ${script}; fi`,
  (script) => `for i in 1; do ${script}; done`,
  (script) => `case x in x) ${script};; esac`,
  (script) => `[[ ${script} ]]`,
  (script) => `((${script}))`,
  (script) => `echo $((${script}))`,
  (script) => `echo $[${script}]`,
  (script) => `x=$(${script})`,
  (script) => `x[$(${script})]=1`,
  (script) => `x=${quote(script)}; eval $x`,
  (script) => `x='a[$(${script})]'; echo $((x))`,
  (script) => `set -- ${script}; "$@"`,
  (script) => `trap ${quote(script)} EXIT`,
  (script) => String.raw`find . -maxdepth 0 -exec ${script} \;`,
  (script) => `echo a\n${script}`,
]

/** What is thrown into a script, to take it apart in other places than was meant. */
const NOISE = ['"', "'", '\\', '`', '$', '(', ')', '{', '}', ';', '\n', '#', '<<E\n', '=', "$'", '$(', '[[ ', '&', '|']

const script = fc
  .tuple(
    fc.constantFrom(...LEAVES),
    fc.array(fc.constantFrom(...FRAMES), { maxLength: 3 }),
    fc.option(fc.tuple(fc.nat(40), fc.constantFrom(...NOISE)), { freq: 2 }),
  )
  .map(([leaf, frames, noise]) => {
    const text = frames.reduce((inner, frame) => frame(inner), leaf)
    return noise === null ? text : text.slice(0, noise[0]) + noise[1] + text.slice(noise[0])
  })
  // A function could call itself for ever.
  .filter((text) => !/\(\s*\)/.test(text))

test('a script that is allowed never runs what is denied, in any shell there is', { timeout: 60_000 }, async () => {
  expect(shells).toContain('/bin/sh')
  let marked = 0
  await fc.assert(
    fc.asyncProperty(script, async (text) => {
      const { effect } = evaluateCall(policy, callOf(text))
      const ran = await Promise.all(shells.map((shell) => leavesMark(shell, text)))
      if (ran.includes(true)) marked += 1
      expect(effect === 'allow' && ran.includes(true) ? text : undefined).toBeUndefined()
    }),
    { numRuns: 60, interruptAfterTimeLimit: 20_000 },
  )
  // Otherwise nothing was shown.
  expect(marked).toBeGreaterThan(0)
})

/** Programs that run others, as far as this machine has them, with options that they take and some that they do not. */
const RUNNERS = 'env xargs timeout nice nohup stdbuf setsid flock chrt bash sh find command exec eval time'.split(' ')
const OPTIONS =
  '-i -0 -u A -C . -S -s -k 1 5 1s -n 2 -10 -p -v -o L -oL -e -a -c -f -x -r -t -l -I {} % -I% -I{} -i{} -P4 -d , -- - + A=1 a-b=2 1x=y --unset=A --unset --chdir=. --split-string= --signal=KILL --max-args=1 --max-args --replace --replace=% --adjustment=3 --output=L --wait --fork --foreground -lc -ce -euo pipefail -opipefail +x +o posix -O extglob --norc -norc -rcfile x --posix -Z --foo . -exec -ok -execdir -maxdepth /dev/null'.split(
    ' ',
  )
const ENDS = [
  'zap',
  'zap x',
  '"zap x"',
  "sh -c 'zap'",
  "'sh -c zap'",
  'A=1 zap',
  String.raw`zap \;`,
  '-c zap',
  'x -c zap',
  'zap {}',
]

const invocation = fc
  .tuple(
    fc.array(fc.constantFrom(...RUNNERS), { minLength: 1, maxLength: 2 }),
    fc.array(fc.constantFrom(...OPTIONS), { maxLength: 3 }),
    fc.constantFrom(...ENDS),
  )
  .map(([runners, options, end]) => ['echo a |', ...runners, ...options, end].join(' '))

test('a program is found behind the options of those that run it', { timeout: 60_000 }, async () => {
  let marked = 0
  await fc.assert(
    fc.asyncProperty(invocation, async (text) => {
      const { effect } = evaluateCall(policy, callOf(text))
      const ran = await Promise.all(shells.map((shell) => leavesMark(shell, text)))
      if (ran.includes(true)) marked += 1
      expect(effect === 'allow' && ran.includes(true) ? text : undefined).toBeUndefined()
    }),
    { numRuns: 60, interruptAfterTimeLimit: 20_000 },
  )
  expect(marked).toBeGreaterThan(0)
})

test.for(LEAVES.slice(0, 10))('%j does run the program', async (text) => {
  const ran = await Promise.all(shells.map((shell) => leavesMark(shell, text)))
  expect(ran).toContain(true)
})

/** Runs a script in an empty folder, with nothing but a few programs; reports whether the one with the mark ran. */
async function leavesMark(shell: string, text: string): Promise<boolean> {
  runs += 1
  const home = join(root, `run-${runs}`)
  mkdirSync(home)
  const mark = join(root, `mark-${runs}`)
  await new Promise<void>((resolve) => {
    const child = execFile(
      shell,
      ['-c', text],
      { cwd: home, env: { PATH: bin, HOME: home, MARK: mark, Z: 'zap' }, timeout: 3000, killSignal: 'SIGKILL' },
      () => resolve(),
    )
    child.stdin?.end()
  })
  return existsSync(mark)
}

function makePrograms(): string {
  const folder = join(root, 'bin')
  mkdirSync(folder)
  writeFileSync(join(folder, 'zap'), '#!/bin/sh\n: > "$MARK"\n')
  chmodSync(join(folder, 'zap'), 0o755)
  for (const name of PROGRAMS) {
    const path = [`/usr/bin/${name}`, `/bin/${name}`].find((candidate) => existsSync(candidate))
    if (path !== undefined) symlinkSync(path, join(folder, name))
  }
  return folder
}
