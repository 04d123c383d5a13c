/** Fields of the message and of its parts, as header, address, exists, date and deleteheader look at them. */
import { asciiText } from '#base/bytes.ts'
import { printAddress, splitSubaddress } from '#formats/address/address.ts'
import { mailboxesOf, parseAddressList } from '#formats/message/address-list.ts'
import { parseContentType, parseDisposition } from '#formats/message/content.ts'
import { decodeWords } from '#formats/message/encoded-word.ts'
import { decodeParameters } from '#formats/message/parameters.ts'
import type { Part } from '#formats/message/structure.ts'
import type { AddressPart, FieldIndex, MimeTarget, Template } from '#formats/sieve/program.ts'
import { splitHeader, type LetterField, type LetterPart, rawValue } from './letter.ts'
import type { Run } from './run.ts'
import { expandAll } from './values.ts'

type FieldQuery = { readonly names: readonly Template[]; readonly index?: FieldIndex; readonly mime?: MimeTarget }

/** In the order of the names, then of the header */
export function selectFields(run: Run, { names, index, mime }: FieldQuery): readonly LetterField[] {
  const keys = expandAll(run, names).map(name => name.toLowerCase())
  const headers = mime ? mimeHeaders(run, mime.anyChild) : [run.letter.content.fields]
  const found: LetterField[] = []
  for (const fields of headers)
    for (const key of keys) {
      run.budget.spend(1 + fields.length / 4)
      found.push(...fields.filter(field => field.key === key))
    }
  return pick(found, index)
}

/** RFC 5260 §6 */
function pick(fields: readonly LetterField[], index: FieldIndex | undefined): readonly LetterField[] {
  if (!index) return fields
  const chosen = index.last ? fields.at(-index.number) : fields[index.number - 1]
  return chosen && index.number > 0 ? [chosen] : []
}

/** RFC 5703 §4: of the part that a loop stands at, else of the message; with `anyChild` of all within it too */
function mimeHeaders(run: Run, anyChild: boolean): readonly (readonly LetterField[])[] {
  const part = currentPart(run)
  const headers = [part.isRoot ? run.letter.content.fields : partFields(run, part)]
  if (!anyChild) return headers
  for (const child of childrenOf(part)) headers.push(...allHeaders(run, child))
  return headers
}

function allHeaders(run: Run, part: LetterPart): (readonly LetterField[])[] {
  return [partFields(run, part), ...childrenOf(part).flatMap(child => allHeaders(run, child))]
}

export function currentPart(run: Run): LetterPart {
  const part = run.parts.at(-1)
  if (part) return part
  run.letter.settle()
  return run.letter.root()
}

export function childrenOf(place: LetterPart): LetterPart[] {
  const { part, bytes } = place
  return part.children.map(child => ({ part: child, bytes, isRoot: false, within: place }))
}

export function partFields(run: Run, { part, bytes }: LetterPart): readonly LetterField[] {
  const known = headers.get(part)
  run.budget.spend(1 + (known ? known.length / 16 : (part.bodyStart - part.headerStart) / 16))
  if (known) return known
  const { fields } = splitHeader(bytes.subarray(part.headerStart, part.bodyStart))
  headers.set(part, fields)
  return fields
}

const headers = new WeakMap<Part, readonly LetterField[]>()

/** Decoded for people. RFC 5228 §2.7.2 */
export function fieldText(run: Run, field: LetterField): string {
  const known = decoded.get(field)
  run.budget.spend(1 + (known?.length ?? field.bytes.length) / 16)
  if (known !== undefined) return known
  const text = decodeWords(rawValue(field)).trim()
  decoded.set(field, text)
  return text
}

/** A script asks for From and Subject again and again. */
const decoded = new WeakMap<LetterField, string>()

/** RFC 5703 §4: a part of Content-Type or Content-Disposition instead of the whole; nothing where the field has none */
export function mimeTexts(run: Run, field: LetterField, option: NonNullable<MimeTarget['option']>): string[] {
  const value = rawValue(field)
  run.budget.spend(1 + value.length / 16)
  const content = parseContentType(value)
  const disposition = field.key === 'content-disposition' ? parseDisposition(value) : undefined
  if (typeof option === 'object') {
    const parameters = decodeParameters(disposition?.parameters ?? content?.parameters ?? [])
    return expandAll(run, option.parameters).flatMap(name => parameters.get(name.toLowerCase()) ?? [])
  }
  if (disposition) return option === 'subtype' ? [] : [disposition.kind]
  if (!content) return []
  if (option === 'type') return [content.type]
  return [option === 'subtype' ? content.subtype : `${content.type}/${content.subtype}`]
}

/** RFC 5228 §2.7.4, RFC 5233 §4; groups give their members, and what is no address gives only itself as a whole. */
export function addressTexts(run: Run, field: LetterField, part: AddressPart): string[] {
  run.budget.spend(1 + field.bytes.length / 8)
  return mailboxesOf(parseAddressList(rawValue(field))).flatMap(({ localpart, domain, name }) => {
    if (domain) return addressPart(run, Buffer.from(localpart).toString(), Buffer.from(domain).toString(), part)
    const text = localpart.length > 0 ? localpart : (name ?? localpart)
    return part === 'all' ? [Buffer.from(text).toString()] : []
  })
}

export function addressPart(run: Run, localpart: string, domain: string, part: AddressPart): string[] {
  switch (part) {
    case 'all':
      return [printAddress({ localpart, domain })]
    case 'localpart':
      return [localpart]
    case 'domain':
      return [domain]
    case 'user':
      return [splitSubaddress(localpart, run.account.separators).user]
    case 'detail': {
      const { detail } = splitSubaddress(localpart, run.account.separators)
      return detail === undefined ? [] : [detail]
    }
  }
}

/** For fields whose values are plain words */
export function plainValue(field: LetterField): string {
  return asciiText(rawValue(field))
}
