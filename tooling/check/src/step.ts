/** What a step found. */
export interface StepOutcome {
  readonly passed: boolean
  /** What it looked at, in a few words: `312 files`. */
  readonly detail: string
  /** What a person needs to see when it failed. */
  readonly output: string
}

/** One check. */
export interface Step {
  readonly name: string
  /** The step that must have passed before this one makes sense. */
  readonly needs?: string | undefined
  run(): Promise<StepOutcome>
}

/** How one step of a whole check ended. */
export interface StepResult extends StepOutcome {
  readonly name: string
  readonly status: 'passed' | 'failed' | 'blocked'
  readonly seconds: number
}
