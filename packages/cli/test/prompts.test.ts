import type { RunUpdate } from '@starling/core'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createPrompts, type Prompts } from '../src/agent/prompts.ts'
import { createScreen, type Screen } from '../src/agent/screen.ts'

describe('questions at a terminal', () => {
  test('are asked one after the other, in the order in which they came up', async () => {
    const desk = openDesk()
    desk.prompts.add('a', async (ask) => void (await ask('a?')))
    desk.prompts.add('b', async (ask) => {
      await ask('b?')
      await ask('b again?', 'prefilled')
    })
    await desk.answer('yes')
    await desk.answer('yes')
    await desk.answer('yes')
    await desk.idle
    expect(desk.asked).toEqual(['a?', 'b?', 'b again? prefilled'])
    expect(desk.prompts.isIdle).toBe(true)
  })

  test('one that is withdrawn before it is asked is never asked', async () => {
    const desk = openDesk()
    desk.prompts.add('a', async (ask) => void (await ask('a?')))
    desk.prompts.add('b', async (ask) => void (await ask('b?')))
    desk.prompts.withdraw('b', 'b is decided')
    desk.prompts.withdraw('c', 'nobody asks c')
    await desk.answer('yes')
    await desk.idle
    expect(desk.asked).toEqual(['a?'])
    expect(desk.told).toEqual([])
  })

  test('one that is withdrawn while it stands there is taken back with the reason, and the next is asked', async () => {
    const desk = openDesk()
    desk.prompts.add('a', async (ask) => void (await ask('a?')))
    desk.prompts.add('b', async (ask) => void (await ask('b?')))
    await desk.standing()
    desk.prompts.withdraw('a', 'a is decided')
    await desk.answer('yes')
    await desk.idle
    expect(desk.asked).toEqual(['a?', 'b?'])
    expect(desk.told).toEqual(['\na is decided\n'])
    expect(desk.failed).toEqual([])
  })

  test('an answer that comes when the question is withdrawn already counts no more', async () => {
    const heard: string[] = []
    const desk = openDesk({ ignoresSignal: true })
    desk.prompts.add('a', async (ask) => void heard.push(await ask('a?')))
    await desk.standing()
    desk.prompts.withdraw('a', 'too late')
    await desk.answer('yes')
    await desk.idle
    expect(heard).toEqual([])
    expect(desk.failed).toEqual([])
  })

  test('a dialog that fails is told, and the next is asked all the same', async () => {
    const desk = openDesk()
    const failure = new Error('no terminal')
    desk.prompts.add('a', async () => Promise.reject(failure))
    desk.prompts.add('b', async (ask) => void (await ask('b?')))
    await desk.answer('yes')
    await desk.idle
    expect(desk.failed).toEqual([['a', failure]])
    expect(desk.asked).toEqual(['b?'])
  })

  test('closing takes all of them back, and nothing is asked afterwards', async () => {
    const desk = openDesk()
    desk.prompts.add('a', async (ask) => void (await ask('a?')))
    desk.prompts.add('b', async (ask) => void (await ask('b?')))
    await desk.standing()
    await desk.prompts.close()
    desk.prompts.add('c', async (ask) => void (await ask('c?')))
    await desk.prompts.close()
    expect(desk.asked).toEqual(['a?'])
    expect(desk.failed).toEqual([])
  })
})

describe('a screen that questions are asked on', () => {
  test('shows what happens while it is held when it is released, in order, and no progress of then', async () => {
    const { screen, shown } = openScreen(true)
    await screen.update(text('1'))
    await screen.hold()
    await screen.update(text('2'))
    await screen.update({ type: 'tool-progress', callId: 'c', tool: 't', progress: 1 })
    await screen.update(text('3'))
    expect(shown).toEqual(['1'])
    await screen.release()
    await screen.update(text('4'))
    expect(shown).toEqual(['1', '2', '3', '4'])
  })

  test('is not held where the view goes elsewhere', async () => {
    const { screen, shown } = openScreen(false)
    await screen.hold()
    await screen.update(text('1'))
    expect(shown).toEqual(['1'])
  })

  test('shows every update once and in order, whenever it is held and released', async () => {
    const step = fc.constantFrom('update', 'hold', 'release')
    await fc.assert(
      fc.asyncProperty(fc.array(step), async (steps) => {
        const { screen, shown } = openScreen(true)
        let next = 0
        for (const name of steps) await (name === 'update' ? screen.update(text(String(next++))) : screen[name]())
        await screen.release()
        expect(shown).toEqual(Array.from({ length: next }, (_item, index) => String(index)))
      }),
    )
  })
})

function text(said: string): RunUpdate {
  return { type: 'text-delta', turnId: 't', text: said }
}

function openScreen(shared: boolean): { readonly screen: Screen; readonly shown: string[] } {
  const shown: string[] = []
  const update = async (shownUpdate: RunUpdate): Promise<void> => {
    if (shownUpdate.type === 'text-delta') shown.push(shownUpdate.text)
  }
  return { screen: createScreen({ update }, shared), shown }
}

interface Desk {
  readonly prompts: Prompts
  readonly asked: string[]
  readonly told: string[]
  readonly failed: (readonly [string, unknown])[]
  /** Resolves when nothing is asked any more. */
  readonly idle: Promise<void>
  /** Resolves once a question stands there. */
  standing(): Promise<void>
  /** Answers the question that stands there, or the next. */
  answer(typed: string): Promise<void>
}

/** A terminal at which the test answers. */
function openDesk(options: { readonly ignoresSignal?: boolean } = {}): Desk {
  const [asked, told]: [string[], string[]] = [[], []]
  const failed: (readonly [string, unknown])[] = []
  const idle = Promise.withResolvers<void>()
  let open: ((typed: string) => void) | undefined
  let stands = Promise.withResolvers<void>()
  const prompts = createPrompts({
    ask: async (question, { signal, prefill }) =>
      new Promise((resolve, reject) => {
        asked.push([question, prefill].filter((part) => part !== undefined).join(' '))
        open = resolve
        stands.resolve()
        if (options.ignoresSignal === true) return
        signal.addEventListener('abort', () => {
          stands = Promise.withResolvers()
          reject(signal.reason)
        })
      }),
    screen: openScreen(true).screen,
    tell: (line) => void told.push(line),
    onFailed: (key, error) => void failed.push([key, error]),
    onIdle: idle.resolve,
  })
  return {
    prompts,
    asked,
    told,
    failed,
    idle: idle.promise,
    standing: async () => stands.promise,
    answer: async (typed) => {
      await stands.promise
      stands = Promise.withResolvers()
      open?.(typed)
    },
  }
}
