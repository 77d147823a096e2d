const BRAND = Symbol.for('@starling/error')

/** How a {@link StarlingError} is made. */
export interface StarlingErrorOptions extends ErrorOptions {
  /** True when doing the same thing again may succeed. Default: `false`. */
  readonly retryable?: boolean | undefined
}

/**
 * The base of every error this project throws on purpose.
 *
 * Branch on {@link StarlingError.code}, never on the message or on the class:
 * codes are stable across versions, processes and copies of the package.
 */
export abstract class StarlingError<Code extends string = string> extends Error {
  /** The stable, machine-readable condition, `PACKAGE_CONDITION`. */
  readonly code: Code
  /** True when doing the same thing again may succeed. */
  readonly retryable: boolean

  constructor(code: Code, message: string, options: StarlingErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.name = new.target.name
    this.code = code
    this.retryable = options.retryable ?? false
    Object.defineProperty(this, BRAND, { value: true })
  }
}

/** Reports whether `value` is an error of this project, whichever copy or realm made it. */
export function isStarlingError(value: unknown): value is StarlingError {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, BRAND)
}

/** Reports whether `value` is an error of this project with this `code`. */
export function hasCode<Code extends string>(value: unknown, code: Code): value is StarlingError<Code> {
  return isStarlingError(value) && value.code === code
}
