import { expect, test } from 'vitest'

import { readCommand, readScript } from '../src/shell/read-script.ts'
import type { ShellCommand, ShellScript } from '../src/shell/shell-command.ts'

test.for<[string, readonly string[]]>([
  ['', []],
  ['# a comment', []],
  ['a', ['a']],
  ['a b "c d" e\\ f', ['a b c d e f']],
  ['a | b && c || d; e & f', ['a', 'b', 'c', 'd', 'e', 'f']],
  ['a $(b) `c` "$(d)"', ['a $(b) `c` $(d)', 'b', 'c', 'd']],
  ['a <(b) > >(c)', ['a <(b)', 'b', 'c']],
  ['if a; then b; elif c; then d; else e; fi', ['a', 'b', 'c', 'd', 'e']],
  ['while a; do b; done; until c; do d; done', ['a', 'b', 'c', 'd']],
  ['for x in $(a); do b; done', ['a', 'b']],
  ['case $(a) in $(b)) c;; *) d;; esac', ['a', 'b', 'c', 'd']],
  ['f() { a; }; f', ['a', 'f']],
  ['(a; { b; })', ['a', 'b']],
  ['! a; time b', ['a', 'b', 'b', 'time b']],
  ['coproc a', ['a']],
  ['x=$(a) y=(1 $(b)) c', ['a', 'b', 'c']],
  ['x=1', [':']],
  ['> f', [':']],
  ['cat <<E\n$(a) `b`\nE\nc', ['a', 'b', 'c', 'cat']],
  ["cat <<'E'\n$(a)\nE", ['cat']],
  ['[[ -n $(a) && $(b) = c ]]', ['[[ -n $(a)', '$(b) = c ]]', 'a', 'a', 'b', 'b']],
  ['{a,b} c', ['a b c']],
  ["bash -c 'a; b'", ['a', 'b', 'bash -c a; b']],
  ['env x=1 a b', ['a b', 'env x=1 a b']],
  ["sudo sh -c 'ls | xargs a'", ['a …', 'ls', 'sh -c ls | xargs a', 'sudo sh -c ls | xargs a', 'xargs a']],
  [String.raw`find x -exec a {} \; -exec b {} +`, ['a {}', 'b {}', 'find x -exec a {} ; -exec b {} +']],
])('the commands in %j are %j', ([script, commands]) => {
  expect(namesOf(readScript(script))).toEqual(commands.toSorted())
})

test('what is written is known, and what comes of it is not', () => {
  const command = readScript(`a "b" 'c' d\\e $'\\x66' $g "$h" "$@" *.i ~/j {k,l} m$(n)o "p$q"`).commands.at(-1)
  expect(command?.args).toEqual([
    { text: 'b', known: true, many: false },
    { text: 'c', known: true, many: false },
    { text: 'de', known: true, many: false },
    { text: 'f', known: true, many: false, bashOnly: true },
    { text: '$g', known: false, many: true, tail: '' },
    { text: '$h', known: false, many: false, tail: '' },
    { text: '$@', known: false, many: true, tail: '' },
    { text: '*.i', known: false, many: true, tail: '.i' },
    { text: '~/j', known: true, many: false },
    { text: 'k', known: true, many: false, bashOnly: true },
    { text: 'l', known: true, many: false, bashOnly: true },
    { text: 'm$(n)o', known: false, many: true, tail: 'o' },
    { text: 'p$q', known: false, many: false, tail: '' },
  ])
})

test('files of redirections are those that are opened', () => {
  const filesOf = (script: string): { reads: readonly string[]; writes: readonly string[] } => {
    const { reads = [], writes = [] } = readScript(script).commands.at(-1) ?? {}
    return { reads: reads.map(({ text }) => text), writes: writes.map(({ text }) => text) }
  }
  expect(filesOf('a < b > c >> d >| e')).toEqual({ reads: ['b'], writes: ['c', 'd', 'e'] })
  expect(filesOf('a <> b')).toEqual({ reads: ['b'], writes: ['b'] })
  expect(filesOf('a &> b; a &>> c')).toEqual({ reads: [], writes: ['c'] })
  expect(filesOf('a 2>&1 3>&- 4<&0 5<&-')).toEqual({ reads: [], writes: [] })
  expect(filesOf('a >& b')).toEqual({ reads: [], writes: ['b'] })
  expect(filesOf('a >& $b <& $c')).toEqual({ reads: ['$c'], writes: ['$b'] })
  expect(filesOf('a > /dev/null 2> /dev/stderr < /dev/stdin')).toEqual({ reads: [], writes: [] })
  expect(filesOf('a <<< b <<E\nc\nE')).toEqual({ reads: [], writes: [] })
  expect(filesOf('{ a; } > b')).toEqual({ reads: [], writes: ['b'] })
  expect(filesOf('while x; do a; done < b > c')).toEqual({ reads: ['b'], writes: ['c'] })
  expect(filesOf("bash -c 'a' > b")).toEqual({ reads: [], writes: ['b'] })
})

