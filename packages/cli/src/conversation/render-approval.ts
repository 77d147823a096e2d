import { reasonText } from '../approvals/approval-words.ts'
import { formLines } from '../form/describe-form.ts'
import { formatTime, toNs } from '../output/format.ts'
import type { Paint } from '../output/paint.ts'
import { printable, printableLine } from '../output/printable.ts'
import type { ApprovalItem } from './conversation.ts'

/** Returns the lines about a request, a decision or a question: who, when, and what came of it. */
export function renderApproval(item: ApprovalItem, paint: Paint): readonly string[] {
  const what = `${paint.bold(printableLine(item.tool === '' ? 'a call' : item.tool))} ${paint.dim(printableLine(item.callId))}`
  const at = paint.dim(formatTime(item.at, 'seconds'))
  switch (item.type) {
    case 'approval-requested': {
      const until = item.expiresAt === undefined ? '' : `, until ${formatTime(toNs(item.expiresAt), 'seconds')}`
      return [`${paint.yellow('?')} ${what} waits for a decision: ${reasonText(item)} ${at}${paint.dim(until)}`]
    }
    case 'approval-decided': {
      const how = { approve: paint.green('✓'), deny: paint.red('✗'), answer: paint.cyan('=') }[item.decision]
      const word = { approve: 'approved', deny: 'denied', answer: 'answered in its stead' }[item.decision]
      const by = item.by === undefined ? '' : ` by ${printableLine(item.by)}`
      const why = item.reason === undefined ? '' : `: ${printableLine(item.reason)}`
      return [
        `${how} ${what} ${word}${by}${why} ${at}`,
        ...(item.input === undefined ? [] : [`  with other arguments: ${printableLine(item.input)}`]),
        ...(item.result === undefined ? [] : [`  with: ${printableLine(item.result)}`]),
      ]
    }
    case 'question-asked': {
      const [first = '', ...rest] = printable(item.question.message).split('\n')
      const until = item.expiresAt === undefined ? '' : `, until ${formatTime(toNs(item.expiresAt), 'seconds')}`
      const held = item.held ? ', only for the process that asks' : ''
      const { question } = item
      const details = question.type === 'form' ? formLines(question.schema) : [printableLine(question.url)]
      return [
        `${paint.yellow('?')} ${what} asks: ${first} ${at}${paint.dim(`${until}${held}`)}`,
        ...[...rest, ...details].map((line) => `  ${line}`),
      ]
    }
    case 'question-answered': {
      const how = { accept: paint.green('✓'), decline: paint.red('✗'), cancel: paint.yellow('■') }[item.action]
      const word = { accept: 'answered', decline: 'declined', cancel: 'cancelled' }[item.action]
      const by = item.by === undefined ? '' : ` by ${printableLine(item.by)}`
      const why = item.reason === undefined ? '' : `: ${printableLine(item.reason)}`
      return [
        `${how} ${what} ${word}${by}${why} ${at}`,
        ...(item.content === undefined ? [] : [`  with: ${printableLine(item.content)}`]),
      ]
    }
  }
}
