import { defineCommand, type Command } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import { packageVersion } from '../package-version.ts'

/** Prints the version. */
export const command: Command = defineCommand({
  log: 'none',
  args: [],
  flags: {},
  description: 'Prints the version of starling.',
  async run({ out }) {
    const version = packageVersion()
    if (out.json) await out.data({ version, node: process.versions.node })
    else await out.line(`starling ${version}`)
    return EXIT.ok
  },
})
