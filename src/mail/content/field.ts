/**
 * The verdict as it is kept with the message, in our trace block, for whoever shows it (webmail, IMAP clients, Sieve):
 *
 *     X-Hikyaku-Junk: yes score=7.4 from=5 spamtest=8 virustest=1
 *      reason=like-junk:6.2:words=%E5%BD%93%E9%81%B8,junk=12,ham=30 reason=first-letter:0.3:address=a%40b.example
 *
 * Words of a message are percent-encoded, so that nothing in them can end the field or begin another.
 */
import { asciiText, utf8 } from '#base/bytes.ts'
import { fieldValue, parseHeader } from '#formats/message/header.ts'
import { foldWords } from '#formats/message/fold.ts'
import type { ContentReason, ContentVerdict } from '../judging.ts'
import { keptDetailCharacters, keptReasons } from './limits.ts'

export const junkFieldName = 'X-Hikyaku-Junk'

/** What is kept: a message that is neither refused nor deferred is junk or clean. */
export type KeptVerdict = Omit<ContentVerdict, 'verdict'> & { readonly junk: boolean }

export function keptVerdict({ verdict, ...rest }: ContentVerdict): KeptVerdict {
  const junk = verdict === 'junk' || verdict === 'reject'
  return { ...rest, junk, reasons: rest.reasons.slice(0, keptReasons).map(cutReason) }
}

export function printJunkField({
  junk,
  score,
  junkFrom,
  spamtest,
  virustest,
  virus,
  reasons,
}: KeptVerdict): Uint8Array {
  const words = [
    junk ? 'yes' : 'no',
    `score=${score}`,
    `from=${junkFrom}`,
    `spamtest=${spamtest}`,
    `virustest=${virustest}`,
  ]
  if (virus !== undefined) words.push(`virus=${encode(cutText(virus))}`)
  return utf8(foldWords(junkFieldName, [...words, ...reasons.slice(0, keptReasons).map(printReason)]))
}

/** Of a message's first field of that name; `bytes` begin with the header. Undefined when there is none, or none of ours. */
export function readJunkField(bytes: Uint8Array): KeptVerdict | undefined {
  const value = fieldValue(
    bytes,
    parseHeader(bytes, undefined, [junkFieldName.toLowerCase()]),
    junkFieldName.toLowerCase(),
  )
  return value && parseJunkField(asciiText(value))
}

/** The value, unfolded. */
export function parseJunkField(text: string): KeptVerdict | undefined {
  const [junk = '', ...words] = text.trim().split(/[ \t]+/)
  if (junk !== 'yes' && junk !== 'no') return undefined
  const values = new Map<string, string>()
  const reasons: ContentReason[] = []
  for (const word of words.slice(0, 2 * keptReasons)) {
    const [, name = '', value = ''] = /^([a-z]+)=(.*)$/.exec(word) ?? []
    const reason = name === 'reason' && reasons.length < keptReasons ? parseReason(value) : undefined
    if (reason) reasons.push(reason)
    else if (name !== 'reason') values.set(name, value)
  }
  const number = (name: string) => asNumber(values.get(name) ?? 'none')
  const numbers = {
    score: number('score'),
    junkFrom: number('from'),
    spamtest: number('spamtest'),
    virustest: number('virustest'),
  }
  if (!Object.values(numbers).every(Number.isFinite)) return undefined
  const virus = values.get('virus')
  return { junk: junk === 'yes', ...numbers, reasons, ...(virus !== undefined && { virus: cutText(decode(virus)) }) }
}

function printReason({ code, points, detail }: ContentReason): string {
  const details = Object.entries(detail ?? {}).map(([name, value]) => `${encode(name)}=${encode(value)}`)
  return `reason=${[code, String(points), ...(details.length > 0 ? [details.join(',')] : [])].join(':')}`
}

function parseReason(text: string): ContentReason | undefined {
  const [code = '', points = '', details] = text.split(':')
  if (!/^[a-z0-9-]{1,60}$/.test(code) || !Number.isFinite(Number(points)) || points === '') return undefined
  if (details === undefined) return { code, points: asNumber(points) }
  const detail = details.split(',').map(one => {
    const [name = '', value = ''] = one.split('=')
    return [decode(name), asValue(value)] as const
  })
  return { code, points: asNumber(points), detail: Object.fromEntries(detail) }
}

function cutReason({ code, points, detail }: ContentReason): ContentReason {
  if (!detail) return { code, points }
  const cut = Object.entries(detail).map(([name, value]) => [name, typeof value === 'string' ? cutText(value) : value])
  return { code, points, detail: Object.fromEntries(cut) as NonNullable<ContentReason['detail']> }
}

/** Not inside a character */
function cutText(text: string): string {
  return text
    .toWellFormed()
    .slice(0, keptDetailCharacters)
    .replace(/[\ud800-\udbff]$/, '')
}

/** Numbers begin with `+`, so that a text of digits stays one. */
function encode(value: string | number): string {
  if (typeof value === 'number') return `+${value}`
  return encodeURIComponent(value.toWellFormed()).replaceAll(
    /[!'()*~]/g,
    sign => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

function asValue(text: string): string | number {
  return /^\+-?[0-9.e+-]+$/.test(text) && Number.isFinite(asNumber(text.slice(1)))
    ? asNumber(text.slice(1))
    : decode(text)
}

/** Without a zero that has a sign */
function asNumber(text: string): number {
  return Number(text) + 0
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
