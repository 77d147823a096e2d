export { BuiltinToolError, type BuiltinToolErrorCode } from './builtin-tool-error.ts'
export type { FetchProxy, FetchToolOptions } from './fetch/fetch-options.ts'
export { createFetchTool } from './fetch/fetch-tool.ts'
export type { HostLookup } from './net/network-gate.ts'
