import type { Finding, Invocation } from './scope.ts'

/** What makes a program run other ones, where it does not always. */
interface Runner {
  /** Long options without their dashes; they may be cut short. */
  readonly long?: readonly string[]
  /** Its short options, and its commands. */
  readonly words?: RegExp
}

const COMPILERS: Runner = { words: /^-(wrapper|B|fplugin|specs|toolexec|exec|vettool)/ }
const CONTAINERS: Runner = { words: /^(run|exec|create|start|compose|debug|attach|build|buildx)$/ }
const ENVIRONMENTS: Runner = { words: /^(run|exec|x|dlx|create|init|shell|develop|-c|--run|--command)$/ }

/** Programs that run what some of their arguments say. */
const RUNNERS: ReadonlyMap<string, Runner> = new Map<string, Runner>([
  ...words('gcc g++ cc c++ clang clang++ go').map((name) => [name, COMPILERS] as const),
  ...words('docker docker-compose podman podman-remote nerdctl crictl apptainer singularity kubectl oc lxc incus').map(
    (name) => [name, CONTAINERS] as const,
  ),
  ...words(
    'npm pnpm yarn uv poetry pipenv pipx bundle conda mamba pixi mise asdf direnv devbox nix hatch rye dotnet lerna volta fnm nvm rbenv pyenv flatpak snap toolbox op doppler aws-vault',
  ).map((name) => [name, ENVIRONMENTS] as const),
  [
    'tar',
    {
      long: words(
        'checkpoint-action use-compress-program to-command info-script new-volume-script rsh-command rmt-command',
      ),
      words: /^(-\w*[IF]|[a-z]*[IF][a-z]*$)/,
    },
  ],
  ['rsync', { long: words('rsh rsync-path'), words: /^-\w*e/ }],
  ['ip', { words: /^(exec|-b.*)$/ }],
  ['make', { long: ['eval'], words: /^(-\w*E|-\w*f-?$|\.?SHELL|.*[$`])/ }],
  ['install', { long: ['strip-program'] }],
  ['diff3', { long: ['diff-program'] }],
  ['sdiff', { long: ['diff-program'] }],
  ['cpio', { long: ['rsh-command'] }],
  ['less', { words: /^\+/ }],
  ['more', { words: /^\+/ }],
  ['tcpdump', { words: /^-\w*z/ }],
  ['rpm', { long: ['eval', 'define', 'pipe'], words: /^-\w*[DE]/ }],
  ['sort', { long: ['compress-program'] }],
  ['split', { long: ['filter'] }],
  ['zip', { long: words('unzip-command test'), words: /^-\w*T/ }],
  ['man', { long: words('pager html'), words: /^-\w*[PH]/ }],
  ['wget', { long: ['use-askpass'] }],
  ['scp', { words: /^-\w*[SoFDJ]/ }],
])

/** Programs that run others whatever they are told, or take commands in a language of their own. */
const ALWAYS: ReadonlySet<string> = new Set(
  words(
    'npx bunx pnpx uvx corepack concurrently cross-env cross-env-shell dotenv env-cmd nodemon watchexec npm-run-all run-s run-p retry goawk frawk ldd sshpass pssh parallel-ssh pdsh clush dsh mosh rsh rexec autossh schroot systemd-nspawn distrobox reptyr dtach abduco byobu aa-exec xinit startx gnome-terminal konsole alacritty kitty urxvt ansible salt just vimdiff rvim rview gvim emacsclient nix-shell psql mysql mariadb sqlite3 ftp sftp lftp perf numactl firejail bwrap proot runcon sg newgrp capsh dumb-init tini start-stop-daemon daemonize systemd-inhibit machinectl lxc-attach run-parts run-one xterm dbus-launch catchsegv socat ncat nc',
  ),
)

/** The programs that load others: `/lib64/ld-linux-x86-64.so.2 /bin/sh`. */
const LOADER = /^(ld|ld64)([-.].*)?\.so(\.\d+)*$/

/** Finds out whether a program runs another one out of its arguments; `undefined` for those that are not known to. */
export function readRunner({ name, args }: Invocation): Finding | undefined {
  const hidden = `${name} may run another program`
  if (ALWAYS.has(name) || LOADER.test(name)) return { hidden }
  const runner = RUNNERS.get(name)
  if (runner === undefined) return undefined
  // What is not known may be one of these options.
  const runs = args.some((word) => (word.known ? isRunning(runner, word.text) : !/^[\w./=%:]/.test(word.text)))
  return runs ? { hidden } : {}
}

function isRunning({ long = [], words: given }: Runner, text: string): boolean {
  if (given?.test(text) === true) return true
  const option = text.startsWith('--') ? text.slice(2).replace(/=.*$/s, '') : ''
  return option !== '' && long.some((name) => name.startsWith(option))
}

function words(text: string): readonly string[] {
  return text.split(' ')
}
