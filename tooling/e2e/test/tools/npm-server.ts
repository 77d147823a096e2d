import { fileURLToPath } from 'node:url'

/** The program of an MCP server that an npm package brings. */
export function npmServerPath(name: 'everything' | 'filesystem' | 'memory'): string {
  return fileURLToPath(import.meta.resolve(`@modelcontextprotocol/server-${name}/dist/index.js`))
}
