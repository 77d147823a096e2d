import { usageError } from '../cli-error.ts'
import { defineCommand, type Command } from '../command.ts'
import { allFlags } from '../common-flags.ts'
import { completionScript, SHELLS, type CompletionCommand } from '../completion-script.ts'
import { EXIT } from '../exit-code.ts'

/** Prints a completion script for a shell. */
export const command: Command = defineCommand({
  log: 'none',
  args: [{ name: 'shell', complete: SHELLS, summary: SHELLS.join(', ') }],
  flags: {},
  description: `Prints a script that completes commands and flags.
  bash  starling completion bash >> ~/.bashrc
  zsh   starling completion zsh > "\${fpath[1]}/_starling"
  fish  starling completion fish > ~/.config/fish/completions/starling.fish`,
  async run({ out, args, commands }) {
    const shell = SHELLS.find((candidate) => candidate === args[0])
    if (shell === undefined)
      throw usageError(`shell must be one of ${SHELLS.join(', ')}; got ${JSON.stringify(args[0])}`)
    const all: CompletionCommand[] = []
    for (const entry of commands) {
      const loaded = await entry.load()
      const complete = loaded.args[0]?.complete ?? []
      const words = complete === 'commands' ? commands.map(({ name }) => name) : complete
      const takesLog = loaded.log !== 'none'
      all.push({ name: entry.name, summary: entry.summary, flags: allFlags(loaded), words, takesLog })
    }
    const script = completionScript(shell, all)
    if (out.json) await out.data({ shell, script })
    else await out.write(script)
    return EXIT.ok
  },
})
