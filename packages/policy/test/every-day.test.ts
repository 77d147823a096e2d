import { expect, test } from 'vitest'

import { createAccessPolicy, evaluateCall, type AccessDecision } from '../src/index.ts'
import { callOf, decide } from './shell-policy.ts'

const PROGRAMS = 'ls cat echo grep git find printf read sleep wc head [ test cd'.split(' ')

const policy = createAccessPolicy({
  version: 1,
  rules: [{ id: 'few', effect: 'allow', tool: 'bash', command: { at: '/command', program: PROGRAMS } }],
})

function decideByAllow(script: string): AccessDecision {
  return evaluateCall(policy, callOf(script))
}

/** What people write every day, with nothing in it that a rule for its programs does not cover. */
const EVERY_DAY: readonly string[] = [
  '[[ "$a" == "$b" ]] && ls',
  '[[ $a != b* ]] && ls',
  '[[ $# -gt 3 ]] && ls',
  'while IFS= read -r line; do echo "$line"; done < /dev/null',
  'trap "echo bye" EXIT; ls',
  'find . -name *.ts',
  'find "$dir" -name "*.ts" -type f',
  'git -c user.name=x commit -m a',
  // Counters.
  'i=0; while [ $i -lt 3 ]; do echo $i; i=$((i+1)); done',
  'i=0\nwhile [ "$i" -lt 3 ]; do\n  echo "$i"\n  i=$((i + 1))\ndone',
  'i=0; while [[ $i -lt 3 ]]; do i=$((i+1)); done; ls',
  'for ((i=0; i<3; i++)); do echo $i; done',
  'for ((i = 0, j = 3; i < j; i += 2)); do echo $((i * j)); done',
  'for i in 1 2 3; do echo $((i * 2)); done',
  'for i in {1..3}; do echo $((10 - i)); done',
  'n=0; for f in *; do n=$((n+1)); done; echo $n',
  'ret=$?; echo $((ret))',
  'n=$#; echo $((n - 1))',
  'n=${#x}; echo $(($n + ${n}))',
  'n=-1; echo ${x:n}',
  'i=0; echo ${a[i]} ${a[$i]}',
  'f() { local n=1; echo $((n + 1)); }; f',
  'i=1; i+=2; echo $((i))',
  // Functions of the script.
  'f() { ls; }; f',
  'greet() {\n  echo "hi $1"\n}\ngreet you | cat\nx=$(greet me)',
  'f() { ls; }\nif f; then f; fi',
  'g() { ls; }; f() { g "$@"; }; f a',
  'f () ( ls ); f && f',
  'f() { ls; }; (f)',
  'f() { f; }; f; ls',
  // Quotes in quotes.
  String.raw`echo $'it\'s'`,
  String.raw`echo $'it\'s' && ls $'\''`,
  String.raw`echo $'a\tb'`,
  // Nothing that needs permission.
  'true',
  'x=1',
  'command -v ls',
  ':',
  'x=1; export y=2; set -e',
  'f() { ls; }',
  'set -euo pipefail\nls',
  'set -x; ls; set +x',
  'set -o errexit -o nounset; ls',
  'trap - EXIT; ls',
  'unset x; ls',
  'exit 0',
  // Long lines.
  'ls \\\n  -la \\\n  src',
  'ls &&\\\n  cat a',
  'ls -la\\\n src',
]

test.for(EVERY_DAY)('%j needs nobody', (script) => {
  expect(decideByAllow(script)).toMatchObject({ effect: 'allow', rules: ['few'] })
})

