/** Puts lines together out of pieces of text, in time linear in their length. */
export class LineReader {
  readonly #maxLength: number
  #parts: string[] = []
  #length = 0

  /** A line of more than `maxLength` UTF-16 units is refused: what has no end must not fill the memory. */
  constructor(maxLength: number) {
    this.#maxLength = maxLength
  }

  /**
   * Takes the next piece and returns the lines that it ends, without their ends.
   *
   * @throws `RangeError` when a line gets too long.
   */
  read(text: string): readonly string[] {
    const lines = text.split('\n')
    const rest = lines.pop() ?? ''
    const [first, ...others] = lines
    const ended = first === undefined ? [] : [this.#parts.join('') + first, ...others]
    if (first !== undefined) this.#clear()
    this.#parts.push(rest)
    this.#length += rest.length
    const longest = Math.max(this.#length, ...ended.map(({ length }) => length))
    if (longest > this.#maxLength) throw new RangeError(`a message of more than ${this.#maxLength} characters`)
    return ended.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line))
  }

  #clear(): void {
    this.#parts = []
    this.#length = 0
  }
}
