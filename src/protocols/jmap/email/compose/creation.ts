/** An email as a client describes it, checked: what its header says, and its parts. RFC 8621 §4.6 */
import { maxNewParts } from '../../limits.ts'
import { isArray, isObject } from '../../syntax/request.ts'
import type { JsonObject, JsonValue } from '../../wire.ts'
import { namedHeaders } from '../header-property.ts'
import { type Field, headerFields } from './fields.ts'
import type { Invalid } from './invalid.ts'
import { type NewPart, readPart, type TreeFacts } from './tree.ts'

export type NewLetter = { readonly fields: readonly Field[]; readonly root: NewPart }

/** Of the email in the account; read elsewhere */
const metadata: ReadonlySet<string> = new Set(['mailboxIds', 'keywords', 'receivedAt'])
const content: ReadonlySet<string> = new Set(['bodyStructure', 'bodyValues', 'textBody', 'htmlBody', 'attachments'])

/** Undefined only when something is invalid. */
export function readNewLetter(given: JsonObject, invalid: Invalid): NewLetter | undefined {
  for (const name of Object.keys(given))
    if (!metadata.has(name) && !content.has(name) && !Object.hasOwn(namedHeaders, name) && !name.startsWith('header:'))
      invalid.add(name, 'This property cannot be given')
  const taken = new Set<string>()
  const fields = headerFields(given, { at: '', isPart: false, taken }, invalid)
  const facts = { texts: textsOf(given, invalid), invalid, room: { left: maxNewParts } }
  const root = rootOf(given, facts, taken)
  return root && { fields, root }
}

function textsOf({ bodyValues = null }: JsonObject, invalid: Invalid): ReadonlyMap<string, string> {
  const texts = new Map<string, string>()
  if (bodyValues === null) return texts
  if (!isObject(bodyValues)) invalid.add('bodyValues', 'bodyValues is an object')
  else
    for (const [partId, value] of Object.entries(bodyValues)) {
      const text = textOf(value)
      if (text === undefined) invalid.add(`bodyValues/${partId}`, 'A body value is whole text, without NUL')
      else texts.set(partId, text)
    }
  return texts
}

function textOf(given: JsonValue): string | undefined {
  if (!isObject(given)) return undefined
  const { value, isEncodingProblem = false, isTruncated = false, ...others } = given
  if (typeof value !== 'string' || value.includes('\0')) return undefined
  return isEncodingProblem === false && isTruncated === false && Object.keys(others).length === 0 ? value : undefined
}

function rootOf(given: JsonObject, facts: TreeFacts, taken: Set<string>): NewPart | undefined {
  const { bodyStructure = null } = given
  if (bodyStructure === null) return assembled(given, facts)
  for (const name of ['textBody', 'htmlBody', 'attachments'])
    if ((given[name] ?? null) !== null) facts.invalid.add(name, 'Beside bodyStructure there is nothing of its kind')
  return readPart(bodyStructure, 'bodyStructure', facts, { taken })
}

const noMime = {
  name: undefined,
  charset: undefined,
  disposition: undefined,
  cid: undefined,
  language: undefined,
  location: undefined,
}

/** The text in its two kinds, what the HTML shows beside it, what is attached to both. */
function assembled(given: JsonObject, facts: TreeFacts): NewPart {
  const text = onlyPart(given, 'textBody', 'text/plain', facts)
  const html = onlyPart(given, 'htmlBody', 'text/html', facts)
  const attachments = attachmentsOf(given, facts)
  const shown = html ? attachments.filter(isShown) : []
  const others = attachments.filter(part => !shown.includes(part)).map(asAttachment)
  const related = html && shown.length > 0 ? multipart('related', [html, ...shown.map(asInline)]) : html
  const bodies = [text, related].filter(part => part !== undefined)
  const body = bodies.length > 1 ? [multipart('alternative', bodies)] : bodies
  const [only = emptyText] = body
  return others.length === 0 ? only : multipart('mixed', [...body, ...others])
}

const emptyText: NewPart = { type: 'text/plain', mime: noMime, fields: [], content: { kind: 'text', text: '' } }

function multipart(subtype: string, parts: readonly NewPart[]): NewPart {
  return { type: `multipart/${subtype}`, mime: noMime, fields: [], content: { kind: 'parts', parts } }
}

function isShown({ mime }: NewPart): boolean {
  return mime.cid !== undefined && mime.disposition !== 'attachment'
}

function asAttachment(part: NewPart): NewPart {
  const disposition = part.mime.disposition ?? (hasField(part, 'content-disposition') ? undefined : 'attachment')
  return { ...part, mime: { ...part.mime, disposition } }
}

function asInline(part: NewPart): NewPart {
  const disposition = part.mime.disposition ?? (hasField(part, 'content-disposition') ? undefined : 'inline')
  return { ...part, mime: { ...part.mime, disposition } }
}

function hasField({ fields }: NewPart, key: string): boolean {
  return fields.some(field => field.key === key)
}

/** Exactly one, of this type. */
function onlyPart(given: JsonObject, property: string, type: string, facts: TreeFacts): NewPart | undefined {
  const { [property]: list = null } = given
  if (list === null) return undefined
  if (!isArray(list) || list.length !== 1) {
    facts.invalid.add(property, 'It has exactly one part')
    return undefined
  }
  const part = readPart(list[0] ?? null, `${property}/0`, facts, { type })
  if (part && part.type !== type) facts.invalid.add(property, `Its part is ${type}`)
  return part
}

function attachmentsOf({ attachments = null }: JsonObject, facts: TreeFacts): readonly NewPart[] {
  if (attachments === null) return []
  if (!isArray(attachments)) facts.invalid.add('attachments', 'attachments is an array')
  return (isArray(attachments) ? attachments : []).flatMap(
    (one, index) => readPart(one, `attachments/${index}`, facts) ?? [],
  )
}
