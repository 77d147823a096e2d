/** How a program takes the command that it runs. */
export interface Wrapper {
  /** Short options that stand alone. */
  readonly flags?: string
  /** Short options that take a value. */
  readonly valued?: string
  /** Long options that stand alone, or with a value behind `=`. */
  readonly long?: readonly string[]
  /** Long options that take a value, behind `=` or as the next word. */
  readonly longValued?: readonly string[]
  /** Whether the value of `-S` is taken apart, and read in place of it. */
  readonly splits?: boolean
  /** Whether variables may be set in front of the command. */
  readonly assigns?: boolean
  /** How many operands come before the command. */
  readonly operands?: number
  /** Whether the rest is put together and given to a shell. */
  readonly script?: boolean
  /** Short options, or long ones, whose value is given to a shell. */
  readonly scriptIn?: readonly string[]
  /** Short options, or long ones, that make it run nothing. */
  readonly idle?: readonly string[]
  /** Options with which it runs more than the command that follows. */
  readonly opaque?: readonly string[]
  /** Whether running the command this way is more than running it: it then needs permission itself. */
  readonly grants?: boolean
  /** Whether the command gets more arguments than are written. */
  readonly appends?: boolean
}

const AS_OTHER_USER: Wrapper = {
  flags: 'ABEHKPSbiknsv',
  valued: 'CDRTUacghprtu',
  long: words(
    'askpass background bell preserve-env set-home login remove-timestamp reset-timestamp non-interactive preserve-groups stdin shell validate no-update',
  ),
  longValued: words('user group host prompt chdir chroot close-from command-timeout role type'),
  assigns: true,
  grants: true,
}

