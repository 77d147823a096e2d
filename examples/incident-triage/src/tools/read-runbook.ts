import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { defineTool, type Tool } from '@starling/tool'
import * as z from 'zod'
import { DATA } from '../paths.ts'

const RUNBOOKS = join(DATA, 'runbooks')
const EXTENSION = '.md'

/** Reads one of the runbooks of the example. */
export const readRunbook: Tool = defineTool({
  name: 'read_runbook',
  description: 'Reads a runbook. The runbooks: db-pool-exhaustion, inventory-memory, payment-provider-outage.',
  input: z.object({ name: z.string().describe('The name of the runbook.') }),
  async execute({ name }) {
    // Only what the folder lists can be read: the name comes from a model and may be any path.
    const names = (await readdir(RUNBOOKS)).filter((file) => file.endsWith(EXTENSION)).toSorted()
    if (!names.includes(`${name}${EXTENSION}`)) {
      const known = names.map((file) => file.slice(0, -EXTENSION.length)).join(', ')
      throw new Error(`there is no runbook ${JSON.stringify(name)}; there are: ${known}`)
    }
    return { name, text: await readFile(join(RUNBOOKS, `${name}${EXTENSION}`), 'utf8') }
  },
})
