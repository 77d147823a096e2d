import type { Tool } from './tool.ts'

/** The tools of a {@link ToolSource} as they are now. */
export interface ToolCatalogue {
  readonly tools: readonly Tool[]
  /**
   * Everything that {@link ToolSource.restore} needs to make the same tools
   * again, as one JSON text without secrets; it is recorded in the run.
   */
  readonly recorded: string
}

/**
 * Tools that come from elsewhere and are known only once someone has asked,
 * such as those of a server.
 *
 * What the types cannot say, every implementation must hold:
 *
 * - **Restorable.** `restore(recorded)` makes tools with the same names,
 *   descriptions, schemas and policies as the catalogue it comes from, in the
 *   same order, and reaches nothing while it does. They reach out when they are called.
 * - **Replayable.** A restored tool takes everything from outside through the
 *   recorded side effects of its context: replaying its calls needs no source.
 * - **Shared.** Several runs may use it at once.
 */
export interface ToolSource {
  /** Unique among the sources of an agent, and how the log names it. */
  readonly name: string
  /** Asks for the tools, before a run begins. Rejects when they cannot be had. */
  list(options: { readonly signal?: AbortSignal | undefined }): Promise<ToolCatalogue>
  /**
   * Makes the tools of a recorded run again.
   *
   * @throws `ToolError` `TOOL_INVALID_DEFINITION` for a text that is not one of its own.
   */
  restore(recorded: string): readonly Tool[]
  /** Lets go of whatever it holds open. It may be used again afterwards. */
  close(): Promise<void>
}
