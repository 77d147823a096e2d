import { fileURLToPath } from 'node:url'

/** The folder of this example. */
export const EXAMPLE: string = fileURLToPath(new URL('..', import.meta.url))

/** What the example writes; ignored by git. */
export const SCRATCH: string = fileURLToPath(new URL('../.starling/', import.meta.url))

/** The files that the tools read. */
export const DATA: string = fileURLToPath(new URL('../data/', import.meta.url))
