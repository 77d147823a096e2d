import { expect, test } from 'vitest'

import { createAccessPolicy, evaluateCall, type AccessPolicyData } from '../src/index.ts'
import { callOf, decide } from './shell-policy.ts'

/** In bash or in dash `rm` runs, or may run, in each of these, and it takes a second look to see where. */
const ALLOWED_BUT_RUNS: readonly string[] = [
  // The value of an option may be several words.
  'nice -n $x ls',
  'env -u $x ls',
  'env --unset $x ls',
  'env -C $x ls',
  'stdbuf -o $x ls',
  'timeout -s $x 5 ls',
  'ls | xargs -n $x ls',
  'ls | xargs -I $x ls',
  'bash -o $x -c ls',
  'exec -a $x ls',
  // A word may be an option.
  'git $x',
  'git "$x" alias.y=!rm y',
  "git {-c,'alias.y=!rm'} y",
  'ls | xargs git',
  String.raw`find . "$x" rm \;`,
  String.raw`find . "$(echo -exec)" rm \;`,
  String.raw`find . -exec ls "$x" -exec rm \;`,
  'test "$x" \'a[$(rm x)]\'',
  '[ ! "$x" \'a[$(rm x)]\' ]',
  'test a = a -a "$x" \'a[$(rm x)]\'',
  "printf {-v,'a[$(rm x)]'} x",
  // It is not the text that a shell reads, or not that command that writes it.
  'printf rm | sh 3<<< ls',
  'printf rm | sh 3<<E\nls\nE',
  'printf rm | { sh 3<<< ls; }',
  'printf rm | cat 3<<< ls | sh',
  '{ sh <<< ls 0>&3; } 3< <(printf rm)',
  '{ echo ls | sh 0>&3; } 3< <(printf rm)',
  'echo() { printf rm; }; echo ls | sh',
  'cat() { printf rm; }; cat <<E | sh\nls\nE',
  // What looks quoted is not.
  'sh <<E\necho \\`rm x\\`\nE',
  'cat <<E | sh\necho \\`rm x\\`\nE',
  "cat <<E\n${x-'$(rm x)'}\nE",
  "cat <<E\n${x-'`rm x`'}\nE",
  'cat <<E\n"${x-\'$(rm x)\'}"\nE',
  'echo "${x-$\'$(rm x)\'}"',
  // bash evaluates lists in texts, and the keys of lists.
  "declare -a 'a=($(rm x))'; ls",
  "declare -A a='([$(rm x)]=1)'; ls",
  "readonly -a a='($(rm x))'; ls",
  "x='a[$(rm x)]'; a=([x]=1); ls",
  "a=(['$(rm x)']=1); ls",
  // env takes a text apart in another way than a shell.
  "env -S '-u>/dev/null rm ls'",
  "env -S '-u{a,} rm ls'",
  // Shells other than bash read it in another way.
  'echo &>/dev/null rm x',
  'echo &>> /dev/null rm x',
  "cat <<$'E'\n$E\nrm x\nE\n",
  'cat <<$"E"\n$E\nrm x\nE\n',
  'cat <<E`a;rm x',
  "ls=rm; eval $'ls'",
  'ls=rm; eval $"ls"',
  "export ls=rm; bash -c $'ls'",
  "export ls=rm; echo $'ls' | sh",
  'env -u{a,} rm ls',
  // Options set variables.
  'ls | xargs --process-slot-var=PATH ls',
  'strace -E LD_PRELOAD=./a.so ls',
  // And their neighbours.
  'env {A=1,-S} rm x',
  'printf rm | sh 00<&3',
  'echo ls |& sh',
  'x=$(echo rm >&2) echo ls |& sh',
  'echo() { printf rm; }; bash <<E\necho ls | sh\nE',
  'declare -a a; x=\'($(rm x))\'; readonly a="$x"',
  'a=(1); x=\'($(rm x))\'; declare a="$x"',
  'find . -exec env -C + rm x {} \\;',
  'find . "$a" "$b"',
  'test "$a" "$b"',
  'git -C $x status',
]

