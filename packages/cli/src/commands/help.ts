import { usageError } from '../cli-error.ts'
import { defineCommand, type Command } from '../command.ts'
import { allFlags } from '../common-flags.ts'
import { EXIT } from '../exit-code.ts'
import { snakeKeys } from '../snake-keys.ts'
import { suggest } from '../suggest.ts'
import { commandUsage, programUsage, usageLine } from '../usage.ts'

/** Explains one command, or lists all of them. */
export const command: Command = defineCommand({
  log: 'none',
  args: [
    {
      name: 'command',
      complete: 'commands',
      optional: true,
      summary: 'the command to explain; all are listed when absent',
    },
  ],
  flags: {},
  description: 'Explains a command, or lists all of them.',
  async run({ out, args, commands }) {
    const [name] = args
    if (name === undefined) {
      if (out.json)
        await out.data({ commands: commands.map((entry) => ({ name: entry.name, summary: entry.summary })) })
      else await out.write(programUsage(commands))
      return EXIT.ok
    }
    const entry = commands.find((candidate) => candidate.name === name)
    if (entry === undefined) {
      const nearest = suggest(
        name,
        commands.map((candidate) => candidate.name),
      )
      throw usageError(
        `unknown command ${JSON.stringify(name)}${nearest === undefined ? '' : `; did you mean ${nearest}?`}`,
      )
    }
    const explained = await entry.load()
    if (out.json) {
      const { description, args: parameters, examples = [] } = explained
      const usage = usageLine(name, explained)
      await out.data({
        name,
        summary: entry.summary,
        usage,
        description,
        arguments: parameters.map(snakeKeys),
        // By their names, which are no keys of ours.
        flags: Object.fromEntries(Object.entries(allFlags(explained)).map(([flag, spec]) => [flag, snakeKeys(spec)])),
        examples,
      })
    } else {
      await out.write(commandUsage(name, explained))
    }
    return EXIT.ok
  },
})
