/** What a vacation response is (RFC 8621 §8), and the text of the script that sends it. Pure. */
import { htmlText } from '#formats/message/html-text.ts'

/** As it is kept, in the script's second line. Dates: ISO 8601 in UTC */
export type Vacation = {
  readonly isEnabled: boolean
  readonly fromDate: string | null
  readonly toDate: string | null
  readonly subject: string | null
  readonly textBody: string | null
  readonly htmlBody: string | null
}

export const vacationScriptName = 'Vacation response'

/** By it a script is known as ours, whatever it is called. */
const firstLine = '# Hikyaku: vacation response. This script is made anew whenever that is set.'

export const noVacation: Vacation = {
  isEnabled: false,
  fromDate: null,
  toDate: null,
  subject: null,
  textBody: null,
  htmlBody: null,
}

export type OwnScript = {
  readonly vacation: Vacation
  /** The script that was active before this one, and runs behind it; null: there was none */
  readonly behind: string | null
}

/** For people: what is said when they say nothing */
const standardText = {
  en: 'Thank you for your message. I am away at the moment and will read it when I am back.',
  ja: 'メールをお送りいただきありがとうございます。ただいま不在にしております。戻り次第、拝見いたします。',
}

export function printVacationScript({ vacation, behind }: OwnScript, language: 'en' | 'ja'): string {
  const lines = [firstLine, `# ${JSON.stringify({ vacation, behind })}`]
  const tests = datesOf(vacation)
  const needs = [
    'vacation',
    ...(tests.length > 0 ? ['date', 'relational'] : []),
    ...(behind === null ? [] : ['include']),
  ]
  lines.push(`require [${needs.map(quoted).join(', ')}];`)
  const answer = answerOf(vacation, language)
  lines.push(tests.length > 0 ? `if allof (${['true', ...tests].join(', ')}) { ${answer} }` : answer)
  if (behind !== null) lines.push(`include :personal :optional ${quoted(behind)};`)
  return `${lines.join('\r\n')}\r\n`
}

/** Undefined: somebody else wrote it. */
export function readVacationScript(text: string): OwnScript | undefined {
  const [first, second = ''] = text.split('\r\n', 2)
  if (first !== firstLine || !second.startsWith('# ')) return undefined
  try {
    const own: unknown = JSON.parse(second.slice(2))
    return isOwn(own) ? own : undefined
  } catch {
    return undefined
  }
}

/** Anybody may write such a line. */
function isOwn(value: unknown): value is OwnScript {
  const { behind, vacation } = objectOr(value)
  const { isEnabled, fromDate, toDate, subject, textBody, htmlBody } = objectOr(vacation)
  const texts = [behind, fromDate, toDate, subject, textBody, htmlBody]
  return typeof isEnabled === 'boolean' && texts.every(text => text === null || typeof text === 'string')
}

function objectOr(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}
}

/** The same with another script behind it; undefined: it is not as we write it, and stays as somebody left it. */
export function vacationWithBehind(text: string, behind: string | null): string | undefined {
  const own = readVacationScript(text)
  if (!own) return undefined
  const language = (['en', 'ja'] as const).find(one => printVacationScript(own, one) === text)
  return language && printVacationScript({ ...own, behind }, language)
}

/** ISO 8601 in UTC compares as text; the offset behind it makes an equal moment the later one. */
function datesOf({ fromDate, toDate }: Vacation): readonly string[] {
  const test = (relation: 'ge' | 'lt', date: string) =>
    `currentdate :zone "+0000" :value "${relation}" "iso8601" "${date.slice(0, 19)}"`
  return [...(fromDate === null ? [] : [test('ge', fromDate)]), ...(toDate === null ? [] : [test('lt', toDate)])]
}

function answerOf({ subject, textBody, htmlBody }: Vacation, language: 'en' | 'ja'): string {
  const text = lines(textBody ?? (htmlBody === null ? standardText[language] : htmlText(htmlBody, maxTextLetters)))
  const named = subject === null ? '' : `:subject ${quoted(subject)} `
  if (htmlBody === null) return `vacation ${named}${quoted(text)};`
  return `vacation ${named}:mime ${quoted(bothKinds(text, lines(htmlBody)))};`
}

const maxTextLetters = 20_000

function lines(text: string): string {
  return text.replaceAll(/\r\n|\r|\n/g, '\r\n')
}

/** RFC 2046 §5.1.4: the plain one first. In base64 no boundary can stand in either. */
function bothKinds(text: string, html: string): string {
  const part = (type: string, value: string) =>
    `--hikyaku\r\nContent-Type: ${type}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n${base64(value)}\r\n`
  return `Content-Type: multipart/alternative; boundary=hikyaku\r\n\r\n${part('text/plain', text)}${part('text/html', html)}--hikyaku--\r\n`
}

function base64(value: string): string {
  return (
    Buffer.from(value)
      .toString('base64')
      .match(/.{1,76}/g) ?? []
  ).join('\r\n')
}

/** RFC 5228 §2.4.2 */
function quoted(text: string): string {
  return `"${text.replaceAll(/["\\]/g, '\\$&')}"`
}
