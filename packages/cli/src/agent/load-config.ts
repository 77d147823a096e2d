import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { CliError } from '../cli-error.ts'
import type { CliIo } from '../io.ts'
import type { StarlingConfig } from './config.ts'
import { importModule } from './import-module.ts'

const FILES = ['starling.config.ts', 'starling.config.mts', 'starling.config.js', 'starling.config.mjs']

/**
 * Loads the configuration of the current directory, if there is one.
 *
 * @throws {@link CliError} `CLI_AGENT_LOAD`, `CLI_AGENT_INVALID`
 */
export async function loadConfig(io: CliIo): Promise<StarlingConfig | undefined> {
  for (const file of FILES) {
    const found = await stat(join(io.cwd, file)).catch(() => undefined) // Not there: the next name may be.
    if (found?.isFile() === true) return readConfig(await importModule(file, io), file)
  }
  return undefined
}

function readConfig(module: Readonly<Record<string, unknown>>, file: string): StarlingConfig {
  const config = module['config'] ?? module['default']
  if (typeof config !== 'object' || config === null) {
    throw new CliError(
      'CLI_AGENT_INVALID',
      `${file} exports no \`config\`; write: export const config = { agent: './agent.ts', db: 'runs.db' }`,
    )
  }
  const { agent, db, ...others }: { agent?: unknown; db?: unknown } = config
  const [unknown] = Object.keys(others)
  if (unknown !== undefined)
    throw new CliError('CLI_AGENT_INVALID', `${file}: unknown key ${unknown}; there are agent and db`)
  if (db !== undefined && (typeof db !== 'string' || db === '')) {
    throw new CliError('CLI_AGENT_INVALID', `${file}: db must be a path, got ${JSON.stringify(db) ?? typeof db}`)
  }
  if (agent !== undefined && typeof agent !== 'string' && (typeof agent !== 'object' || agent === null)) {
    throw new CliError(
      'CLI_AGENT_INVALID',
      `${file}: agent must be the path of a module or an agent definition, got ${typeof agent}`,
    )
  }
  // An agent given as a value is checked where it is used, together with those that modules export.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return { agent: agent as StarlingConfig['agent'], db }
}
