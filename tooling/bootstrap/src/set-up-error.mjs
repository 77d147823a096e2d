/** A set-up that cannot go on. Its message is the one line a person sees. */
export class SetUpError extends Error {
  /**
   * @param {string} message
   * @param {{ logFile?: string | undefined, exitCode?: number }} [options]
   */
  constructor(message, { logFile, exitCode = 1 } = {}) {
    super(logFile === undefined ? message : `${message} · full log: ${logFile}`)
    this.name = 'SetUpError'
    this.exitCode = exitCode
  }
}
