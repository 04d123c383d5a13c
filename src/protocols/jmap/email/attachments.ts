/**
 * Which emails have an attachment: read from the BODYSTRUCTURE that is kept of each, once, and remembered, since an email's octets never change.
 * RFC 8621 §4.1.4, §4.4.1
 */
import { setImmediate as nextTick } from 'node:timers/promises'
import type { Account } from '#mail/account.ts'
import type { AccountId, EmailId } from '#mail/ids.ts'
import { attachmentsOf, hasAttachment, type SortablePart } from './letter-parts.ts'

/** Of all accounts together, some tens of octets each */
const emailsKept = 1_000_000
/** Read at a time; others get their turn between */
const rowsRead = 500

export class RememberedAttachments {
  /** Least recently used first */
  readonly #known = new Map<AccountId, Map<number, 0 | 1>>()

  /** In the order of the ids; an email that is gone has none. */
  async of(account: Account, ids: Float64Array, signal: AbortSignal): Promise<Uint8Array> {
    const known = this.#use(account.id)
    const unknown = [...ids].filter(id => !known.has(id))
    for (let from = 0; from < unknown.length; ) {
      signal.throwIfAborted()
      from += await readSome(account, unknown.slice(from, from + rowsRead), known)
      await nextTick()
    }
    const attached = Uint8Array.from(ids, id => known.get(id) ?? 0)
    this.#forget(account.id)
    return attached
  }

  #use(account: AccountId): Map<number, 0 | 1> {
    const known = this.#known.get(account) ?? new Map<number, 0 | 1>()
    this.#known.delete(account)
    this.#known.set(account, known)
    return known
  }

  #forget(but: AccountId): void {
    let emails = 0
    for (const { size } of this.#known.values()) emails += size
    for (const [oldest, { size }] of this.#known) {
      if (emails <= emailsKept || oldest === but) return
      this.#known.delete(oldest)
      emails -= size
    }
  }
}

/** How many of them were read */
async function readSome(account: Account, ids: readonly number[], known: Map<number, 0 | 1>): Promise<number> {
  const emails = ids as unknown as readonly EmailId[]
  const { count, parts } = await account.emailParts(emails, ['bodyStructure'])
  const part = parts.bodyStructure
  const rows = part ? undefined : await account.emails(emails.slice(0, count))
  for (let at = 0; at < count; at++) {
    const octets = part ? part.bytes.subarray(part.starts[at], part.ends[at]) : rows?.[at]?.bodyStructure
    known.set(ids[at] ?? 0, octets && octets.length > 0 && isAttached(octets) ? 1 : 0)
  }
  return count
}

/** `octets`: BODYSTRUCTURE as we keep it */
export function isAttached(octets: Uint8Array): boolean {
  return hasAttachment({ attachments: attachmentsOf(shapeOf(new Lists(octets).read())) })
}

type Item = string | null | readonly Item[]
interface Shape extends SortablePart<Shape> {}

/** RFC 9051 §9, `body`: parts of their own first, or a type */
function shapeOf(item: Item): Shape {
  const items = typeof item === 'object' && item !== null ? item : []
  const children = items.slice(
    0,
    items.findIndex(one => !isList(one)),
  )
  if (isList(items[0] ?? null)) {
    const subtype = wordOf(items[children.length])
    return { type: `multipart/${subtype}`, ...nothing, part: { subtype }, subParts: children.map(shapeOf) }
  }
  const [type, subtype] = [wordOf(items[0]), wordOf(items[1])]
  // text has its lines after the size; a message its envelope, its structure and its lines
  const basic = isList(items[7] ?? null) ? 10 : type === 'text' ? 8 : 7
  const disposition = items[basic + 1] ?? null
  const [kind, parameters] = isList(disposition) ? disposition : []
  const isNamed = [...namesIn(items[2]), ...namesIn(parameters)].some(name => /^(?:file)?name\*?$/.test(name))
  return {
    type: `${type}/${subtype}`,
    name: isNamed ? '' : undefined,
    disposition: kind === undefined ? undefined : wordOf(kind),
    cid: items[3] === null ? undefined : '',
    part: { subtype },
    subParts: undefined,
  }
}

const nothing = { name: undefined, disposition: undefined, cid: undefined }

function isList(item: Item | undefined): item is readonly Item[] {
  return typeof item === 'object' && item !== null
}

function wordOf(item: Item | undefined): string {
  return typeof item === 'string' ? item.toLowerCase() : ''
}

function namesIn(parameters: Item | undefined): readonly string[] {
  return isList(parameters) ? parameters.filter((_, index) => index % 2 === 0).map(wordOf) : []
}

/** Parenthesised lists of strings, literals, numbers and NIL */
class Lists {
  readonly #text: string
  #at = 0

  constructor(octets: Uint8Array) {
    this.#text = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).toString('latin1')
  }

  read(): Item {
    const text = this.#text
    while (text[this.#at] === ' ') this.#at++
    switch (text.charAt(this.#at)) {
      case '(':
        return this.#list()
      case '"':
        return this.#quoted()
      case '{':
      case '~':
        return this.#literal()
      default: {
        const [word = ''] = /^[^\s()]*/.exec(text.slice(this.#at, this.#at + 40)) ?? []
        this.#at += Math.max(1, word.length)
        return word === 'NIL' ? null : word
      }
    }
  }

  /** As deep as parts are nested (formats/message/limits.ts, maxDepth) */
  #list(): readonly Item[] {
    const items: Item[] = []
    this.#at++
    while (this.#at < this.#text.length && this.#text[this.#at] !== ')')
      if (this.#text[this.#at] === ' ') this.#at++
      else items.push(this.read())
    this.#at++
    return items
  }

  #quoted(): string {
    let end = this.#at + 1
    while (end < this.#text.length && this.#text[end] !== '"') end += this.#text[end] === '\\' ? 2 : 1
    const word = this.#text.slice(this.#at + 1, end)
    this.#at = end + 1
    return word
  }

  #literal(): string {
    const close = this.#text.indexOf('}', this.#at)
    const length = Number(/\d+/.exec(this.#text.slice(this.#at, close))?.[0] ?? 0)
    const start = this.#text.indexOf('\n', close) + 1
    this.#at = start + length
    return this.#text.slice(start, this.#at)
  }
}
