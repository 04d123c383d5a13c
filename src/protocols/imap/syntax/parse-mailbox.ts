/** Commands about mailboxes by name: SELECT, CREATE, LIST, STATUS and their kin. */
import { isUtf8 } from './dialect.ts'
import {
  expectAstring,
  expectAtom,
  expectChar,
  expectFlag,
  expectList,
  expectListMailbox,
  expectName,
  expectNumber,
  expectSpace,
  trySpace,
  tryWord,
} from './grammar.ts'
import { mailboxNameLimit } from './limits.ts'
import { decodeAsWritten } from '#formats/mailbox-name.ts'
import { expectEntries } from './parse-entries.ts'
import type { Reader } from './reader.ts'
import {
  listReturns,
  listSelections,
  statusItems,
  type ListRequest,
  type ListReturn,
  type ListSelection,
  type Named,
  type RequestNamed,
  type Resync,
  type StatusItem,
} from './request.ts'
import { expectSequenceSet, savedResult, star, type SequenceRange } from './sequence-set.ts'
import { roleOf, type MailboxRole } from './roles.ts'

export function expectMailbox(reader: Reader): string {
  return expectWritten(reader, expectAstring).normalize('NFC')
}

/** A mailbox, and how it was written when its normalized form is another. */
export function expectNamed(reader: Reader): Named {
  const written = expectWritten(reader, expectAstring)
  const mailbox = written.normalize('NFC')
  return mailbox === written ? { mailbox } : { mailbox, oldName: written }
}

function expectWritten(reader: Reader, expect: (reader: Reader) => Uint8Array): string {
  const start = reader.position
  const bytes = expect(reader)
  if (bytes.length > mailboxNameLimit) reader.fail('The mailbox name is too long', start)
  const inUtf8 = isUtf8(reader.dialect)
  const name = decodeAsWritten(bytes, inUtf8)
  return name ?? reader.fail(`The mailbox name is not ${inUtf8 ? 'UTF-8 text' : 'modified UTF-7'}`, start)
}

export function parseSelect(reader: Reader, name: 'SELECT' | 'EXAMINE'): RequestNamed<'SELECT' | 'EXAMINE'> {
  expectSpace(reader)
  const named = expectNamed(reader)
  let condstore = false
  let resync: Resync | undefined
  if (trySpace(reader) && !reader.atEnd)
    expectList(reader, () => {
      // RFC 7162 §3.1.8
      if (tryWord(reader, 'CONDSTORE')) condstore = true
      else if (tryWord(reader, 'QRESYNC')) resync = expectResync(reader)
      else reader.fail('Unknown parameter')
    })
  return { name, ...named, condstore, resync }
}

/** RFC 7162 §3.2.5: `(uidvalidity modseq [known-uids] [(numbers uids)])` */
function expectResync(reader: Reader): Resync {
  expectSpace(reader)
  expectChar(reader, '(')
  const start = reader.position
  const uidValidity = expectNumber(reader) || reader.fail('Numbers begin at 1', start)
  expectSpace(reader)
  const modSeq = expectForeignModSeq(reader)
  let known: Resync['known']
  let matches: Resync['matches']
  if (trySpace(reader)) {
    if (reader.peek() !== 0x28) known = expectKnownSet(reader)
    if (known === undefined || trySpace(reader)) matches = expectMatches(reader)
  }
  expectChar(reader, ')')
  return { uidValidity, modSeq, known, matches }
}

/** It may be another server's of 63 bits, from before a move: then UIDVALIDITY tells, and it is no error. */
function expectForeignModSeq(reader: Reader): number {
  const start = reader.position
  const digits = expectAtom(reader)
  if (!/^[1-9][0-9]{0,18}$/.test(digits)) reader.fail('Expected a number', start)
  return Math.min(Number(digits), Number.MAX_SAFE_INTEGER)
}

function expectMatches(reader: Reader): Resync['matches'] {
  const start = reader.position
  expectChar(reader, '(')
  const numbers = expectKnownSet(reader)
  expectSpace(reader)
  const uids = expectKnownSet(reader)
  expectChar(reader, ')')
  if (!isAscending(numbers) || !isAscending(uids)) reader.fail('These sets must be ascending', start)
  if (countOf(numbers) !== countOf(uids)) reader.fail('These sets must be equally large', start)
  return { numbers, uids }
}

/** Neither `*` nor `$`: they would mean something else to each side. */
function expectKnownSet(reader: Reader): readonly SequenceRange[] {
  const start = reader.position
  const set = expectSequenceSet(reader)
  if (set === savedResult || set.some(({ first, last }) => first === star || last === star))
    return reader.fail('Only numbers may stand here', start)
  return set
}

function isAscending(set: readonly SequenceRange[]): boolean {
  return set.every(({ first, last }, at) => first <= last && first > (set[at - 1]?.last ?? 0))
}

function countOf(set: readonly SequenceRange[]): number {
  return set.reduce((count, { first, last }) => count + last - first + 1, 0)
}

