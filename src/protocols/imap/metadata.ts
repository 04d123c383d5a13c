/** METADATA responses, and what the server says of itself. RFC 5464 §4.4 */
import { asciiText, utf8 } from '#base/bytes.ts'
import type { Account, Mailbox, Metadata, MetadataEntry, MetadataQuery } from '#mail/account.ts'
import { isWithin } from '#mail/account-metadata.ts'
import type { Login } from '#mail/auth.ts'
import type { Output, Peer } from './peer.ts'
import { printAstring, printMailbox, quoted } from './syntax/print.ts'
import type { MetadataDepth } from './syntax/request.ts'
import { specialUseOf } from './syntax/roles.ts'

/**
 * One response with all entries found. An entry that was asked for by its own name and is not there has the value NIL: the
 * response is required (§4.2), and a list of entries is never empty.
 */
export async function writeMetadata(
  mailbox: string,
  request: { readonly entries: readonly string[]; readonly depth: MetadataDepth },
  { found, largest }: Metadata,
  { output, enabled }: Pick<Peer, 'output' | 'enabled'>,
): Promise<void> {
  const asWritten = new Map(request.entries.map(entry => [entry.toLowerCase(), entry]))
  const values = new Map<string, Uint8Array | undefined>(found.map(({ name, value }) => [name, value]))
  const tellMissing = request.depth === 0 ? largest === undefined : found.length === 0 && largest === undefined
  if (tellMissing) for (const name of asWritten.keys()) if (!values.has(name)) values.set(name, undefined)
  if (values.size === 0) return
  let before = `* METADATA ${printMailbox(mailbox, enabled)} (`
  for (const [name, value] of values) {
    output.write(`${before}${printAstring(asWritten.get(name) ?? name)} `)
    writeValue(value, output)
    before = ' '
    if (output.isFull) await output.room()
  }
  output.write(')\r\n')
}

/** Quoted where that can hold it; with a NUL a literal8 (RFC 3516). */
function writeValue(value: Uint8Array | undefined, output: Output): void {
  if (!value) return output.write('NIL')
  const isShort = value.length <= 200 && value.every(byte => byte >= 0x20 && byte < 0x7f)
  if (isShort) return output.write(quoted(asciiText(value)))
  output.write(`${value.includes(0) ? '~' : ''}{${value.length}}\r\n`)
  output.write(value)
}

/** The person's own entries, and what is the same for all. */
export async function readServerMetadata(
  account: Account,
  login: Login,
  { imapSieve }: Pick<Peer, 'imapSieve'>,
  query: MetadataQuery,
): Promise<Metadata> {
  const own = await account.metadata(undefined, query)
  const script = imapSieve?.script()
  const fixed = [
    { name: '/shared/admin', value: utf8(administratorOf(login)) },
    ...(script === undefined ? [] : [{ name: '/shared/imapsieve/script', value: utf8(script) }]),
  ]
  return withFixed(own, fixed, query)
}

/** RFC 6154 §4: what a mailbox is used for, as LIST says it. It is set by CREATE. */
export const specialUseEntry = '/private/specialuse'

export async function readMailboxMetadata(account: Account, mailbox: Mailbox, query: MetadataQuery): Promise<Metadata> {
  const own = await account.metadata(mailbox.id, query)
  const use = specialUseOf(mailbox.role)
  return withFixed(own, use === undefined ? [] : [{ name: specialUseEntry, value: utf8(use) }], query)
}

function withFixed(own: Metadata, fixed: readonly MetadataEntry[], query: MetadataQuery): Metadata {
  const asked = fixed.filter(({ name }) => query.entries.some(entry => isWithin(name, entry, query.depth)))
  const isLong = ({ value }: { readonly value: Uint8Array }) => value.length > (query.maxBytes ?? Infinity)
  const lengths = asked.filter(isLong).map(({ value }) => value.length)
  const largest = Math.max(...lengths, own.largest ?? -1)
  return {
    found: [...own.found, ...asked.filter(entry => !isLong(entry))],
    largest: largest < 0 ? undefined : largest,
  }
}

/** A URI (§6.2.2). Every domain of ours has a postmaster. */
function administratorOf({ address }: Login): string {
  return `mailto:postmaster@${address.slice(address.lastIndexOf('@') + 1)}`
}
