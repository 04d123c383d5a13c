/** What stands in a letter before anybody has written a word: the letter that it answers or passes on. Text only; the rich form is made of it in the page. */
import type { EmailAddress } from '#protocols/jmap/wire.ts'
import type { Letter } from '../conversation.ts'
import { isSame } from '../people.ts'
import { printAddress } from './addresses.ts'

export type QuoteWords = {
  /** `On …, … wrote:` */
  readonly wrote: (date: string, name: string) => string
  readonly forwarded: string
  readonly from: string
  readonly to: string
  readonly cc: string
  readonly date: string
  readonly subject: string
}

/** `Re:` once, whatever mail programs of other lands have put before (RFC 5256 §2.1 knows these and `fwd`) */
export function replySubject(subject: string | null): string {
  return `Re: ${bare(subject)}`.trimEnd()
}

export function forwardSubject(subject: string | null): string {
  return `Fwd: ${bare(subject)}`.trimEnd()
}

function bare(subject: string | null): string {
  return (subject ?? '')
    .replace(/^(?:\s*(?:re|aw|sv|antw|fwd?|wg|返信|転送)\s*(?:\[\d+\]|\d+)?\s*[:：])+\s*/i, '')
    .trim()
}

export type Recipients = { readonly to: readonly EmailAddress[]; readonly cc: readonly EmailAddress[] }

/** To whom an answer goes. To one's own letter it goes to whom that went; oneself is never among many. */
export function replyRecipients(
  letter: Pick<Letter, 'from' | 'replyTo' | 'to' | 'cc'>,
  own: readonly string[],
  isToAll: boolean,
): Recipients {
  const isOwn = ({ email }: EmailAddress) => own.some(one => isSame(one, email))
  const author = letter.replyTo && letter.replyTo.length > 0 ? letter.replyTo : (letter.from ?? [])
  const isMine = (letter.from ?? []).some(isOwn)
  const to = isMine ? (letter.to ?? []) : author
  if (!isToAll) return { to: to.length > 0 ? to : author, cc: [] }
  const others = [...(isMine ? [] : (letter.to ?? [])), ...(letter.cc ?? [])].filter(one => !isOwn(one))
  const cc = others.filter((one, at) => {
    const isEarlier = (other: EmailAddress) => isSame(other.email, one.email)
    return !to.some(isEarlier) && !others.slice(0, at).some(isEarlier)
  })
  return { to, cc }
}

/** RFC 5322 §3.6.4; long ones lose their middle, as RFC 5537 §3.4.4 has it for news. */
export function threadFields(letter: Pick<Letter, 'messageId' | 'references' | 'inReplyTo'>): {
  readonly inReplyTo: readonly string[] | null
  readonly references: readonly string[] | null
} {
  const own = letter.messageId ?? []
  if (own.length === 0) return { inReplyTo: null, references: null }
  const before = letter.references ?? (letter.inReplyTo?.length === 1 ? letter.inReplyTo : [])
  const all = [...before.filter(id => !own.includes(id)), ...own]
  return { inReplyTo: own, references: all.length > 40 ? [...all.slice(0, 1), ...all.slice(-39)] : all }
}

export function textOf(letter: Pick<Letter, 'textBody' | 'bodyValues'>): string {
  return letter.textBody
    .map(({ partId }) => letter.bodyValues[partId ?? '']?.value ?? '')
    .join('\n')
    .replaceAll('\r\n', '\n')
    .trimEnd()
}

export function quotedText(text: string): string {
  return text
    .split('\n')
    .map(line => (line.startsWith('>') ? `>${line}` : `> ${line}`.trimEnd()))
    .join('\n')
}

export function replyText(letter: Letter, words: QuoteWords, date: string): string {
  const [author] = letter.from ?? []
  return `\n\n${words.wrote(date, author ? printAddress(author) : '')}\n${quotedText(textOf(letter))}\n`
}

/** The facts of the letter that is passed on, a line each */
export function forwardedFacts(letter: Letter, words: QuoteWords, date: string): readonly string[] {
  const people = (list: readonly EmailAddress[] | null) => (list ?? []).map(printAddress).join(', ')
  const facts: readonly (readonly [string, string])[] = [
    [words.from, people(letter.from)],
    [words.date, date],
    [words.subject, letter.subject ?? ''],
    [words.to, people(letter.to)],
    [words.cc, people(letter.cc)],
  ]
  return [words.forwarded, ...facts.filter(([, value]) => value !== '').map(([name, value]) => `${name}: ${value}`)]
}

export function forwardText(letter: Letter, words: QuoteWords, date: string): string {
  return `\n\n${forwardedFacts(letter, words, date).join('\n')}\n\n${textOf(letter)}\n`
}

/** Whether somebody says that something is attached, in words of their own and not in what they quote. */
export function saysAttached(text: string): boolean {
  const own = `\n${text}`
    .split('\n')
    .filter(line => !line.startsWith('>'))
    .join('\n')
    .split(/\n(?=.{0,80}(?:wrote:|さんは書きました|-{5,} ?(?:Forwarded|Original|転送)))/)[0]
  return /(?<!\p{L})(?:attach(?:ed|ing|ment|ments)?|enclosed)(?!\p{L})|添付|同封/iu.test(own ?? '')
}
