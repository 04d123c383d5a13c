/** A filter in one line. */
import type { Action, Condition, Filter } from '#formats/sieve/filters/filter.ts'
import { filterTexts } from '../../../texts/filters.ts'
import { language } from '../../../texts/texts.ts'

export function inWords({ conditions, actions, match }: Filter, labelName: (keyword: string) => string): string {
  const words = filterTexts()
  const between = match === 'all' ? ' + ' : ' / '
  const asked = conditions.length === 0 ? words.everything : conditions.map(conditionInWords).join(between)
  return `${asked} → ${actions.map(action => actionInWords(action, labelName)).join(', ') || words.stay}`
}

export function conditionInWords(condition: Condition): string {
  const { kinds, tests, units } = filterTexts()
  const kind = condition.kind === 'header' ? condition.name : kinds[condition.kind]
  if (condition.kind === 'attachment') return `${kind} ${tests[condition.test]}`
  const value = condition.kind === 'size' ? `${condition.amount} ${units[condition.unit]}` : `“${condition.value}”`
  return language.value === 'en'
    ? `${kind} ${tests[condition.test]} ${value}`
    : `${kind} ${value.replaceAll(/[“”]/g, mark => (mark === '“' ? '「' : '」'))}${tests[condition.test]}`
}

function actionInWords(action: Action, labelName: (keyword: string) => string): string {
  const words = filterTexts()
  switch (action.kind) {
    case 'move':
      return action.mailbox.name
    case 'copy':
      return `${words.copyTo}: ${action.mailbox.name}`
    case 'forward':
      return `${words.forward}: ${action.to}`
    case 'label':
      return `${words.labels}: ${labelName(action.keyword)}`
    case 'star':
    case 'read':
    case 'neverJunk':
    case 'discard':
      return words[action.kind]
    default:
      return action satisfies never
  }
}
