import type { FlagSpecs } from './command.ts'

/** The shells there are completion scripts for. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const

/** One of {@link SHELLS}. */
export type Shell = (typeof SHELLS)[number]

/** What a completion script needs to know of a command. */
export interface CompletionCommand {
  readonly name: string
  readonly summary: string
  readonly flags: FlagSpecs
  /** What its arguments can be; empty when they are files, or anything. */
  readonly words: readonly string[]
  /** Whether it works on a log: a file, or a URL. */
  readonly takesLog: boolean
}

// How the URL of a log begins; what comes next, only the person knows.
const URL_START = 'postgres://'

/** Returns a script that completes commands, flags, choices and file names. */
export function completionScript(shell: Shell, commands: readonly CompletionCommand[]): string {
  return { bash, zsh, fish }[shell](commands)
}

function bash(commands: readonly CompletionCommand[]): string {
  const cases = commands.map(
    ({ name, flags, words, takesLog }) =>
      `    ${name}) flags="${longFlags(flags).join(' ')}" words="${words.join(' ')}"${takesLog ? ` url="${URL_START}"` : ''} ;;`,
  )
  const values = commands.flatMap(({ name, flags }) =>
    Object.entries(flags).flatMap(([flag, spec]) => {
      const choices = choicesOf(spec)
      return choices.length === 0 ? [] : [`    ${name}:--${flag}) words="${choices.join(' ')}" current_is_value=1 ;;`]
    }),
  )
  return `# bash completion for starling
_starling() {
  local current="\${COMP_WORDS[COMP_CWORD]}" command="\${COMP_WORDS[1]}" flags="" words="" url="" current_is_value="" file
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${commands.map(({ name }) => name).join(' ')}" -- "$current"))
    return
  fi
  case "$command" in
${cases.join('\n')}
  esac
  case "$command:\${COMP_WORDS[COMP_CWORD-1]}" in
${values.join('\n')}
  esac
  if [ -z "$current_is_value" ] && [[ "$current" == -* ]]; then
    COMPREPLY=($(compgen -W "$flags" -- "$current"))
  elif [ -n "$words" ]; then
    COMPREPLY=($(compgen -W "$words" -- "$current"))
  else
    COMPREPLY=()
    while IFS= read -r file; do COMPREPLY+=("$file"); done < <(compgen -f -- "$current")
    if [ -n "$current" ] && [[ "$url" == "$current"* ]]; then
      COMPREPLY+=("$url")
      compopt -o nospace 2>/dev/null
    fi
  fi
}
complete -o filenames -F _starling starling
`
}

function zsh(commands: readonly CompletionCommand[]): string {
  const names = commands.map(({ name, summary }) => `    '${name}:${zshText(summary)}'`)
  const cases = commands.map(({ name, flags, words, takesLog }) => {
    const specs = Object.entries(flags).map(([flag, spec]) => {
      const value = spec.type === 'boolean' ? '' : `:${spec.value}:${zshValues(spec)}`
      return `'--${flag}[${zshText(spec.summary)}]${value}'`
    })
    const files = takesLog ? "'*:log:_starling_logs'" : "'*:file:_files'"
    const rest = words.length === 0 ? files : `'*:word:(${words.join(' ')})'`
    return `    ${name}) _arguments -S ${[...specs, rest].join(' ')} ;;`
  })
  return `#compdef starling
_starling_logs() {
  _alternative 'files:file:_files' 'urls:url:compadd -S "" -- ${URL_START}'
}
_starling() {
  local -a commands
  commands=(
${names.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command="$words[2]"
  shift words
  (( CURRENT-- ))
  case "$command" in
${cases.join('\n')}
  esac
}
# As a file of $fpath this is the body of the function itself, called when something is first completed.
if [ "$funcstack[1]" = "_starling" ]; then
  _starling "$@"
else
  compdef _starling starling
fi
`
}

function fish(commands: readonly CompletionCommand[]): string {
  const lines = commands.flatMap(({ name, summary, flags, words, takesLog }) => [
    `complete -c starling -n __starling_no_command -f -a ${name} -d '${fishText(summary)}'`,
    ...(words.length === 0 ? [] : [`complete -c starling -n '__starling_command ${name}' -f -a '${words.join(' ')}'`]),
    ...(takesLog ? [`complete -c starling -n '__starling_command ${name}' -a '${URL_START}'`] : []),
    ...Object.entries(flags).map(([flag, spec]) => {
      const short = spec.short === undefined ? '' : ` -s ${spec.short}`
      return `complete -c starling -n '__starling_command ${name}' -l ${flag}${short}${fishValue(spec)} -d '${fishText(spec.summary)}'`
    }),
  ])
  return `# fish completion for starling
function __starling_no_command
  test (count (commandline -opc)) -eq 1
end
function __starling_command
  set -l words (commandline -opc)
  test (count $words) -ge 2; and test $words[2] = $argv[1]
end
${lines.join('\n')}
`
}

function fishValue(spec: FlagSpecs[string]): string {
  const choices = choicesOf(spec)
  if (choices.length > 0) return ` -x -a '${choices.join(' ')}'`
  if (spec.type === 'string' && spec.isLog === true) return ` -r -a '${URL_START}'`
  return { boolean: '', integer: ' -x', strings: ' -x', string: ' -r' }[spec.type]
}

function longFlags(flags: FlagSpecs): readonly string[] {
  return Object.keys(flags).map((flag) => `--${flag}`)
}

function zshValues(spec: FlagSpecs[string]): string {
  if (spec.type !== 'string') return ''
  const choices = choicesOf(spec)
  if (spec.isLog === true) return '_starling_logs'
  return choices.length === 0 ? '_files' : `(${choices.join(' ')})`
}

function choicesOf(spec: FlagSpecs[string]): readonly string[] {
  return spec.type === 'string' ? (spec.complete ?? spec.choices ?? []) : []
}

function zshText(text: string): string {
  return text.replaceAll("'", "'\\''").replaceAll(/[[\]:]/g, (character) => `\\${character}`)
}

function fishText(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")
}
