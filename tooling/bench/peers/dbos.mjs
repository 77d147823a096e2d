// DBOS Transact on Postgres: every step of a workflow is recorded before the next one starts.
import { DBOS } from '@dbos-inc/dbos-sdk'
import { textOf } from './text.mjs'

export const name = 'DBOS Transact'

/** Readies the work on the server at `url`; what is returned does it once, and can be called many times at once. */
export async function open({ turns, bytes, url }) {
  const text = textOf(bytes)
  const work = DBOS.registerWorkflow(
    async () => {
      const messages = ['Do the work.']
      for (let turn = 1; turn <= turns; turn += 1) {
        messages.push(await DBOS.runStep(async () => ({ text, call: turn }), { name: 'model' }))
        messages.push(await DBOS.runStep(async () => text, { name: 'work' }))
      }
      messages.push(await DBOS.runStep(async () => ({ text: 'done' }), { name: 'model' }))
      return messages.length
    },
    { name: `work-${turns}` },
  )
  return { work, turns, url }
}

/** Starts DBOS; everything has to be registered by then. */
export async function launch(url) {
  DBOS.setConfig({ name: 'bench', systemDatabaseUrl: url, systemDatabasePoolSize: 20, logLevel: 'error' })
  await DBOS.launch()
}

export async function run({ work, turns }) {
  const kept = await work()
  if (kept !== 2 * turns + 2) throw new Error(`DBOS kept ${kept} messages`)
}

export async function close() {
  await DBOS.shutdown()
}
