import type { RunUpdate } from '@starling/core'
import type { RunView } from './run-view.ts'

/** A view that stands still while a question stands on the terminal. */
export interface Screen {
  /** Shows an update, now or when the question is gone. */
  update(update: RunUpdate): Promise<void>
  /** Resolves when everything so far is shown; from then on nothing is. */
  hold(): Promise<void>
  /** Shows what has been held back. */
  release(): Promise<void>
}

/**
 * Puts a view on a terminal that questions are asked on too. Where `shared` is
 * false, the view goes elsewhere and is never held back.
 */
export function createScreen(view: Pick<RunView, 'update'>, shared: boolean): Screen {
  let held: RunUpdate[] | undefined
  let shown = Promise.resolve()
  const show = async (update: RunUpdate): Promise<void> => {
    const next = shown.then(async () => view.update(update))
    // What fails is told to whoever waits for this update; the next is shown all the same.
    shown = next.catch(() => undefined)
    return next
  }
  return {
    update: async (update) => {
      if (held === undefined) return show(update)
      // How far something had come is of no interest later.
      if (update.type !== 'tool-progress') held.push(update)
    },
    hold: async () => {
      if (shared) held ??= []
      await shown
    },
    release: async () => {
      const late = held ?? []
      held = undefined
      for (const update of late) await show(update)
    },
  }
}
