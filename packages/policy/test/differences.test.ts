import { expect, test } from 'vitest'

import { decide } from './shell-policy.ts'

/** In bash or in dash `rm` runs, or may run, in each of these: shells, options or quotes are not what they look like. */
const MAY_RUN: readonly string[] = [
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
  // A word, or an operator, goes on in the next line.
  '_=rm; $\\\n_',
  'echo $\\\n(rm x)',
  'cat <<\\\n-E\n\tE\nrm x\n',
  'echo a &\\\n& rm',
  'echo \\\\\\\nb',
  // The end of a document is not where it seems to be.
  "cat <<E'\n'F\nE\nF\nrm x\n",
  'cat <<"\n"\n\n\nrm x',
  'cat <<-"\tE"\n\tE\nrm x\nE',
  // bash expands these once more than is written.
  "ls >& 'a$(rm x)'",
  'x="a\\$(rm x)"; ls >& "$x"',
  "ls <& '`rm x`'",
  'ls >& *',
  'a=($(rm x))b; ls',
  'a+=($(rm x)),',
  'a=([$(rm x)]=1)=',
  'declare a=($(rm x))b',
  // An escape that other shells do not have, and bash takes for another one.
  String.raw`$'\x{72}m' x`,
  String.raw`echo $'\x{41}'`,
  // The shell is told to read in another way.
  'set -k; ls LD_PRELOAD=./a.so',
  'set -o keyword; ls',
  'set -H; ls',
  'set -o history -o histexpand\nls rm\n!:1 x',
  'set -eo histexpand; ls',
  'set -e"$x"; ls',
  'set -o $x; ls',
  'shopt -so histexpand; ls',
  'shopt -s expand_aliases; ls',
  'shopt $x; ls',
  "bash -kc 'ls LD_PRELOAD=./a.so'",
  "bash -o keyword -c 'ls'",
  "bash -Hc 'ls'",
  "bash -O expand_aliases -c 'ls'",
]

test.for(MAY_RUN)('%j is not allowed', (script) => {
  expect(decide(script).effect).not.toBe('allow')
})