test('a variable in front of a command is its own, every other one is that of the script', () => {
  const script = readScript('A=1 a; B=2; export C D=3; for E in x; do b; done; read F; printf -v G x; : ${H:=1} {I}> f')
  expect(commandOf(script, 'a').sets).toEqual(['A'])
  expect(commandOf(script, 'b').sets).toEqual([])
  expect(script.sets.toSorted()).toEqual(['B', 'C', 'D', 'E', 'F', 'G', 'H', 'I'])
  expect(commandOf(readScript("A=1 env B=2 sh -c 'C=3 a'"), 'a').sets).toEqual(['A', 'B', 'C'])
  expect(readScript('A=1 :; A=1 eval a').sets).toEqual(['A'])
})

test.for<[string, readonly string[]]>([
  ['env a', ['env a']],
  ['env', []],
  ['bash -c a', ['bash -c a']],
  ['bash x.sh', []],
  ['nohup timeout 5 a', ['nohup timeout 5 a', 'timeout 5 a']],
  ['sudo a', []],
  ['ssh x a', []],
  ['/tmp/env a', []],
  ['true; :; exit 1', [':', 'exit 1', 'true']],
  ['true > f', []],
  ['find . -exec a', []],
  ['eval a', ['eval a']],
  ['command -v a', ['command -v a']],
])('of %j these need no permission of their own: %j', ([script, carriers]) => {
  const found = readScript(script).commands.filter(({ carrier }) => carrier)
  expect(found.map((command) => nameOf(command)).toSorted()).toEqual(carriers)
})

test.for<[string, boolean]>([
  ['a', false],
  ['cd x', true],
  ['pushd x', true],
  ['(cd x)', true],
  ['env -C x a', true],
  ['env --chdir=x a', true],
  ['git -C x log', true],
  [String.raw`find . -execdir a \;`, true],
  [String.raw`find . -exec a \;`, false],
])('%j moves to another folder: %s', ([script, moves]) => {
  expect(readScript(script).moves).toBe(moves)
})

test.for<[string, string]>([
  ['$x', 'its program is not known before it runs'],
  ['a "', 'the script does not parse: unterminated double quote'],
  ['a\0b', 'the script has a NUL in it'],
  ['bash', 'it runs what it reads'],
  ['bash -c', 'it has no script to run'],
  ['bash x', 'it runs a file that is not looked into'],
  ['bash -c "a $x"', 'the script that it runs is not known'],
  ['fish -c a', 'the grammar of fish is not that of bash'],
  ['bash -Q -c a', 'the options of bash are not all known'],
  ['env --frob a', 'the options of env are not all known'],
  ['ssh -o a=b x a', 'options of ssh may run commands'],
  ['timeout $x a', 'it is not known where the command of timeout begins'],
  ['su -- root a', 'what su hands to the shell is not looked into'],
  ['ls | parallel a', 'what parallel runs is put together from what it reads'],
  ['python -c a', 'python may run code out of its arguments or its input'],
  ['awk a', 'a script of awk may run commands'],
  ['sed a', 'a script of sed may run commands'],
  ['vim a', 'vim runs commands of its own'],
  ['. a', 'it runs a file that is not looked into'],
  ['let a', 'it can make the shell run something else'],
  ['git -c a=b c', 'options of git may run commands'],
  ['find $x', 'its arguments may hold a command'],
  ['declare -i a=b', 'its options may evaluate code'],
  ['export "$x"', 'it is not known which variable it sets'],
  ['test $x', 'it may evaluate what it is given'],
  ['mapfile -C a', 'it calls what it is given'],
  ['alias a=b', 'an alias changes what later words mean'],
  ['echo $((a))', 'arithmetic may run code that a variable holds'],
  ['echo ${!a}', 'an expansion may run code that a variable holds'],
  [String.raw`echo $'\'' \$'a'`, 'shells do not agree on where the quotes end'],
  [String.raw`echo $'\x{41}'`, 'it is not known what an escape stands for'],
  ['ls >& *', 'bash may expand what is redirected to twice'],
  ['a=(b)c', 'the value of a list may run code'],
  ['echo a\\\nb', 'a word goes on in the next line'],
  ['set -k', 'it changes how the shell reads what follows'],
  ['PAGER=$x ls', 'what a variable makes programs run is not known'],
  ['i=1; echo $((i)); i=x', 'arithmetic may run code that a variable holds'],
  ['f() { a; }; f; unset f', 'a function that it calls may be gone'],
  ['su --frob -c a', 'the options of su are not all known'],
  ['su -s a -c b', 'options of su may run commands'],
  ['echo $[1]', 'shells do not agree on $['],
])('%j hides something: %s', ([script, reason]) => {
  expect(readScript(script).commands.map(({ hidden }) => hidden)).toContain(reason)
})

