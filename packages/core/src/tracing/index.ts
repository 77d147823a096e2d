export { createTracing, SEMANTIC_CONVENTIONS_VERSION } from './tracing.ts'
export type { TracingOptions } from './tracing.ts'
