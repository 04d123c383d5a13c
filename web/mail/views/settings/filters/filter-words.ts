/** A filter in one line. */
import type { Action, Condition, Filter } from '#formats/sieve/filters/filter.ts'
import { t } from '../../../texts/texts.ts'

export function inWords({ conditions, actions, match }: Filter): string {
  const words = t().filters
  const between = match === 'all' ? ' + ' : ' / '
  const asked = conditions.length === 0 ? words.everything : conditions.map(conditionInWords).join(between)
  return `${asked} → ${actions.map(actionInWords).join(', ') || words.stay}`
}

function conditionInWords(condition: Condition): string {
  const { kinds, tests, units } = t().filters
  const kind = condition.kind === 'header' ? condition.name : kinds[condition.kind]
  if (condition.kind === 'attachment') return `${kind} ${tests[condition.test]}`
  const value = condition.kind === 'size' ? `${condition.amount} ${units[condition.unit]}` : `“${condition.value}”`
  return t().languageName === 'English'
    ? `${kind} ${tests[condition.test]} ${value}`
    : `${kind} ${value.replaceAll(/[“”]/g, mark => (mark === '“' ? '「' : '」'))}${tests[condition.test]}`
}

function actionInWords(action: Action): string {
  const words = t().filters
  switch (action.kind) {
    case 'move':
      return action.mailbox.name
    case 'copy':
      return `${words.copyTo}: ${action.mailbox.name}`
    case 'forward':
      return `${words.forward}: ${action.to}`
    case 'label':
      return `${words.labels}: ${action.keyword}`
    case 'star':
    case 'read':
    case 'neverJunk':
    case 'discard':
      return words[action.kind]
    default:
      return action satisfies never
  }
}
