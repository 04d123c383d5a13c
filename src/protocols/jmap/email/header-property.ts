/** `header:Subject:asText:all` and its kin. RFC 8621 §4.1.3, §4.1.2 */
import { ArgumentFault } from '../syntax/arguments.ts'

export const headerForms = ['Raw', 'Text', 'Addresses', 'GroupedAddresses', 'MessageIds', 'Date', 'URLs'] as const
export type HeaderForm = (typeof headerForms)[number]

export type HeaderProperty = {
  /** As the client wrote it: so it is answered */
  readonly property: string
  /** Lower case */
  readonly field: string
  readonly form: HeaderForm
  readonly all: boolean
}

const addresses = [
  'from',
  'sender',
  'reply-to',
  'to',
  'cc',
  'bcc',
  'resent-from',
  'resent-sender',
  'resent-reply-to',
  'resent-to',
  'resent-cc',
  'resent-bcc',
]
/** Fields of RFC 5322 and RFC 2369 with the forms that they may have; any other field may have any form (§4.1.2). */
const allowed: ReadonlyMap<string, readonly HeaderForm[]> = new Map<string, readonly HeaderForm[]>([
  ...addresses.map(name => [name, ['Addresses', 'GroupedAddresses']] as const),
  ...['subject', 'comments', 'keywords', 'list-id'].map(name => [name, ['Text']] as const),
  ...['message-id', 'in-reply-to', 'references', 'resent-message-id'].map(name => [name, ['MessageIds']] as const),
  ...['date', 'resent-date'].map(name => [name, ['Date']] as const),
  ...['list-help', 'list-unsubscribe', 'list-subscribe', 'list-post', 'list-owner', 'list-archive'].map(
    name => [name, ['URLs']] as const,
  ),
  ...['return-path', 'received'].map(name => [name, []] as const),
])

/** Undefined: not such a property. Throws ArgumentFault for one that cannot be had. */
export function headerProperty(property: string): HeaderProperty | undefined {
  if (!property.startsWith('header:')) return undefined
  const [, field = '', as, all] = /^header:([\x21-\x39\x3b-\x7e]+)(?::as([A-Za-z]+))?(:all)?$/.exec(property) ?? []
  const form = as === undefined ? 'Raw' : headerForms.find(name => name === as)
  if (field === '' || form === undefined)
    throw new ArgumentFault(`properties: “${property.slice(0, 100)}” is no header property`)
  const forms = allowed.get(field.toLowerCase())
  if (forms && form !== 'Raw' && !forms.includes(form))
    throw new ArgumentFault(`properties: ${field.slice(0, 100)} cannot be had as ${form}`)
  return { property, field: field.toLowerCase(), form, all: all !== undefined }
}

/** What Email has names of its own for (§4.1.3) */
export const namedHeaders: Readonly<Record<string, Omit<HeaderProperty, 'property'>>> = {
  messageId: { field: 'message-id', form: 'MessageIds', all: false },
  inReplyTo: { field: 'in-reply-to', form: 'MessageIds', all: false },
  references: { field: 'references', form: 'MessageIds', all: false },
  sender: { field: 'sender', form: 'Addresses', all: false },
  from: { field: 'from', form: 'Addresses', all: false },
  to: { field: 'to', form: 'Addresses', all: false },
  cc: { field: 'cc', form: 'Addresses', all: false },
  bcc: { field: 'bcc', form: 'Addresses', all: false },
  replyTo: { field: 'reply-to', form: 'Addresses', all: false },
  subject: { field: 'subject', form: 'Text', all: false },
  sentAt: { field: 'date', form: 'Date', all: false },
}
