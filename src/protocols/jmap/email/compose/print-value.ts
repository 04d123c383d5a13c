/**
 * Header fields out of the forms in which clients give them (RFC 8621 §4.1.2). No value can end its field: what has a control character, or
 * what the form cannot say, is none.
 */
import { printDate } from '#formats/message/date.ts'
import { encodeWords, foldWords } from '#formats/message/fold.ts'
import { isArray, isObject } from '../../syntax/request.ts'
import type { JsonValue } from '../../wire.ts'
import type { HeaderForm } from '../header-property.ts'

/** RFC 5322 §2.1.1 counts 998; the name stands in the first line, too. */
const maxLineCharacters = 900
const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]|\p{Surrogate}/u

/** The field with its line end; undefined when the value is no such thing; '' when there is nothing to say. */
export function printValue(name: string, form: HeaderForm, value: JsonValue): string | undefined {
  if (value === null) return ''
  if (form === 'Raw') return typeof value === 'string' ? printRaw(name, value) : undefined
  const words = wordsOf[form](value)
  if (!words || words.some(word => word.length > maxLineCharacters)) return undefined
  // a reader unfolds by taking the line end away alone: what is left has to be the blank that was there
  return words.length === 0 ? '' : foldWords(name, words).replaceAll('\r\n\t', '\r\n ')
}

/** As it stands after the colon, with folding of its own; ASCII. */
function printRaw(name: string, value: string): string | undefined {
  const lines = value.split('\r\n')
  const isWell = lines.every(
    (line, index) =>
      /^[\t\x20-\x7e]*$/.test(line) && line.length <= maxLineCharacters && (index === 0 || /^[ \t]+\S/.test(line)),
  )
  return isWell ? `${name}:${value}\r\n` : undefined
}

type Words = readonly string[] | undefined

const wordsOf: Readonly<Record<Exclude<HeaderForm, 'Raw'>, (value: JsonValue) => Words>> = {
  Text: value => (typeof value === 'string' ? textWords(value.replaceAll('\t', ' ')) : undefined),
  Addresses: value => (isArray(value) ? joined(value.map(addressWords)) : undefined),
  GroupedAddresses: value => (isArray(value) ? joined(value.map(groupWords)) : undefined),
  MessageIds: value => idWords(value),
  Date: value => (typeof value === 'string' ? dateWords(value) : undefined),
  URLs: value => urlWords(value),
}

/** Whoever reads it gets each blank again: where folding could lose one the text is encoded. RFC 2047 §5 (1) */
function textWords(text: string): Words {
  if (control.test(text)) return undefined
  const clean = text.trim()
  if (clean === '') return ['']
  return /[^ -~]|=\?| {2}/.test(clean) || clean.split(' ').some(word => word.length > 76)
    ? encodeWords(clean)
    : clean.split(' ')
}

/** Lists with a comma after each but the last */
function joined(lists: readonly Words[]): Words {
  const known = lists.filter(words => words !== undefined)
  if (known.length < lists.length) return undefined
  return known.flatMap((words, index) => {
    const last = words.at(-1) ?? ''
    return index < known.length - 1 ? [...words.slice(0, -1), `${last},`] : words
  })
}

function addressWords(value: JsonValue): Words {
  if (!isObject(value)) return undefined
  const { email, name = null, ...others } = value
  if (Object.keys(others).length > 0 || typeof email !== 'string' || !isAddress(email)) return undefined
  if (name !== null && typeof name !== 'string') return undefined
  const words = phraseWords(name ?? '')
  return words && (words.length === 0 ? [bare(email)] : [...words, `<${email}>`])
}

function bare(email: string): string {
  return email.includes('@') ? email : `<${email}>`
}

/** Also what a draft has half of an address: whatever cannot end it, or begin another. RFC 5322 §3.4.1 */
function isAddress(email: string): boolean {
  if (control.test(email) || email === '' || email.length > maxLineCharacters / 2) return false
  const local = /^"(?:[^"\\]|\\.)*"(?=@)/.exec(email)?.[0] ?? ''
  const rest = email.slice(local.length)
  return /^[^\s()<>,;:\\"[\]]*(?:@\[[A-Za-z0-9.:-]+\])?$/u.test(rest)
}

function phraseWords(name: string): Words {
  if (control.test(name)) return undefined
  const clean = name.trim()
  if (clean === '') return []
  const isPlain = /^[ -~]+$/.test(clean) && !/=\?| {2}/.test(clean)
  if (isPlain && /^[\w !#$%&'*+/=?^`{|}~-]+$/.test(clean) && clean.split(' ').every(word => word.length < 60))
    return clean.split(' ')
  return isPlain && clean.length < 60 ? [`"${clean.replace(/["\\]/g, '\\$&')}"`] : encodeWords(clean)
}

function groupWords(value: JsonValue): Words {
  if (!isObject(value)) return undefined
  const { addresses, name = null, ...others } = value
  if (Object.keys(others).length > 0 || !isArray(addresses)) return undefined
  const members = joined(addresses.map(addressWords))
  if (!members || (name !== null && typeof name !== 'string')) return undefined
  if (name === null) return members.length > 0 ? members : undefined
  const phrase = phraseWords(name)
  if (!phrase || phrase.length === 0) return undefined
  const inGroup = [...phrase.slice(0, -1), `${phrase.at(-1)}:`, ...members]
  return [...inGroup.slice(0, -1), `${inGroup.at(-1)};`]
}

function idWords(value: JsonValue): Words {
  if (!isArray(value)) return undefined
  const ids = value.map(one => (typeof one === 'string' && /^[!-;=?-~]+$/.test(one) ? `<${one}>` : undefined))
  return ids.every(id => id !== undefined) ? ids : undefined
}

function urlWords(value: JsonValue): Words {
  if (!isArray(value)) return undefined
  return joined(value.map(one => (typeof one === 'string' && /^[!-;=?-~]+$/.test(one) ? [`<${one}>`] : undefined)))
}

const written = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(?:Z|([+-])(\d\d):(\d\d))$/

/** RFC 3339 with its offset, which stays */
function dateWords(value: string): Words {
  const [, local = '', sign, hours = '0', minutes = '0'] = written.exec(value) ?? []
  const time = Date.parse(`${local}Z`)
  // a day that the month has not would become one of the next
  if (Number.isNaN(time) || new Date(time).toISOString().slice(0, 19) !== local) return undefined
  const [hour, minute] = [Number(hours), Number(minutes)]
  if (hour > 23 || minute > 59) return undefined
  const zone = (sign === '-' ? -1 : 1) * (hour * 60 + minute)
  return printDate(time - zone * 60_000, zone).split(' ')
}
