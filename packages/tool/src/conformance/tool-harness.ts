import type { Tool } from '../tool.ts'
import type { ToolContextOverrides } from './tool-context.ts'

/** What a tool's test must bring to be put through the suite. */
export interface ToolHarness {
  /** How the suite is titled. */
  readonly name: string
  /** Makes the tool; every one it makes is the same. */
  create(): Tool | Promise<Tool>
  /** Inputs, as data, that the tool takes, with the result when it is always the same. Default: what needs one skips. */
  readonly accepts?:
    | readonly {
        readonly input: unknown
        readonly result?: unknown
        readonly context?: ToolContextOverrides | undefined
      }[]
    | undefined
  /** Inputs, as data, that do not match its schema. Default: what needs one skips. */
  readonly rejects?: readonly unknown[] | undefined
}
