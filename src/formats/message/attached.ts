/** Whether a letter has an attachment, by the BODYSTRUCTURE that is kept of it. RFC 8621 §4.1.4, §4.4.1 */
import { bodyLists, hasAttachment, type SortablePart } from './body-lists.ts'

/** `octets`: BODYSTRUCTURE as we keep it */
export function isAttached(octets: Uint8Array): boolean {
  return hasAttachment(bodyLists(shapeOf(new Lists(octets).read())))
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
