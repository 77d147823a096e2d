import { expect, test } from 'vitest'

import { createAccessPolicy, evaluateCall, type AccessEffect } from '../src/index.ts'
import { FOUND, HIDDEN, MENTIONED } from './corpus.ts'
import { callOf } from './shell-policy.ts'

/** Everything is allowed but one program. */
function decideWithout(program: string, script: string): AccessEffect {
  const policy = createAccessPolicy({
    version: 1,
    default: 'allow',
    rules: [{ effect: 'deny', tool: 'bash', command: { at: '/command', program } }],
  })
  return evaluateCall(policy, callOf(script)).effect
}

test.for(FOUND)('the program that %j runs is denied', (script) => {
  expect(decideWithout('zap', script)).toBe('deny')
})

test.for(HIDDEN)('%j may run what is denied, so someone is asked', (script) => {
  expect(decideWithout('zap', script)).toBe('ask')
})

test.for(MENTIONED)('nothing that is denied runs in %j', (script) => {
  expect(decideWithout('zap', script)).toBe('allow')
})

/** Everything is allowed here but `rm`, which runs in each of these, or may. */
const RUNS: readonly string[] = [
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
  // What programs run that variables name.
  "GIT_PAGER='rm x' git -p log",
  'PAGER=rm man ls',
  'EDITOR=rm git commit',
  "env GIT_SSH_COMMAND='rm x' git fetch a@b:c",
  'export GIT_EDITOR=rm; git commit',
  'declare -x VISUAL=rm; crontab -e',
  "LESSOPEN='|rm %s' less f",
  'GIT_PAGER="$x" git log',
  'env PAGER="$x" man ls',
  "GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=alias.y GIT_CONFIG_VALUE_0='!rm x' git y",
  'TAR_OPTIONS=--checkpoint-action=exec=rm tar x',
  // More of git.
  'git remote-ext a rm',
  'git merge-index rm -a',
  'git shell -c rm',
  'git config core.pager rm',
  'git config -e',
  // A word may be an option with a program in it.
  'git fetch "$x"',
  'git clone "$url" a',
  'git push origin $x',
  'git ls-remote "$(cat a)"',
  'git archive --remote="ext::sh -c rm" HEAD',
  // su runs another shell than is thought.
  'su -s /bin/rm nobody -c x',
  'su --shell=rm root -c x',
  'runuser --shell rm root -c x',
  'su --weird root -c ls',
  // Shells and interpreters by other names.
  'bash-5.2 -c "rm x"',
  'bash-static -c "rm x"',
  'zsh5 -c "rm x"',
  'oksh -c "rm x"',
  '-bash -c "rm x"',
  'ksh93u -c "rm x"',
  'Rscript -e \'system("rm x")\'',
  'R -e \'system("rm x")\'',
  "perl5.36-x86_64-linux-gnu -e 'x'",
  'python3-dbg -c x',
  'python /dev/stdin <<< x',
  'node /proc/self/fd/0 <<< x',
  "deno eval 'x'",
  "bun exec 'rm x'",
  'bun x rm',
  'ghc -e x',
  // More programs that run others.
  'sem rm x',
  'torify rm x',
  'choom -n 1 -- rm x',
  'setuidgid user rm x',
  'dzdo rm x',
  'cross-env A=1 rm x',
  'watchexec rm x',
  'corepack npx rm',
  'ip netns exec a rm x',
  'make --eval="x:;rm x" x',
  'make -f- <<< "x:;rm x"',
  'make SHELL=rm',
  'go test -exec rm',
  'gcc -wrapper rm x.c',
  'install --strip-program=rm -s a b',
  'diff3 --diff-program=rm a b c',
  'less "+!rm x" f',
  'tcpdump -z rm -w f',
  'rpm --eval "%(rm x)"',
  'docker-compose run a rm x',
  'flatpak run rm',
  'ldd ./rm',
]

test.for(RUNS)('%j is not allowed where only rm is denied', (script) => {
  expect(decideWithout('rm', script)).not.toBe('allow')
})

test.for([
  'git fetch origin main',
  'git clone https://example.com/a b',
  'git fetch -- "$x"',
  'git fetch "origin/$x"',
  'git commit -m "$x"',
  'git log --oneline "$x"',
  'make test',
  'go build ./...',
  'gcc -O2 -o a a.c',
  'ip addr',
  'less f',
  'rpm -q bash',
  'install -m 644 a b',
  'deno --version',
  'python x.py',
  'node a.js --eval x',
  'PAGER=cat git log',
  "PAGER='less -R' git log",
  'EDITOR=true git commit',
  'git config --get user.name',
  'git config user.name',
  'git config -l',
  'set -euo pipefail; make',
  'set -- a "$b"; ls "$1"',
  'shopt -s nullglob; ls *.c',
])('nothing in %j runs rm', (script) => {
  expect(decideWithout('rm', script)).toBe('allow')
})
