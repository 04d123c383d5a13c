/**
 * Address lists of From, To, Cc and their kin: RFC 5322 §3.4 with the obsolete syntax of §4.4, groups, and what is met in the
 * wild: raw 8-bit names, unquoted specials in names, `;` between addresses, encoded words with commas inside.
 */
import { concatBytes, emptyBytes } from '#base/bytes.ts'
import { Lexer, unescaped } from './lexer.ts'
import { maxAddresses, maxOtherDomains, maxPhraseWordBytes, maxPhraseWords } from './limits.ts'

/** Text as it stands in the header: quotes and escapes undone, encoded words kept. */
export type MailboxEntry = {
  readonly kind: 'mailbox'
  /** Display name; the comment after the address where there is no name (the obsolete form `a@b (Name)`) */
  readonly name: Uint8Array | undefined
  readonly localpart: Uint8Array
  /** Undefined when the address has no @ */
  readonly domain: Uint8Array | undefined
  /** Of further addresses where one must stand (`<a@b> <c@d>`, `<a@b@c>`): other readers may show one of them instead */
  readonly otherDomains?: readonly Uint8Array[]
}
export type GroupEntry = {
  readonly kind: 'group'
  readonly name: Uint8Array
  readonly members: readonly MailboxEntry[]
}
export type AddressEntry = MailboxEntry | GroupEntry

type Address = { localpart: Uint8Array; domain: Uint8Array | undefined; otherDomains: readonly Uint8Array[] }
type NamedAddress = Address & { readonly name: readonly Word[] }
type Word = { readonly text: Uint8Array; readonly spaceBefore: boolean }

const blank = Uint8Array.of(32)
const atSign = 64
const comma = 44
const semicolon = 59
const colon = 58
const openAngle = 60
const closeAngle = 62
const openBracket = 91
const closeBracket = 93
const quotationMark = 34
const equals = 61
const question = 63

/** The entries of one field's value; line ends inside are fine. At most `limit` mailboxes. */
export function parseAddressList(
  bytes: Uint8Array,
  from = 0,
  to: number = bytes.length,
  limit: number = maxAddresses,
): AddressEntry[] {
  const list = new Lexer(bytes, from, to)
  const entries: AddressEntry[] = []
  let count = 0
  while (count < limit) {
    const item = readItem(list)
    if (item === undefined) break
    if (item === 'nothing') continue
    if (!('groupName' in item)) {
      entries.push(item)
      count++
      continue
    }
    const members = readMembers(list, limit - count)
    count += members.length + 1
    entries.push({ kind: 'group', name: item.groupName, members })
  }
  return entries
}

/** All mailboxes, those inside groups too. */
export function mailboxesOf(entries: readonly AddressEntry[]): MailboxEntry[] {
  return entries.flatMap(entry => (entry.kind === 'group' ? entry.members : [entry]))
}

function readMembers(list: Lexer, limit: number): MailboxEntry[] {
  const members: MailboxEntry[] = []
  while (members.length < limit) {
    list.skipBlanks()
    if (list.take(semicolon)) break
    const item = readItem(list)
    if (item === undefined) break
    // a group inside a group does not exist (§3.4): its name is dropped, its members are taken
    if (item !== 'nothing' && !('groupName' in item)) members.push(item)
    if (list.bytes[list.at - 1] === semicolon) break
  }
  return members
}

/** One mailbox up to and with its separator, or a group's name up to its colon. Undefined at the end. */
function readItem(list: Lexer): MailboxEntry | { readonly groupName: Uint8Array } | 'nothing' | undefined {
  list.comment = undefined
  list.skipBlanks()
  if (list.at >= list.end) return undefined
  const words: Word[] = []
  let address: (NamedAddress & { readonly angle: boolean }) | undefined
  for (;;) {
    const spaceBefore = list.skipBlanks()
    const byte = list.peek()
    if (byte === -1) break
    if (byte === comma || byte === semicolon) {
      list.at++
      break
    }
    if (byte === colon && !address && words.length > 0) {
      list.at++
      return { groupName: joinPhrase(words) }
    }
    if (byte === openAngle) {
      const name = address ? address.name : words.slice()
      const bare = address?.domain && name.length === 0 ? [addrSpec(address.localpart, address.domain)] : name
      const passedOver = address?.angle === true && address.domain ? [address.domain] : []
      const read = readAngleAddress(list)
      const otherDomains = [...passedOver, ...(address?.otherDomains ?? []), ...read.otherDomains]
      address = { ...read, otherDomains: otherDomains.slice(0, maxOtherDomains), name: bare, angle: true }
      words.length = 0
    } else if (byte === atSign && !address && words.length > 0) {
      list.at++
      const { localpart, rest } = takeLocalpart(words)
      address = { localpart, domain: readDomain(list), otherDomains: [], name: rest, angle: false }
      words.length = 0
    } else if (byte === atSign && address && address.otherDomains.length < maxOtherDomains) {
      const domain = readFurtherDomain(list, words, spaceBefore)
      address = { ...address, otherDomains: [...address.otherDomains, domain] }
    } else words.push({ text: nextWord(list, words), spaceBefore })
  }
  return finish(words, address, list.comment)
}

function finish(
  words: readonly Word[],
  address: NamedAddress | undefined,
  comment: Uint8Array | undefined,
): MailboxEntry | 'nothing' {
  if (!address && words.length === 0) return 'nothing'
  if (!address && words.length === 1)
    return { kind: 'mailbox', name: comment, localpart: joinPhrase(words), domain: undefined }
  // several words and no address: somebody's name
  if (!address) return { kind: 'mailbox', name: joinPhrase(words), localpart: emptyBytes, domain: undefined }
  // `<a@b> Name` is a mistake with a clear meaning
  const name = address.name.length > 0 ? address.name : words
  const { localpart, domain, otherDomains } = address
  const entry = { kind: 'mailbox', name: name.length > 0 ? joinPhrase(name) : comment, localpart, domain } as const
  return otherDomains.length > 0 ? { ...entry, otherDomains } : entry
}

