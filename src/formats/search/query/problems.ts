/** What can be wrong with a query, and how that is told. */
import type { Text } from '#base/text.ts'

export type QueryProblemCode =
  | 'too-long'
  | 'too-many-terms'
  | 'too-deep'
  | 'unclosed-quote'
  | 'unclosed-parenthesis'
  | 'stray-parenthesis'
  | 'dangling-or'
  | 'nothing-to-negate'
  | 'no-value'
  | 'operator-in-group'
  | 'unknown-state'
  | 'unknown-thing'
  | 'bad-date'
  | 'bad-size'
  | 'bad-header'
  | 'unknown-mailbox'
  | 'unknown-label'

/** `at`, `length`: UTF-16 units of the query as it was written */
export type QueryProblem = { readonly code: QueryProblemCode; readonly at: number; readonly length: number }

const texts: Readonly<Record<QueryProblemCode, Text>> = {
  'too-long': { en: 'The search is too long.', ja: '検索の指定が長すぎます。' },
  'too-many-terms': { en: 'The search has too many terms.', ja: '検索条件が多すぎます。' },
  'too-deep': { en: 'Too many parentheses are inside each other.', ja: 'かっこの入れ子が深すぎます。' },
  'unclosed-quote': { en: 'A quotation mark is not closed.', ja: '引用符が閉じられていません。' },
  'unclosed-parenthesis': { en: 'A parenthesis is not closed.', ja: 'かっこが閉じられていません。' },
  'stray-parenthesis': { en: 'A parenthesis closes nothing.', ja: '対応する開きかっこがありません。' },
  'dangling-or': { en: 'OR needs something on both sides.', ja: 'OR の両側に条件が必要です。' },
  'nothing-to-negate': { en: 'Nothing stands behind the minus.', ja: 'マイナスの後に条件がありません。' },
  'no-value': { en: 'Something has to stand behind the colon.', ja: 'コロンの後に値が必要です。' },
  'operator-in-group': {
    en: 'No other operator can stand in these parentheses.',
    ja: 'このかっこの中では別の演算子を使えません。',
  },
  'unknown-state': {
    en: 'Known are unread, read, starred, unstarred, answered, unanswered, forwarded and draft.',
    ja: '使えるのは 未読・既読・スター付き・スターなし・返信済み・未返信・転送済み・下書き です。',
  },
  'unknown-thing': { en: 'Known is has:attachment.', ja: '使えるのは has:attachment（添付:あり）です。' },
  'bad-date': {
    en: 'This is no date: 2026-11-27, 2026/11, 11/27, yesterday or 7d are.',
    ja: '日付として読めません。2026-11-27、2026/11、11月27日、昨日、7日 のように書きます。',
  },
  'bad-size': {
    en: 'This is no size: 500k, 5M or 1G are.',
    ja: '大きさとして読めません。500k、5M、1G のように書きます。',
  },
  'bad-header': {
    en: 'Write header:Name or header:Name:text.',
    ja: 'header:名前 または header:名前:文字列 と書きます。',
  },
  'unknown-label': { en: 'There is no such label.', ja: 'そのラベルはありません。' },
  'unknown-mailbox': { en: 'There is no such mailbox.', ja: 'そのメールボックスはありません。' },
}

export function queryProblemText({ code }: Pick<QueryProblem, 'code'>): Text {
  return texts[code]
}
