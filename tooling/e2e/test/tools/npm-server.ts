import { fileURLToPath } from 'node:url'

/** The program of an MCP server that an npm package brings. */
export function npmServerPath(name: 'everything' | 'filesystem' | 'memory'): string {
  return fileURLToPath(import.meta.resolve(`@modelcontextprotocol/server-${name}/dist/index.js`))
}

/** The program of a server of both revisions over stdio, with a tool for everything a tool may do. */
export function workshopPath(): string {
  return fileURLToPath(new URL('../../../../packages/tools-mcp/test/servers/workshop.child.ts', import.meta.url))
}
