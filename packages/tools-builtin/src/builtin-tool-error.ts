import { StarlingError } from '@starling/event'

/** Why a built-in tool did not do what it was asked for. */
export type BuiltinToolErrorCode =
  /** What the tool's options do not allow: an address, a path outside the root, a program. */
  | 'BUILTIN_REFUSED'
  /** The file, the folder, the host or the program does not exist. */
  | 'BUILTIN_NOT_FOUND'
  /** It exists and is of a kind that the tool does not work with, such as a folder or a device. */
  | 'BUILTIN_UNSUPPORTED'
  /** Reading, writing, sending or starting failed. */
  | 'BUILTIN_FAILED'

/** An error of a built-in tool; its message is what the model reads. */
export class BuiltinToolError extends StarlingError<BuiltinToolErrorCode> {}
