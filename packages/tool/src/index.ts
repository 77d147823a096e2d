export { canonicalSchema } from './canonical-schema.ts'
export { defineTool, type DefineToolOptions } from './define-tool.ts'
export type { InferToolInput, PlainInputSchema, ToolInputSchema } from './input-schema.ts'
export { definePolicy, withPolicy } from './policy.ts'
export type { StandardIssue, StandardJSONSchemaV1, StandardResult, StandardSchemaV1 } from './standard-schema.ts'
export { createSchemaReader, type ReadValue, type SchemaReader } from './schema-reader.ts'
export { ToolError, type ToolErrorCode } from './tool-error.ts'
export type {
  AskOptions,
  Tool,
  ToolAnswer,
  ToolAttachment,
  ToolContext,
  ToolErrorPolicy,
  ToolPolicy,
  ToolProgress,
  ToolQuestion,
} from './tool.ts'
export type { ToolCatalogue, ToolSource } from './tool-source.ts'
export { isTransient, transient } from './transient.ts'
export { wrap, type ToolMiddleware } from './wrap.ts'