/** The programs whose arguments are a command, by name. */
export const WRAPPERS: ReadonlyMap<string, Wrapper> = new Map<string, Wrapper>([
  [
    'env',
    {
      flags: '0iv',
      valued: 'CPSua',
      long: words('ignore-environment null debug block-signal default-signal ignore-signal list-signal-handling'),
      longValued: words('unset chdir split-string argv0'),
      splits: true,
      assigns: true,
    },
  ],
  ['sudo', AS_OTHER_USER],
  ['doas', { flags: 'Lns', valued: 'Cau', opaque: ['s'], grants: true }],
  ['pkexec', { long: ['disable-internal-agent', 'keep-cwd'], longValued: ['user'], grants: true }],
  ['run0', { longValued: words('user group chdir setenv unit property'), grants: true }],
  ['chroot', { longValued: ['groups', 'userspec'], long: ['skip-chdir'], operands: 1, grants: true }],
  [
    'ssh',
    {
      flags: '46AaCfGgKkMNnqsTtVvXxYy',
      valued: 'BbcDEeFIiJLlmOopPQRSWw',
      opaque: words('o F J'),
      operands: 1,
      script: true,
      grants: true,
    },
  ],
  [
    'xargs',
    {
      opaque: words('a arg-file process-slot-var'),
      flags: '0oprtxeil',
      valued: 'aEdILnPRSsJ',
      long: words('null open-tty no-run-if-empty verbose interactive exit replace eof max-lines'),
      longValued: words('arg-file delimiter max-args max-procs max-chars process-slot-var'),
      appends: true,
    },
  ],
  [
    'parallel',
    {
      flags: '0kmXuqtvw',
      valued: 'jnaNISdCLsP',
      long: words('keep-order verbose dry-run bar halt-on-error will-cite null ungroup line-buffer'),
      longValued: words('jobs max-args arg-file delay halt joblog retries timeout colsep'),
      script: true,
      appends: true,
      grants: true,
    },
  ],
  [
    'watch',
    {
      flags: 'bcdegtprwxC',
      valued: 'nqs',
      long: words('beep color no-color differences errexit chgexit no-title precise exec no-wrap'),
      longValued: ['interval', 'equexit'],
      script: true,
    },
  ],
  ['eval', { script: true }],
  ['nohup', {}],
  ['setsid', { flags: 'cfw', long: words('ctty fork wait') }],
  [
    'time',
    {
      opaque: words('o output'),
      flags: 'apqvlhV',
      valued: 'fo',
      long: words('append portability verbose'),
      longValued: ['format', 'output'],
    },
  ],
  [
    'timeout',
    {
      flags: 'fpv',
      valued: 'ks',
      long: words('foreground preserve-status verbose'),
      longValued: ['kill-after', 'signal'],
      operands: 1,
    },
  ],
  ['nice', { flags: '0123456789', valued: 'n', longValued: ['adjustment'] }],
  ['ionice', { flags: 't', valued: 'cnpPu', long: ['ignore'], longValued: ['class', 'classdata'] }],
  ['chrt', { flags: 'abdfiorRv', valued: 'TPDp', operands: 1 }],
  ['taskset', { flags: 'a', valued: '', operands: 1 }],
  ['cpulimit', { flags: 'zivfmb', valued: 'lpePc' }],
  [
    'flock',
    {
      grants: true,
      flags: 'esxnoFu',
      valued: 'wcE',
      scriptIn: ['c', 'command'],
      longValued: ['command', 'timeout'],
      operands: 1,
    },
  ],
  ['stdbuf', { valued: 'ioe', longValued: words('input output error') }],
  ['unbuffer', { flags: 'p' }],
  ['command', { flags: 'pvV', idle: ['v', 'V'] }],
  ['builtin', {}],
  ['exec', { flags: 'cl', valued: 'a' }],
  ['noglob', {}],
  ['prlimit', { valued: 'p', longValued: ['pid'] }],
  ['setarch', { flags: 'BFILRSTXZ3v', operands: 1 }],
  ...words('linux32 linux64 i386 x86_64').map((name): [string, Wrapper] => [name, { flags: 'BFILRSTXZ3v' }]),
  ['nocorrect', {}],
  ['busybox', {}],
  ['toybox', {}],
  ['caffeinate', { flags: 'dimsu', valued: 'tw' }],
  ['chronic', { flags: 'ev' }],
  ['strace', { flags: 'cCdfFhikqrtTvVwxyYzZD', valued: 'abeEIoOpPsSuUX', opaque: words('o E') }],
  [
    'script',
    {
      flags: 'aefqt',
      valued: 'cITBOoEm',
      scriptIn: ['c', 'command'],
      longValued: ['command'],
      operands: 1,
      grants: true,
    },
  ],
  ...words('rlwrap dbus-run-session ssh-agent xvfb-run ltrace valgrind torsocks proxychains proxychains4').map(
    (name): [string, Wrapper] => [name, {}],
  ),
  ...words('tsocks torify eatmydata multitime cgexec fakechroot faketime ccache distcc chpst softlimit').map(
    (name): [string, Wrapper] => [name, {}],
  ),
  ['sem', { script: true, appends: true, grants: true }],
  ['env_parallel', { script: true, appends: true, grants: true }],
  ['choom', { valued: 'np', longValued: ['adjust', 'pid'] }],
  ...words('dzdo pfexec please').map((name): [string, Wrapper] => [name, { grants: true }]),
  ...words('setuidgid s6-setuidgid envdir').map((name): [string, Wrapper] => [name, { operands: 1, grants: true }]),
  ...words('gosu su-exec').map((name): [string, Wrapper] => [name, { operands: 1, grants: true }]),
  ['fakeroot', { grants: true }],
  ['setpriv', { grants: true }],
  ['hyperfine', { script: true }],
  ['entr', { flags: 'acdnprsz', opaque: ['s'], appends: true }],
  ['unshare', { grants: true, valued: 'SGRw' }],
  ['nsenter', { grants: true, valued: 'tSGrw' }],
  ['systemd-run', { grants: true, flags: 'PGdqtrS', valued: 'puEHM', longValued: words('unit property setenv uid') }],
])

/** How `su` and `runuser` read their options. */
export const SU: Wrapper = {
  flags: 'flmpP',
  valued: 'cgGsTuw',
  long: words('login fast preserve-environment pty'),
  longValued: words('command session-command group supp-group shell whitelist-environment user'),
  scriptIn: words('c command session-command'),
  opaque: words('s shell'),
  grants: true,
}

/** Takes words apart that stand in one text. */
function words(text: string): readonly string[] {
  return text.split(' ')
}
