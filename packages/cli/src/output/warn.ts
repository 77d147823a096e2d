import type { Invocation } from '../command.ts'
import { hidePasswords } from '../log-url.ts'
import { printableLine } from './printable.ts'
import { toJson } from './printer.ts'

/** What is wrong with something that the command can do without. */
export interface Warning {
  readonly code: string
  readonly message: string
}

/** Where it is said. */
export interface WarnTarget extends Pick<Invocation, 'out'> {
  readonly io: Pick<Invocation['io'], 'stderr'>
}

/** Says on stderr what a reader of the result must know; stdout holds nothing but the result. */
export async function warn({ io, out }: WarnTarget, { code, message: text }: Warning): Promise<void> {
  const message = hidePasswords(text)
  const line = out.json ? toJson({ error: { code, message } }) : `starling: ${printableLine(message)}`
  await io.stderr.write(`${line}\n`)
}