test.for([
  // Tests of other shells.
  '[[ a == b || rm ]]',
  '[[ a < rm ]]',
  '[[\n rm ]]',
  '[[ a ==\nrm ]]',
  '[[ -n a\n]]',
  'IFS=x ls',
  'git -c core.pager=x log',
  'git -c user.name=$x log',
  "trap '$x' EXIT",
  // What a counter holds is not known.
  'echo $((i + 1))',
  'read i; echo $((i + 1))',
  'i=$1; echo $((i + 1))',
  'i=1; read i; echo $((i))',
  'i=1; i=$j; echo $((i))',
  'i=1; i=j; echo $((i))',
  'i=1; while ls; do echo $((i)); i=$(cat a); done',
  'i=1; printf -v i x; echo $((i))',
  'i=1; declare i=x; echo $((i))',
  'i=1; : ${i:=x}; echo $((i))',
  "i=1; i='a[$(ls)]' bash -c 'echo $((i))'",
  "i=1; env i='a[$(ls)]' bash -c 'echo $((i))'",
  'for i in 1 x; do echo $((i)); done',
  'for i; do echo $((i)); done',
  'for i in $(cat a); do echo $((i)); done',
  'for ((i=j; i<3; i++)); do ls; done',
  'for ((PATH=1; PATH<3; PATH++)); do ls; done',
  'OPTIND=1; echo $((OPTIND))',
  'i=1; echo $((i + a[1]))',
  'x=5; ((x > 3)) && ls',
  // What is called is not that function for sure.
  'f; f() { ls; }',
  'if ls; then f() { ls; }; fi; f',
  '(f() { ls; }); f',
  'f() { ls; } & f',
  'f() { ls; } | cat; f',
  '{ f() { ls; }; } | cat; f',
  'ls && f() { ls; }; f',
  'f() { ls; }; unset -f f; f',
  'f() { ls; }; unset f; f',
  'f() { ls; }; command f',
  'f() { ls; }; env f',
  'f() { ls; }; ls | xargs f',
  "f() { ls; }; bash -c 'f'",
  "f() { ls; }; eval 'f'",
  'f() { ls; }; exec f',
  'f() { ls; }; ./f',
  'f() { ls; }; PATH=/tmp f',
  'f() { ls; }; f > a',
  'f() { ls; }; f < a',
  'function f { ls; }; f',
  'f() { "$@"; }; f ls',
  'f() { sh; }; echo ls | f',
  'eval() { ls; }; eval "$x"',
  'exec() { ls; }; exec make',
  // Something is set, written or read all the same.
  'PATH=/tmp',
  'unset PATH; ls',
  'unset "$x"; ls',
  'export LD_PRELOAD=a',
  ': > a',
  'command -v ls > a',
  'x=$(curl a)',
])('%j is asked about all the same', (script) => {
  expect(decideByAllow(script).effect).toBe('ask')
})

test.for(['x=1', 'true', 'command -v rm', 'f() { ls; }'])(
  '%j is left to the default where nothing is allowed',
  (script) => {
    const denies = createAccessPolicy({
      version: 1,
      rules: [{ effect: 'deny', tool: 'bash', command: { at: '/command', program: 'rm' } }],
    })
    expect(evaluateCall(denies, callOf(script))).toMatchObject({ effect: 'ask', rules: [] })
  },
)

test('a rule whose conditions do not hold allows no script that runs nothing', () => {
  const elsewhere = createAccessPolicy({
    version: 1,
    rules: [
      { effect: 'allow', tool: 'bash', when: { '/cwd': { under: 'src' } }, command: { at: '/command', program: 'ls' } },
    ],
  })
  const decideIn = (cwd: string) =>
    evaluateCall(elsewhere, { tool: 'bash', input: JSON.stringify({ command: 'x=1', cwd }) }).effect
  expect([decideIn('src/a'), decideIn('/')]).toEqual(['allow', 'ask'])
})

test('what a function does is denied where it is written, whether it is called or not', () => {
  expect(decide('f() { rm x; }; f')).toMatchObject({ effect: 'deny', rules: ['no-rm'] })
  expect(decide('rm() { ls; }; rm x')).toMatchObject({ effect: 'deny', rules: ['no-rm'] })
})

test("shells without $'…' are asked for their reading too", () => {
  expect(decide(String.raw`echo $'\'; rm #'`)).toMatchObject({ effect: 'deny', rules: ['no-rm'] })
  expect(decide(String.raw`echo $'\'; ls #'`).effect).toBe('allow')
  expect(decide(String.raw`echo $'\'; make #'`).effect).toBe('ask')
  expect(decide(String.raw`echo \$'\''`).effect).toBe('ask')
})

test('the options behind env -S belong to the program', () => {
  const noInPlace = createAccessPolicy({
    version: 1,
    rules: [{ effect: 'allow', tool: 'bash', command: { at: '/command', program: 'sed', not: ['-i', '--in-place'] } }],
  })
  expect(evaluateCall(noInPlace, callOf('env -S sed -i s/a/b/ f')).effect).toBe('ask')
  expect(evaluateCall(noInPlace, callOf('env -S sed s/a/b/ f')).effect).toBe('allow')
})
