/** What a person reads in a report, in both languages: strangers get both, since nobody knows which they read. */
import { type Language, say, type Text } from '#base/text.ts'
import type { DeliveryStatus, DsnAction, RecipientStatus } from './delivery-status.ts'

export type DsnKind = Exclude<DsnAction, 'expanded'>

export const subjects: Readonly<Record<DsnKind, Text>> = {
  failed: { en: 'Your message could not be delivered', ja: 'メールを配信できませんでした' },
  delayed: { en: 'Your message is delayed', ja: 'メールの配信が遅れています' },
  delivered: { en: 'Your message was delivered', ja: 'メールを配信しました' },
  relayed: { en: 'Your message was passed on', ja: 'メールを次のサーバーへ渡しました' },
}

const openings: Readonly<Record<DsnKind, Text>> = {
  failed: {
    en: 'Your message could not be delivered to these recipients. It will not be tried again.',
    ja: '次の宛先にメールを配信できませんでした。再送は行いません。',
  },
  delayed: {
    en: 'Your message has not been delivered to these recipients yet. It will be tried again; you need not send it again.',
    ja: '次の宛先にまだ配信できていません。自動で再送しますので、送り直す必要はありません。',
  },
  delivered: {
    en: 'Your message was delivered to these recipients.',
    ja: '次の宛先に配信しました。',
  },
  relayed: {
    en: 'Your message was passed on to a system that sends no confirmation of its own:',
    ja: '次の宛先のメールは、配信確認を返さないサーバーへ渡しました。',
  },
}

const answered: Text = { en: 'The answer was:', ja: '相手の返答:' }
const noAnswer: Text = { en: 'No answer was received in time.', ja: '期限内に返答がありませんでした。' }
const timeOver: Text = { en: 'It was tried until its time was over.', ja: '期限まで再送しましたが届きませんでした。' }
const retriedUntil: Text = { en: 'It will be tried until', ja: '再送の期限:' }
const madeBy: Text = {
  en: 'This message was made by the mail system at',
  ja: 'このメールは次のメールシステムが作成しました:',
}

/** By position in the status */
export type DsnNotes = { readonly expired: readonly boolean[]; readonly reasons: readonly (Text | undefined)[] }

/** CRLF line ends. One block a language, in the order given. */
export function dsnText(
  kind: DsnKind,
  status: DeliveryStatus,
  notes: DsnNotes,
  languages: readonly Language[],
): string {
  const blocks = languages.map(language => block(kind, status, notes, language))
  return blocks.map(lines => lines.join('\r\n')).join(`\r\n\r\n${'-'.repeat(60)}\r\n\r\n`) + '\r\n'
}

function block(kind: DsnKind, status: DeliveryStatus, notes: DsnNotes, language: Language): string[] {
  const lines = [say(openings[kind], language)]
  for (const [index, recipient] of status.recipients.entries())
    lines.push('', ...recipientLines(kind, recipient, notes, index, language))
  return [...lines, '', `${say(madeBy, language)} ${status.reportingMta}`]
}

function recipientLines(
  kind: DsnKind,
  recipient: RecipientStatus,
  notes: DsnNotes,
  index: number,
  language: Language,
): string[] {
  const lines = [`  <${recipient.finalRecipient.address}>`]
  const isProblem = kind === 'failed' || kind === 'delayed'
  const reason = notes.reasons[index]
  if (isProblem && reason) lines.push(`    ${say(reason, language)}`)
  if (recipient.diagnostic !== undefined) lines.push(`    ${say(answered, language)} ${recipient.diagnostic}`)
  else if (isProblem) lines.push(`    ${say(noAnswer, language)}`)
  if (notes.expired[index]) lines.push(`    ${say(timeOver, language)}`)
  if (kind === 'delayed' && recipient.willRetryUntil !== undefined)
    lines.push(
      `    ${say(retriedUntil, language)} ${new Date(recipient.willRetryUntil).toISOString().slice(0, 16).replace('T', ' ')} UTC`,
    )
  return lines
}
