import { DEFAULT_PRICES, lookUpRate, PRICES_AS_OF, VENDOR_PRICES } from '@starling/step'
import type { FoundRate, PriceTable, VendorPrices } from '@starling/step'
import { AGENT_FLAG } from '../agent/agent-flags.ts'
import { loadAgent } from '../agent/load-agent.ts'
import { CliError, usageError } from '../cli-error.ts'
import { defineCommand, type Command } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import { printableLine } from '../output/printable.ts'
import type { Printer } from '../output/printer.ts'
import { rateJson, rateTable } from '../output/rate-rows.ts'
import { renderTable } from '../output/table.ts'
import { suggestAll } from '../suggest.ts'

/** Lists what models cost, or tells what some of them would. */
export const command: Command = defineCommand({
  log: 'none',
  args: [{ name: 'model', optional: true, many: true, summary: 'the models to look up; the whole table when absent' }],
  flags: { agent: { ...AGENT_FLAG.agent, summary: 'an agent module whose own prices come before the built-in ones' } },
  description: `Lists the built-in price table by vendor, with the date on which it was last compared with their lists,
and the other names of its models. With names of models, tells the rate that a run would use, and under which key
of the table it was found: names may carry a vendor, a region, a version or a date. Exits with 5 when a model has
no rate: it would be recorded as free. With an agent its own \`prices\` come first, then those of its provider.
Prices are in USD per million tokens.`,
  examples: [
    'prices',
    'prices gpt-5.4-mini us.anthropic.claude-opus-5-5-v1:0',
    'prices --agent ./agent.ts --json | jq .as_of',
  ],
  async run({ io, out, args, flags }) {
    if (args.includes('')) throw usageError('the name of a model is empty')
    const agent = flags.agent === undefined ? undefined : await loadAgent(flags.agent, io)
    const own = agent?.prices ?? {}
    if (args.length === 0) {
      await list(out, own)
      return EXIT.ok
    }
    const table = { ...DEFAULT_PRICES, ...own }
    const answers = args.map((model): Answer => ({
      model,
      found: lookUpRate(model, table, agent?.provider.info.id),
      own,
    }))
    await answer(out, answers)
    const unknown = answers.filter(({ found }) => found === undefined).map(({ model }) => model)
    if (unknown.length > 0) throw notFound(unknown, table)
    return EXIT.ok
  },
})

/** What is listed under one title. */
type Group = Omit<VendorPrices, 'aliases'>

async function list(out: Printer, own: PriceTable): Promise<void> {
  const builtIn = VENDOR_PRICES.map(({ vendor, source, prices }): Group => ({
    vendor,
    source,
    prices: Object.fromEntries(Object.entries(prices).filter(([model]) => !Object.hasOwn(own, model))),
  }))
  const groups =
    Object.keys(own).length === 0 ? builtIn : [{ vendor: 'The agent', source: '', prices: own }, ...builtIn]
  if (!out.json) {
    await listRates(out, groups)
    await listNames(out, own)
    return
  }
  const vendors = groups.map(({ vendor, source, prices }) => ({
    vendor,
    source: source === '' ? null : source,
    models: Object.entries(prices).map(([model, rate]) => ({
      model,
      ...rateJson(rate),
      aliases: aliasesOf(model, own),
    })),
  }))
  await out.data({ as_of: PRICES_AS_OF, unit: UNIT, vendors })
}

async function listRates(out: Printer, groups: readonly Group[]): Promise<void> {
  await out.line(`Prices of ${PRICES_AS_OF} in ${UNIT}. Where a cell is blank, caches cost what input does,`)
  await out.line('WRITE 1H (a cache that lives for an hour) what CACHE WRITE does, and reasoning what output does.')
  // One width for all vendors: columns of one list stand below each other.
  const table = rateTable(groups.flatMap(({ prices }) => Object.values(prices)))
  const rows = groups.map(({ prices }) =>
    Object.entries(prices).flatMap(([model, rate]) => table.rows(printableLine(model), rate)),
  )
  const [title = '', ...lines] = renderTable(table.columns, rows.flat(), out.paint.bold)
  let next = 0
  for (const [index, { vendor, source }] of groups.entries()) {
    const length = rows[index]?.length ?? 0
    await out.line('')
    await out.line(`${out.paint.bold(out.paint.cyan(vendor))}${source === '' ? '' : ` ${out.paint.dim(source)}`}`)
    await out.line(title.trimEnd())
    for (const line of lines.slice(next, next + length)) await out.line(line.trimEnd())
    next += length
  }
}

