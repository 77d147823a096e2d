/** Variables of bash that run code, or evaluate what they are set to, and those that give programs options that do. */
const ACTIVE =
  /^(PS[0-4]|ENV|BASH(_.*|OPTS)|SHELLOPTS|PROMPT_COMMAND|S?RANDOM|SECONDS|LINENO|HISTCMD|OPTIND|DIRSTACK|FUNCNAME|GROUPS|PIPESTATUS|MAPFILE|GIT_CONFIG_(COUNT|PARAMETERS|KEY_\d+|VALUE_\d+)|GIT_EXEC_PATH|TAR_OPTIONS)$/

/** Variables whose value some program runs as a command. */
const HOLDS_COMMAND =
  /^(GIT_(PAGER|EDITOR|SEQUENCE_EDITOR|SSH|SSH_COMMAND|PROXY_COMMAND|ASKPASS|EXTERNAL_DIFF)|(MAN|SYSTEMD_)?PAGER|EDITOR|VISUAL|FCEDIT|SUDO_EDITOR|BROWSER|LESS(OPEN|CLOSE)|(RSYNC|CVS)_RSH|(SUDO|SSH)_ASKPASS|CARGO_.*_RUNNER|RUSTC_WRAPPER)$/

/** Reports whether a variable makes a shell, or a program, run more than is written. */
export function isActiveVariable(name: string): boolean {
  return ACTIVE.test(name)
}

/** The command in the value of a variable; `undefined` for variables that hold none. */
export function commandOfVariable(name: string, value: string): string | undefined {
  // Of those of less, a pipe says where the output goes.
  return HOLDS_COMMAND.test(name) ? value.replace(/^\|+-?/, '') : undefined
}
