/** Something in the demo is not as it should be: the message is the one line that says what. */
class DemoFailure extends Error {}

/** Ends the demo with `message` unless `condition` holds. */
export function check(condition: boolean, message: string): asserts condition {
  if (!condition) throw new DemoFailure(message)
}
