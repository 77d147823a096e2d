import { expect, test } from 'vitest'

import { readScript } from '../src/shell/read-script.ts'
import { commandOfVariable, isActiveVariable } from '../src/shell/variables.ts'

test.for([
  'PS0',
  'PS4',
  'ENV',
  'BASH_ENV',
  'BASH_ALIASES',
  'BASHOPTS',
  'SHELLOPTS',
  'PROMPT_COMMAND',
  'RANDOM',
  'SECONDS',
  'LINENO',
  'OPTIND',
  'GIT_CONFIG_COUNT',
  'GIT_CONFIG_KEY_0',
  'GIT_CONFIG_VALUE_12',
  'GIT_CONFIG_PARAMETERS',
  'GIT_EXEC_PATH',
  'TAR_OPTIONS',
])('%s makes a shell or a program run more than is written', (name) => {
  expect(isActiveVariable(name)).toBe(true)
  for (const script of [`${name}=1 a`, `${name}=1; a`, `export ${name}=1`, `env ${name}=1 a`, `read ${name}`]) {
    const hidden = readScript(script).commands.flatMap((command) => command.hidden ?? [])
    expect(hidden).toContain('a variable that it sets makes shells run code')
  }
})

test.for(['x', 'PATH', 'PS', 'PS5', 'MYENV', 'BASHFUL', 'GIT_CONFIG_NOSYSTEM', 'GIT_CONFIG_GLOBAL', 'CI', 'HOME'])(
  '%s does not',
  (name) => {
    expect(isActiveVariable(name)).toBe(false)
    expect(commandOfVariable(name, 'rm')).toBeUndefined()
  },
)

test.for([
  'GIT_PAGER',
  'GIT_EDITOR',
  'GIT_SEQUENCE_EDITOR',
  'GIT_SSH',
  'GIT_SSH_COMMAND',
  'GIT_ASKPASS',
  'GIT_EXTERNAL_DIFF',
  'PAGER',
  'MANPAGER',
  'SYSTEMD_PAGER',
  'EDITOR',
  'VISUAL',
  'FCEDIT',
  'SUDO_EDITOR',
  'BROWSER',
  'LESSOPEN',
  'LESSCLOSE',
  'RSYNC_RSH',
  'CVS_RSH',
  'SUDO_ASKPASS',
  'SSH_ASKPASS',
  'RUSTC_WRAPPER',
])('what is in %s is read as a command', (name) => {
  const scripts = [
    `${name}='b c' a`,
    `${name}='b c'`,
    `export ${name}='b c'`,
    `env ${name}='b c' a`,
    `env -S ${name}=b a`,
  ]
  for (const script of scripts) {
    const programs = readScript(script).commands.map(({ program }) => program.text)
    expect(programs).toContain('b')
  }
  const open = readScript(`${name}="$x" a`).commands.flatMap((command) => command.hidden ?? [])
  expect(open).toContain('what a variable makes programs run is not known')
})

test.for([
  ['|lesspipe %s', 'lesspipe %s'],
  ['||lesspipe %s', 'lesspipe %s'],
  ['|-lesspipe %s', 'lesspipe %s'],
  ['lesspipe %s', 'lesspipe %s'],
] as const)('in front of the command in %j, a pipe is none of it', ([value, command]) => {
  expect(commandOfVariable('LESSOPEN', value)).toBe(command)
})

test('a variable that is taken away, or given nothing, runs nothing', () => {
  for (const script of ['unset PAGER', 'PAGER= a', 'export PAGER']) {
    expect(readScript(script).commands.flatMap((command) => command.hidden ?? [])).toEqual([])
  }
})