/** `a@b <a@b>`: the address written once more as the name */
function addrSpec(localpart: Uint8Array, domain: Uint8Array): Word {
  return { text: concatBytes([localpart, Uint8Array.of(atSign), domain]), spaceBefore: false }
}

/** `<local@domain>`, an obsolete route (§4.4) dropped. Where `>` is missing, up to the next comma. */
function readAngleAddress(list: Lexer): Address {
  list.at++
  skipRoute(list)
  const words: Word[] = []
  const otherDomains: Uint8Array[] = []
  let domain: Uint8Array | undefined
  for (;;) {
    const spaceBefore = list.skipBlanks()
    const byte = list.peek()
    if (byte === -1 || byte === comma) break
    if (list.take(closeAngle)) break
    if (byte === atSign && domain === undefined) {
      list.at++
      domain = readDomain(list)
    } else if (byte === atSign && otherDomains.length < maxOtherDomains)
      otherDomains.push(readFurtherDomain(list, words, spaceBefore))
    else words.push({ text: nextWord(list, words), spaceBefore })
  }
  return { localpart: concatBytes(words.map(word => word.text)), domain, otherDomains }
}

/** Behind a second @. What it says stays among the words, so that it is seen. */
function readFurtherDomain(list: Lexer, words: Word[], spaceBefore: boolean): Uint8Array {
  list.at++
  const domain = readDomain(list)
  words.push({ text: concatBytes([Uint8Array.of(atSign), domain]), spaceBefore })
  return domain
}

function skipRoute(list: Lexer): void {
  list.skipBlanks()
  while (list.take(atSign)) {
    readDomain(list)
    list.skipBlanks()
    if (list.take(comma)) list.skipBlanks()
    else if (list.take(colon)) return
    else return
  }
}

/** The words that touch each other before the @; those before them are a name somebody forgot to mark. */
function takeLocalpart(words: readonly Word[]): { localpart: Uint8Array; rest: readonly Word[] } {
  let first = words.length - 1
  // blanks around dots are obsolete syntax: `a . b@example.org`
  while (first > 0 && (!words[first]?.spaceBefore || dotted(words[first - 1], words[first]))) first--
  return { localpart: concatBytes(words.slice(first).map(word => word.text)), rest: words.slice(0, first) }
}

function dotted(left: Word | undefined, right: Word | undefined): boolean {
  return left?.text.at(-1) === 46 || right?.text[0] === 46
}

function readDomain(list: Lexer): Uint8Array {
  const parts: Uint8Array[] = []
  const commentBefore = list.comment
  for (;;) {
    const spaced = list.skipBlanks()
    const byte = list.peek()
    if (byte === openBracket && parts.length === 0) return readDomainLiteral(list)
    if (!isAtomByte(byte)) break
    const joins = byte === 46 || parts.at(-1)?.at(-1) === 46
    if (spaced && parts.length > 0 && !joins) break
    parts.push(list.run(isAtomByte))
  }
  list.comment ??= commentBefore
  return concatBytes(parts)
}

function readDomainLiteral(list: Lexer): Uint8Array {
  const text = list.run(byte => byte !== closeBracket && byte !== closeAngle && byte !== comma)
  const closed = list.take(closeBracket) ? list.bytes.subarray(list.at - text.length - 1, list.at) : text
  return unescaped(closed)
}

/** Behind too many words the rest is one: a mebibyte of quotation marks would be half a million of them. */
function nextWord(list: Lexer, words: readonly Word[]): Uint8Array {
  return words.length < maxPhraseWords ? readWord(list) : list.run(byte => byte !== comma)
}

function readWord(list: Lexer): Uint8Array {
  const byte = list.peek()
  if (byte === quotationMark) {
    const quoted = list.quotedString()
    if (quoted) return quoted
  }
  if (byte === equals && list.bytes[list.at + 1] === question) {
    const word = readEncodedWord(list)
    if (word) return word
  }
  const atom = list.run(isAtomByte)
  if (atom.length > 0) return atom
  // A special where none may stand: text, so that nothing is lost and the parser moves on.
  list.at++
  return list.bytes.subarray(list.at - 1, list.at)
}

/** An encoded word as one piece, even when it holds specials that RFC 2047 §5 (3) forbids in phrases. */
function readEncodedWord(list: Lexer): Uint8Array | undefined {
  let marks = 0
  const limit = Math.min(list.end, list.at + maxPhraseWordBytes)
  for (let at = list.at + 2; at < limit; at++) {
    const byte = list.bytes[at] ?? 0
    if (byte <= 32) return undefined
    if (byte !== question) continue
    marks++
    if (marks >= 3 && list.bytes[at + 1] === equals) {
      const word = list.bytes.subarray(list.at, at + 2)
      list.at = at + 2
      return word
    }
  }
  return undefined
}

/** Words with one blank where there were any: encoded words need it to be told apart. */
function joinPhrase(words: readonly Word[]): Uint8Array {
  const first = words[0]
  if (first === undefined) return emptyBytes
  if (words.length === 1) return first.text
  return concatBytes(words.flatMap((word, index) => (index > 0 && word.spaceBefore ? [blank, word.text] : [word.text])))
}

/** atext, dots, bytes over 0x7f, and the brackets that people write in names. */
function isAtomByte(byte: number): boolean {
  return byte > 32 && byte !== 127 && specials[byte] !== 1
}

const specials = new Uint8Array(256)
for (const special of '()<>:;@,"\\') specials[special.charCodeAt(0)] = 1
