/** Which properties of emails and their parts can be asked for. RFC 8621 §4.1, §4.2 */
import { ArgumentFault } from '../syntax/arguments.ts'
import type { Email, EmailBodyPart } from '../wire.ts'
import { type HeaderProperty, headerProperty, namedHeaders } from './header-property.ts'

const metadata = ['id', 'blobId', 'threadId', 'mailboxIds', 'keywords', 'size', 'receivedAt'] as const
const body = ['bodyStructure', 'bodyValues', 'textBody', 'htmlBody', 'attachments', 'hasAttachment'] as const
export const standardProperties = [
  ...metadata,
  ...Object.keys(namedHeaders),
  'hasAttachment',
  'preview',
  'bodyValues',
  'textBody',
  'htmlBody',
  'attachments',
]
/** Of a letter that is in no mailbox (§4.9) */
export const parsedProperties = standardProperties.filter(name => !(metadata as readonly string[]).includes(name))
const known: ReadonlySet<string> = new Set<string>([
  ...metadata,
  ...body,
  ...Object.keys(namedHeaders),
  'headers',
  'preview',
])

export const standardBodyProperties = [
  'partId',
  'blobId',
  'size',
  'name',
  'type',
  'charset',
  'disposition',
  'cid',
  'language',
  'location',
] as const satisfies readonly (keyof EmailBodyPart)[]
const knownOfParts: ReadonlySet<string> = new Set<string>([...standardBodyProperties, 'headers', 'subParts'])

export type Wanted = {
  readonly names: ReadonlySet<string>
  readonly headers: readonly HeaderProperty[]
}

/** `id` is always among them. */
export function emailProperties(properties: readonly string[] | undefined): Wanted {
  return wantedOf(['id', ...(properties ?? standardProperties)], known, 'properties')
}

export function bodyProperties(properties: readonly string[] | undefined): Wanted {
  return wantedOf(properties ?? standardBodyProperties, knownOfParts, 'bodyProperties')
}

function wantedOf(properties: readonly string[], names: ReadonlySet<string>, argument: string): Wanted {
  const headers: HeaderProperty[] = []
  for (const property of properties) {
    const header = headerProperty(property)
    if (header) headers.push(header)
    else if (!names.has(property)) throw new ArgumentFault(`${argument}: there is no “${property.slice(0, 100)}”`)
  }
  return { names: new Set(properties), headers }
}

/** Of the letter: nothing, its header, or all of it. */
export function reach({ names, headers }: Wanted): 'row' | 'header' | 'body' {
  if (body.some(name => names.has(name))) return 'body'
  const isHeader = headers.length > 0 || names.has('headers') || Object.keys(namedHeaders).some(name => names.has(name))
  return isHeader ? 'header' : 'row'
}

export type ShownEmail = Partial<Email> & { readonly [header: string]: unknown }
