export { TOOL_CHECKS, type ToolCheck } from './tool-checks.ts'
export { createToolContext, type ToolContextOverrides } from './tool-context.ts'
export type { ToolHarness } from './tool-harness.ts'
export { describeTool } from './tool.conformance.ts'