test.for([
  'echo $((1 + 0x2))',
  'echo ${a[@]} ${a[0]} ${!a[@]} ${a:1:2} ${#a} ${a%b} ${a/b/c} ${a^}',
  '[[ -f a && 1 -eq 2 && -v b ]] || a',
  'a[0]=1 b',
  'export -x A=1',
  'read -r x',
  "sed -n '3,5p' f; sed 's/a/b/g' f; sed -E 's|a|b|' f g",
  'python x.py; python3 --version; node a.js',
  'git --no-pager log; git -C x --no-pager log',
  'fd -e c -x a',
])('%j hides nothing', (script) => {
  const hidden = readScript(`bash -c ${JSON.stringify(script).replaceAll('$', String.raw`\$`)}`).commands
  expect(hidden.flatMap((command) => command.hidden ?? [])).toEqual([])
})

test('bash reads for itself what other shells would read as commands', () => {
  const plain = '[[ -n a && -n b ]]'
  expect(namesOf(readScript(plain))).toEqual(['-n b ]]', '[[ -n a'])
  expect(namesOf(readScript(`bash -c '${plain}'`))).toEqual(['bash -c [[ -n a && -n b ]]'])
  expect(namesOf(readScript(`sh -c '${plain}'`))).toContain('-n b ]]')
})

test('a program and its arguments that no shell reads are what they are', () => {
  const script = readCommand('env', ['a', '$x', '*', '~', '{b,c}', '$(d)'])
  expect(commandOf(script, 'a').args.map(({ text, known }) => [text, known])).toEqual([
    ['$x', true],
    ['*', true],
    ['~', true],
    ['{b,c}', true],
    ['$(d)', true],
  ])
  expect(readCommand('', ['a']).commands[0]?.hidden).toBe('its program is not known before it runs')
})

test('a document, a text and a known pipe are scripts for a shell, in one line and in several', () => {
  const hides = (script: string): boolean => readScript(script).commands.some(({ hidden }) => hidden !== undefined)
  for (const script of ['sh <<E\na\nE', 'sh <<< a', 'echo a | sh', 'echo a | cat | sh', 'cat <<E | sh\na\nE']) {
    expect(namesOf(readScript(script))).toContain('a')
    expect(hides(script)).toBe(false)
  }
  expect(namesOf(readScript('sh <<E\na\nb\nE'))).toEqual(['', 'a', 'b', 'sh'])
  expect(hides('sh <<E\na\nb\nE')).toBe(true)
  expect(namesOf(readScript('sh <<E\na $x\nE'))).toContain('a $x')
  expect(hides('sh <<E\na $x\nE')).toBe(true)
})

function namesOf(script: ShellScript): readonly string[] {
  return script.commands.map((command) => nameOf(command)).toSorted()
}

function nameOf({ program, args }: ShellCommand): string {
  return [program, ...args].map(({ text }) => text).join(' ')
}

function commandOf(script: ShellScript, program: string): ShellCommand {
  const found = script.commands.find((command) => command.program.text === program)
  if (found === undefined) throw new Error(`there is no ${program} in ${namesOf(script).join(', ')}`)
  return found
}