/** CREATE, with the special use of RFC 6154 §3. */
export function parseCreate(reader: Reader): RequestNamed<'CREATE'> {
  expectSpace(reader)
  const named = expectNamed(reader)
  let role: MailboxRole | 'unknown' | undefined
  if (trySpace(reader) && !reader.atEnd) {
    expectChar(reader, '(')
    if (!tryWord(reader, 'USE')) reader.fail('Unknown parameter')
    expectSpace(reader)
    const uses = expectList(reader, expectFlag, { empty: true })
    expectChar(reader, ')')
    const [use] = uses
    if (use !== undefined) role = (uses.length === 1 && roleOf(use)) || 'unknown'
  }
  return { name: 'CREATE', ...named, role }
}

export function parseRename(reader: Reader): RequestNamed<'RENAME'> {
  expectSpace(reader)
  const from = expectWritten(reader, expectAstring)
  expectSpace(reader)
  const written = expectWritten(reader, expectAstring)
  const mailbox = from.normalize('NFC')
  const to = written.normalize('NFC')
  return { name: 'RENAME', mailbox, to, ...(mailbox === from && to === written ? {} : { oldName: from }) }
}

function expectPattern(reader: Reader): string {
  return expectWritten(reader, expectListMailbox).normalize('NFC')
}

export function parseLsub(reader: Reader): RequestNamed<'LSUB'> {
  expectSpace(reader)
  const reference = expectMailbox(reader)
  expectSpace(reader)
  return { name: 'LSUB', reference, pattern: expectPattern(reader) }
}

export function parseList(reader: Reader): ListRequest {
  expectSpace(reader)
  const select = reader.peek() === 0x28 ? expectSelections(reader) : undefined
  const reference = expectMailbox(reader)
  expectSpace(reader)
  const several = reader.peek() === 0x28
  const patterns = several ? expectList(reader, expectPattern) : [expectPattern(reader)]
  const options = trySpace(reader) && !reader.atEnd ? expectReturnOptions(reader) : undefined
  return {
    name: 'LIST',
    extended: select !== undefined || several || options !== undefined,
    select: select ?? [],
    reference,
    patterns,
    give: options?.give ?? [],
    status: options?.status,
    metadata: options?.metadata,
  }
}

function expectSelections(reader: Reader): readonly ListSelection[] {
  const start = reader.position
  const select = expectList(reader, () => expectOneOf(reader, listSelections, 'Unknown selection option'), {
    empty: true,
  })
  expectSpace(reader)
  // RFC 5258 §3.1: RECURSIVEMATCH needs another option that selects
  if (select.includes('RECURSIVEMATCH') && !select.includes('SUBSCRIBED') && !select.includes('SPECIAL-USE'))
    reader.fail('RECURSIVEMATCH needs another selection option', start)
  return select
}

function expectReturnOptions(reader: Reader): {
  give: readonly ListReturn[]
  status: readonly StatusItem[] | undefined
  metadata: readonly string[] | undefined
} {
  if (!tryWord(reader, 'RETURN')) reader.fail('Expected RETURN')
  expectSpace(reader)
  const give: ListReturn[] = []
  let status: readonly StatusItem[] | undefined
  let metadata: readonly string[] | undefined
  expectList(
    reader,
    () => {
      if (tryWord(reader, 'STATUS')) {
        expectSpace(reader)
        status = expectStatusItems(reader)
      } else if (tryWord(reader, 'METADATA')) {
        expectSpace(reader)
        metadata = expectEntries(reader)
      } else give.push(expectOneOf(reader, listReturns, 'Unknown return option'))
    },
    { empty: true },
  )
  return { give, status, metadata }
}

function expectOneOf<Word extends string>(reader: Reader, words: readonly Word[], problem: string): Word {
  const start = reader.position
  const name = expectName(reader)
  return words.find(word => word === name) ?? reader.fail(problem, start)
}

function expectStatusItems(reader: Reader): readonly StatusItem[] {
  return expectList(reader, () => {
    const start = reader.position
    const item = expectOneOf(reader, statusItems, 'Unknown STATUS item')
    return item === 'RECENT' && reader.dialect.rev2 ? reader.fail('IMAP4rev2 has no RECENT', start) : item
  })
}

export function parseStatus(reader: Reader): RequestNamed<'STATUS'> {
  expectSpace(reader)
  const mailbox = expectMailbox(reader)
  expectSpace(reader)
  return { name: 'STATUS', mailbox, items: expectStatusItems(reader) }
}

/** RFC 5161: capability names */
export function parseEnable(reader: Reader): RequestNamed<'ENABLE'> {
  const capabilities: string[] = []
  expectSpace(reader)
  do capabilities.push(expectAtom(reader).toUpperCase())
  while (trySpace(reader) && !reader.atEnd && capabilities.length < 100)
  return { name: 'ENABLE', capabilities }
}