async function listNames(out: Printer, own: PriceTable): Promise<void> {
  const named = Object.keys(ALIASES).flatMap((model) => {
    const names = aliasesOf(model, own)
    return names.length === 0 ? [] : [{ model, names }]
  })
  const width = Math.max(...named.map(({ model }) => model.length))
  const rows = named.flatMap(({ model, names }) =>
    wrapNames(names, LINE_WIDTH - width - 2).map((line, index) => [index === 0 ? model : '', line]),
  )
  await out.line('')
  await out.line(`${out.paint.bold(out.paint.cyan('Other names'))} ${out.paint.dim('of the models above')}`)
  for (const line of renderTable([{ title: 'MODEL' }, { title: 'ALSO' }], rows, out.paint.bold)) await out.line(line)
}

const UNIT = 'USD per million tokens'
const LINE_WIDTH = 100
const ALIASES: VendorPrices['aliases'] = Object.assign({}, ...VENDOR_PRICES.map(({ aliases }) => aliases))

/** The other names of a model; one that the agent prices apart is a model of its own. */
function aliasesOf(model: string, own: PriceTable): readonly string[] {
  const names = Object.hasOwn(ALIASES, model) ? (ALIASES[model] ?? []) : []
  return names.filter((name) => !Object.hasOwn(own, name))
}

/** Joins names with commas, in lines of at most `width` characters unless a single name has more. */
function wrapNames(names: readonly string[], width: number): readonly string[] {
  const lines: string[] = []
  for (const [index, name] of names.entries()) {
    const text = index === names.length - 1 ? name : `${name},`
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + text.length <= width) lines[lines.length - 1] = `${last} ${text}`
    else lines.push(text)
  }
  return lines
}

interface Answer {
  readonly model: string
  readonly found: FoundRate | undefined
  readonly own: PriceTable
}

async function answer(out: Printer, answers: readonly Answer[]): Promise<void> {
  if (out.json) return out.data({ as_of: PRICES_AS_OF, unit: UNIT, models: answers.map(answerJson) })
  const known = answers.flatMap(({ model, found, own }) => (found === undefined ? [] : [{ model, found, own }]))
  if (known.length === 0) return
  const table = rateTable(known.map(({ found }) => found.rate))
  const rows = known.flatMap(({ model, found }) => table.rows(printableLine(model), found.rate))
  for (const line of renderTable(table.columns, rows, out.paint.bold)) await out.line(line.trimEnd())
  await out.line('')
  for (const { model, found, own } of known) {
    await out.line(`${printableLine(model)}: ${explain(model, found, own)}`)
    const others = aliasesOf(found.key, own).filter((name) => name !== model)
    for (const [index, line] of wrapNames(others, LINE_WIDTH - ALSO.length).entries())
      await out.line(`${index === 0 ? ALSO : ' '.repeat(ALSO.length)}${line}`)
  }
}

const ALSO = '  also '

function explain(model: string, { key, rule }: FoundRate, own: PriceTable): string {
  const name = printableLine(key)
  const how = {
    exact: key === model ? 'by its name' : `as ${name}`,
    free: 'as a free variant of OpenRouter',
    plain: `as ${name}`,
    alias: `as ${name}, another name of it,`,
    pattern: `by the pattern ${name}`,
  }[rule]
  const origin = Object.hasOwn(own, key) ? "the agent's prices" : `the table of ${PRICES_AS_OF}`
  return rule === 'free' ? how : `${how} in ${origin}`
}

function answerJson({ model, found, own }: Answer): Record<string, unknown> {
  if (found === undefined) return { model, key: null, rule: null, origin: null, rate: null, aliases: [] }
  const { key, rule, rate } = found
  const origin = rule === 'free' ? null : Object.hasOwn(own, key) ? 'agent' : 'built-in'
  return { model, key, rule, origin, rate: rateJson(rate), aliases: aliasesOf(key, own) }
}

function notFound(unknown: readonly string[], table: PriceTable): CliError {
  const names = Object.keys(table).filter((name) => !name.endsWith('*'))
  const texts = unknown.map((model) => {
    const bare = model.slice(model.lastIndexOf('/') + 1)
    const near = [...new Set([...suggestAll(model, names), ...suggestAll(bare, names)])].slice(0, 3)
    return `${JSON.stringify(model)}${near.length === 0 ? '' : ` (near: ${near.join(', ')})`}`
  })
  const advice = "give it one in the agent's prices, or its runs count as free"
  return new CliError('CLI_MODEL_NOT_FOUND', `no price for ${texts.join(', ')}; ${advice}`)
}
