import type { ModelChunk, Usage } from '@starling/provider'
import type { Operation } from '@starling/step'

/** Remembers what the vendor has counted of model calls under way: one that is cut off has no outcome to say it. */
export interface UsageMeter {
  take(turnId: string, chunk: ModelChunk): void
  /** What is known of a call; `undefined` for other operations, and when the vendor has said nothing yet. */
  usageOf(operation: Operation): Usage | undefined
  /** Lets go of an operation that has ended. */
  forget(operation: Operation): void
}

/** Makes an empty meter. */
export function createUsageMeter(): UsageMeter {
  const usages = new Map<string, Usage>()
  return {
    take(turnId, chunk) {
      if (chunk.type === 'usage') usages.set(turnId, chunk.usage)
    },
    usageOf: (operation) => (operation.type === 'model' ? usages.get(operation.turnId) : undefined),
    forget(operation) {
      if (operation.type === 'model') usages.delete(operation.turnId)
    },
  }
}
