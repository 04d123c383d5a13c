/** The header fields that an email or a part of it is to have. RFC 8621 §4.6 */
import { ArgumentFault } from '../../syntax/arguments.ts'
import type { JsonObject, JsonValue } from '../../wire.ts'
import { type HeaderForm, headerProperty, namedHeaders } from '../header-property.ts'
import type { Invalid } from './invalid.ts'
import { printValue } from './print-value.ts'

export type Field = {
  /** Lower case */
  readonly key: string
  /** With its line end; '' where there is nothing to say */
  readonly text: string
}

const written: Readonly<Record<string, string>> = {
  messageId: 'Message-ID',
  inReplyTo: 'In-Reply-To',
  references: 'References',
  sender: 'Sender',
  from: 'From',
  to: 'To',
  cc: 'Cc',
  bcc: 'Bcc',
  replyTo: 'Reply-To',
  subject: 'Subject',
  sentAt: 'Date',
}
/** Ours alone: how the content is encoded, and that it is */
const ours: ReadonlySet<string> = new Set(['content-transfer-encoding', 'content-type', 'mime-version'])

/**
 * `taken`: fields that there are already, by another property; those found are added. `isPart`: Content- fields may be given, and only there.
 */
export function headerFields(
  given: JsonObject,
  where: { readonly at: string; readonly isPart: boolean; readonly taken: Set<string> },
  invalid: Invalid,
): readonly Field[] {
  const fields: Field[] = []
  for (const [property, value] of Object.entries(given)) {
    const at = where.at + property
    const wanted = wantedField(property, where.isPart)
    if (wanted === undefined) continue
    if (wanted === 'unknown') {
      invalid.add(at, 'There is no such form of a header field')
      continue
    }
    const key = wanted.name.toLowerCase()
    if (ours.has(key) || (key.startsWith('content-') && !where.isPart))
      invalid.add(at, `${wanted.name.slice(0, 100)} cannot be set so`)
    else if (where.taken.has(key)) invalid.add(at, `${wanted.name.slice(0, 100)} is given twice`)
    else fields.push(...printed(wanted, value, at, invalid))
    where.taken.add(key)
  }
  return fields
}

type WantedField = { readonly name: string; readonly form: HeaderForm; readonly all: boolean }

function wantedField(property: string, isPart: boolean): WantedField | 'unknown' | undefined {
  const known = isPart || !Object.hasOwn(namedHeaders, property) ? undefined : namedHeaders[property]
  if (known) return { ...known, name: written[property] ?? known.field }
  try {
    const header = headerProperty(property)
    return header && { form: header.form, all: header.all, name: property.split(':')[1] ?? '' }
  } catch (error) {
    if (error instanceof ArgumentFault) return 'unknown'
    throw error
  }
}

/** RFC 5322 §2.2 has no bound; a line has 998 octets, and readers stop at 256 */
const maxNameCharacters = 76

function printed({ name, form, all }: WantedField, value: JsonValue, at: string, invalid: Invalid): readonly Field[] {
  const values = all && value !== null ? (Array.isArray(value) ? (value as readonly JsonValue[]) : undefined) : [value]
  const texts = values?.map(one => (all && one === null ? undefined : printValue(name, form, one)))
  const isOneId =
    name.toLowerCase() !== 'message-id' ||
    value === null ||
    form === 'Raw' ||
    (Array.isArray(value) && value.length === 1)
  if (!texts || !isOneId || name.length > maxNameCharacters || texts.some(text => text === undefined)) {
    invalid.add(at, `${name.slice(0, 100)} cannot have this value`)
    return []
  }
  return texts.map(text => ({ key: name.toLowerCase(), text: text ?? '' }))
}