test.for(ALLOWED_BUT_RUNS)('%j is not allowed', (script) => {
  expect(decide(script).effect).not.toBe('allow')
})

const FORBIDS: AccessPolicyData = {
  version: 1,
  default: 'allow',
  rules: [{ effect: 'deny', tool: 'bash', command: { at: '/command', program: 'rm' } }],
}

/** Everything is allowed here but `rm`, which runs in each of these. */
const FORBIDDEN_BUT_RUNS: readonly string[] = [
  'timeout "$x" 5 rm y',
  'nice -n $x',
  'echo 5 rm | xargs nice -n',
  'trap $x',
  "trap {'rm x',EXIT}",
  String.raw`find . ! -name -exec -exec rm x \;`,
  "PS4='$(rm x)'; set -x; :",
  "ENV='$(rm x)' sh -i -c :",
  "env 'BASH_FUNC_ls%%=() { rm x; }' bash -c ls",
  "RANDOM='a[$(rm x)]'",
  'shopt -s expand_aliases\nBASH_ALIASES=([ls]=rm)\nls x',
  'PROMPT_COMMAND="rm x" bash -i <<< ls',
  // Without a command these run a shell on their input.
  "echo 'rm x' | sudo -s",
  "sudo -i <<< 'rm x'",
  "echo 'rm x' | su",
  'ssh host <<E\nrm x\nE',
  "chroot / <<< 'rm x'",
  "ls | entr -s 'rm x'",
  'prlimit rm x',
  'setarch x86_64 rm x',
  'npx -c "rm x"',
  'docker run a rm x',
  '/proc/self/exe -c "rm x"',
  '/lib64/ld-linux-x86-64.so.2 /bin/sh -c "rm x"',
  'tar cf /dev/null --checkpoint=1 --checkpoint-action=exec="rm x" .',
  "git config alias.y '!rm x'; git y",
  'git ls-remote --upload-pack="rm x" .',
  'git ls-remote --up="rm x" .',
  'git clone -u "rm x" . y',
  'git rebase -x "rm x"',
  'git bisect run rm x',
  'git submodule foreach rm x',
  'sort --compress-program="rm x" f',
  "split --filter='rm x' f",
  'x="--compress-program=rm x"; sort "$x" f',
  "rsync -e 'rm x' a b:c",
  'npm exec -- rm x',
  'script -q /dev/null <<< "rm x"',
  'unshare <<< "rm x"',
  "for PS4 in '$(rm x)'; do set -x; ls; done",
]

test.for(FORBIDDEN_BUT_RUNS)('%j is not allowed where only rm is denied', (script) => {
  expect(evaluateCall(createAccessPolicy(FORBIDS), callOf(script)).effect).not.toBe('allow')
})

test('the options behind env -S belong to the program', () => {
  const policy = createAccessPolicy({
    version: 1,
    rules: [{ effect: 'allow', tool: 'bash', command: { at: '/command', program: 'sed', not: ['-i', '--in-place'] } }],
  })
  expect(evaluateCall(policy, callOf('env -S sed -i s/a/b/ f')).effect).toBe('ask')
  expect(evaluateCall(policy, callOf('env -S sed s/a/b/ f')).effect).toBe('allow')
})

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
]

test.for(EVERY_DAY)('%j needs nobody', (script) => {
  const policy = createAccessPolicy({
    version: 1,
    rules: [
      { effect: 'allow', tool: 'bash', command: { at: '/command', program: ['ls', 'echo', 'find', 'git', 'read'] } },
    ],
  })
  expect(evaluateCall(policy, callOf(script)).effect).toBe('allow')
})

test.for([
  '[[ a == b || rm ]]',
  '[[ a < rm ]]',
  '[[\n rm ]]',
  '[[ a ==\nrm ]]',
  '[[ -n a\n]]',
  'IFS=x ls',
  'git -c core.pager=x log',
  'git -c user.name=$x log',
  "trap '$x' EXIT",
])('%j is asked about or refused all the same', (script) => {
  expect(decide(script).effect).not.toBe('allow')
})
