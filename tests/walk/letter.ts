/** Letters of which the walk knows every part by construction. */
import { clip } from './scanner.ts'
import type { Random } from '../support/random.ts'

export type Letter = {
  readonly id: string
  /** Octets as characters U+0000 to U+00FF */
  readonly bytes: string
  readonly subject: string
  readonly from: string
  readonly sentAt: Date
  /** Section → octets, for BODY[section] */
  readonly sections: ReadonlyMap<string, string>
  readonly structure: string
}

export const words = ['kawa', 'mizu', 'yama', 'kumo', 'tori', 'hoshi'] as const
export const people = ['aki', 'haruto', 'yui'] as const
/** The last is beyond what stands in the database itself. */
const sizes = [0, 200, 200, 200, 2_000, 6_000, 30_000, 150_000] as const
const day = 86_400_000

export function writeLetter(id: string, random: Random): Letter {
  const from = random.pick(people)
  const subject = `${random.pick(words)} ${id}`
  const sentAt = new Date(Date.UTC(2026, random.integer(6), 1 + random.integer(28), 12))
  const head = [
    `From: ${from[0]?.toUpperCase()}${from.slice(1)} <${from}@internet.test>`,
    'To: hanako@home.test',
    `Subject: ${subject}`,
    `Date: ${rfc5322Date(sentAt)}`,
    `Message-ID: <${id}@internet.test>`,
    `X-Walk: ${id}`,
  ]
  const text = body(random, random.pick(sizes))
  const isMultipart = random.integer(3) === 0
  const letter = isMultipart ? multipart(head, text, random) : plain(head, text)
  return { id, subject, from, sentAt, ...letter }
}

type Made = Pick<Letter, 'bytes' | 'sections' | 'structure'>

function plain(head: readonly string[], text: string): Made {
  const header = `${head.join('\r\n')}\r\n\r\n`
  const bytes = header + text
  return { bytes, sections: commonSections(bytes, header, text, head, { '1': text }), structure: 'text/plain' }
}

function multipart(head: readonly string[], text: string, random: Random): Made {
  // digits, so that no search for a word finds it, decoded or not
  const second = `${Buffer.from(String(random.integer(1e9)).padStart(36, '7')).toString('base64')}\r\n`
  const mime = [
    'Content-Type: text/plain\r\n\r\n',
    'Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n',
  ]
  const headers = [...head, 'MIME-Version: 1.0', 'Content-Type: multipart/mixed; boundary="walk"']
  const header = `${headers.join('\r\n')}\r\n\r\n`
  const inner = `--walk\r\n${mime[0]}${text}\r\n--walk\r\n${mime[1]}${second}\r\n--walk--\r\n`
  const bytes = header + inner
  const parts = { '1': text, '2': second, '1.MIME': mime[0] ?? '', '2.MIME': mime[1] ?? '' }
  return {
    bytes,
    sections: commonSections(bytes, header, inner, head, parts),
    structure: 'multipart/mixed(text/plain,image/png)',
  }
}

function commonSections(bytes: string, header: string, text: string, head: readonly string[], more: object) {
  const field = (name: string) => head.filter(line => line.startsWith(`${name}:`)).map(line => `${line}\r\n`)
  return new Map<string, string>([
    ['', bytes],
    ['HEADER', header],
    ['TEXT', text],
    ['HEADER.FIELDS (SUBJECT)', `${field('Subject').join('')}\r\n`],
    ['HEADER.FIELDS (X-WALK DATE)', `${field('Date').join('')}${field('X-Walk').join('')}\r\n`],
    ...Object.entries(more as Record<string, string>),
  ])
}

/** The same letter after a delivery has put fields before it. */
export function withTrace(letter: Letter, bytes: string): Letter | undefined {
  if (!bytes.endsWith(letter.bytes)) return undefined
  const trace = bytes.slice(0, bytes.length - letter.bytes.length)
  const sections = new Map(letter.sections)
  sections.set('', bytes).set('HEADER', trace + (letter.sections.get('HEADER') ?? ''))
  return { ...letter, bytes, sections }
}

function body(random: Random, sizeBytes: number): string {
  let text = ''
  while (text.length < sizeBytes) {
    const line = Array.from({ length: 8 }, () => random.pick(words)).join(' ')
    text += `${line}${sizeBytes > 10_000 ? ` ${random.integer(1e9)}` : ''}\r\n`
  }
  return text
}

export function rfc5322Date(date: Date): string {
  return date.toUTCString().replace('GMT', '+0000')
}

/** date-time of APPEND: noon in UTC, so that no time zone makes it another day */
export function someNoon(random: Random): { readonly text: string; readonly time: number } {
  const time = Date.UTC(2026, 0, 1, 12) + random.integer(200) * day
  const [, date = '', month = '', year = ''] = /, (\d\d) (...) (\d{4})/.exec(new Date(time).toUTCString()) ?? []
  return { text: `"${date}-${month}-${year} 12:00:00 +0000"`, time }
}

/** date of SEARCH */
export function imapDate(time: number): string {
  const [, date = '', month = '', year = ''] = /, (\d\d) (...) (\d{4})/.exec(new Date(time).toUTCString()) ?? []
  return `${Number(date)}-${month}-${year}`
}

export function differenceOf(expected: string, got: string | null): string {
  if (got === null) return `expected ${expected.length} octets, got NIL`
  let at = 0
  while (at < expected.length && expected[at] === got[at]) at++
  return `expected ${expected.length} octets, got ${got.length}; they differ from ${at}: expected ${JSON.stringify(clip(expected.slice(at), 40))}, got ${JSON.stringify(clip(got.slice(at), 40))}`
}
