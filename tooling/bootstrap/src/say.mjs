/** @param {string} line */
export function sayOnStdout(line) {
  process.stdout.write(`${line}\n`)
}

/** @param {string} line */
export function sayOnStderr(line) {
  process.stderr.write(`${line}\n`)
}
