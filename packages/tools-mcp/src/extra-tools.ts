import type { EntryKind } from './catalogue.ts'

/** A tool that reads what a server has beside its tools. */
export interface ExtraTool {
  /** Its name, without prefix. */
  readonly kind: Exclude<EntryKind, 'tool'>
  /** The option and the capability that it belongs to. */
  readonly of: 'resources' | 'prompts'
  /** The method of the protocol. */
  readonly method: string
  readonly description: string
  readonly schema: object
}

const CURSOR = {
  type: 'object',
  properties: {
    cursor: { type: 'string', description: 'The nextCursor of the page before; none for the first page.' },
  },
}

/** Every {@link ExtraTool}. */
export const EXTRA_TOOLS: readonly ExtraTool[] = [
  {
    kind: 'list_resources',
    of: 'resources',
    method: 'resources/list',
    description: 'Lists the resources that can be read, and the templates of their addresses.',
    schema: CURSOR,
  },
  {
    kind: 'read_resource',
    of: 'resources',
    method: 'resources/read',
    description: 'Reads one resource.',
    schema: {
      type: 'object',
      properties: { uri: { type: 'string', description: 'The address of the resource.' } },
      required: ['uri'],
    },
  },
  {
    kind: 'list_prompts',
    of: 'prompts',
    method: 'prompts/list',
    description: 'Lists the prompts that can be had, and their arguments.',
    schema: CURSOR,
  },
  {
    kind: 'get_prompt',
    of: 'prompts',
    method: 'prompts/get',
    description: 'Gets one prompt, filled in with arguments.',
    schema: {
      type: 'object',
      properties: {
        name: { type: 'string', description: 'The name of the prompt.' },
        arguments: { type: 'object', additionalProperties: { type: 'string' } },
      },
      required: ['name'],
    },
  },
]
