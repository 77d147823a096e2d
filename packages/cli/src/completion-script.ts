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
}

/** Returns a script that completes commands, flags, choices and file names. */
export function completionScript(shell: Shell, commands: readonly CompletionCommand[]): string {
  return { bash, zsh, fish }[shell](commands)
}

function bash(commands: readonly CompletionCommand[]): string {
  const cases = commands.map(({ name, flags }) => `    ${name}) flags="${longFlags(flags).join(' ')}" ;;`)
  const values = commands.flatMap(({ name, flags }) =>
    Object.entries(flags).flatMap(([flag, spec]) => {
      const words = choicesOf(spec)
      return words.length === 0 ? [] : [`    ${name}:--${flag}) choices="${words.join(' ')}" ;;`]
    }),
  )
  return `# bash completion for starling
_starling() {
  local current="\${COMP_WORDS[COMP_CWORD]}" command="\${COMP_WORDS[1]}" flags="" choices="" file
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
  if [ -n "$choices" ]; then
    COMPREPLY=($(compgen -W "$choices" -- "$current"))
    return
  fi
  case "$current" in
    -*) COMPREPLY=($(compgen -W "$flags" -- "$current")) ;;
    *) if [ "$command" = help ]; then
         COMPREPLY=($(compgen -W "${commands.map(({ name }) => name).join(' ')}" -- "$current"))
       else
         COMPREPLY=()
         while IFS= read -r file; do COMPREPLY+=("$file"); done < <(compgen -f -- "$current")
       fi ;;
  esac
}
complete -o filenames -F _starling starling
`
}

function zsh(commands: readonly CompletionCommand[]): string {
  const names = commands.map(({ name, summary }) => `    '${name}:${zshText(summary)}'`)
  const cases = commands.map(({ name, flags }) => {
    const specs = Object.entries(flags).map(([flag, spec]) => {
      const value = spec.type === 'boolean' ? '' : `:${spec.value}:${zshValues(spec)}`
      return `'--${flag}[${zshText(spec.summary)}]${value}'`
    })
    return `    ${name}) _arguments -S ${[...specs, "'*:file:_files'"].join(' ')} ;;`
  })
  return `#compdef starling
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
compdef _starling starling
`
}

function fish(commands: readonly CompletionCommand[]): string {
  const lines = commands.flatMap(({ name, summary, flags }) => [
    `complete -c starling -n __fish_use_subcommand -f -a ${name} -d '${fishText(summary)}'`,
    ...Object.entries(flags).map(([flag, spec]) => {
      const short = spec.short === undefined ? '' : ` -s ${spec.short}`
      const choices = choicesOf(spec)
      const value = spec.type === 'boolean' ? '' : choices.length > 0 ? ` -x -a '${choices.join(' ')}'` : ' -r'
      return `complete -c starling -n '__fish_seen_subcommand_from ${name}' -l ${flag}${short}${value} -d '${fishText(spec.summary)}'`
    }),
  ])
  return `# fish completion for starling\n${lines.join('\n')}\n`
}

function longFlags(flags: FlagSpecs): readonly string[] {
  return Object.keys(flags).map((flag) => `--${flag}`)
}

function zshValues(spec: FlagSpecs[string]): string {
  if (spec.type !== 'string') return ''
  const choices = choicesOf(spec)
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
