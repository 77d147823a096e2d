import type { CommandOptions, Runner } from './runner.ts'
import type { Step, StepOutcome } from './step.ts'

/** A check that is one command. */
export interface CommandStepOptions extends CommandOptions {
  readonly name: string
  readonly needs?: string | undefined
  readonly command: readonly [string, ...string[]]
  /**
   * Where the output says how much was looked at: the first group is the number. A tool that crashes
   * politely, or that no longer finds the files it is there for, does not pass.
   */
  readonly evidence: RegExp
  /** What is counted: `files`. */
  readonly unit: string
  /** The least that counts as having looked. Default: 1. */
  readonly atLeast?: number | undefined
}

/** Creates the step of one command. */
export function createCommandStep(runner: Runner, options: CommandStepOptions): Step {
  return {
    name: options.name,
    needs: options.needs,
    async run() {
      const [command, ...args] = options.command
      const { exitCode, output } = await runner.run(command, args, options)
      return judge({ exitCode, output }, options)
    },
  }
}

/** Decides whether a command passed: by its exit code and by the evidence in its output. */
function judge(
  result: { readonly exitCode: number; readonly output: string },
  options: Pick<CommandStepOptions, 'evidence' | 'unit' | 'atLeast'>,
): StepOutcome {
  const { exitCode, output } = result
  const count = Number(options.evidence.exec(output)?.[1] ?? 0)
  const detail = `${count} ${options.unit}`
  if (exitCode !== 0) return { passed: false, detail: `exit code ${exitCode}`, output }
  const atLeast = options.atLeast ?? 1
  if (count >= atLeast) return { passed: true, detail, output }
  return { passed: false, detail: `looked at ${detail}, expected at least ${atLeast}`, output }
}
