/** How {@link fitsWildcards} compares. */
export interface WildcardRules<Piece, Item> {
  /** Whether a piece of the pattern stands for any number of items. */
  readonly isStar: (piece: Piece) => boolean
  /** Whether another piece fits an item. */
  readonly fits: (piece: Piece, item: Item) => boolean
}

/**
 * Reports whether a pattern, in pieces, fits all the items: the characters of
 * a text, or the parts of a path.
 *
 * Takes at most as many steps as the two lengths multiplied: only the last
 * star is ever tried again, since what an earlier one could still take, the
 * last one can take as well.
 */
export function fitsWildcards<Piece, Item>(
  pattern: ArrayLike<Piece>,
  items: ArrayLike<Item>,
  { isStar, fits }: WildcardRules<Piece, Item>,
): boolean {
  let at = 0
  let read = 0
  let star = -1
  let resume = 0
  while (read < items.length) {
    const piece = pattern[at]
    const item = items[read]
    if (piece !== undefined && isStar(piece)) {
      star = at
      resume = read
      at += 1
    } else if (piece !== undefined && item !== undefined && fits(piece, item)) {
      at += 1
      read += 1
    } else if (star >= 0) {
      at = star + 1
      resume += 1
      read = resume
    } else return false
  }
  for (; at < pattern.length; at++) {
    const piece = pattern[at]
    if (piece === undefined || !isStar(piece)) return false
  }
  return true
}
