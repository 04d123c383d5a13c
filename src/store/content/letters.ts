/** Emails of an account as learning sees them. */
import { readCounters } from '../account/tables/counters.ts'
import { notDoomed } from '../account/tables/doomed.ts'
import { readKeywords } from '../account/tables/keyword.ts'
import { readMailboxes } from '../account/tables/mailbox.ts'
import { readPlacementsOf } from '../account/tables/placement.ts'
import type { LetterRow } from '../search/letters.ts'
import type { Database } from '../sqlite.ts'
import type { JunkKeyword, Lying } from './verdict.ts'

const selectChanged = `SELECT DISTINCT email FROM placement WHERE mailbox = ? AND mod_seq > ?`
const selectLeft = `SELECT DISTINCT email FROM tombstone WHERE mailbox = ? AND mod_seq > ?`
const selectGone = `SELECT email FROM tombstone WHERE mod_seq > ? AND last = 1`
const selectLetter = `SELECT id, size_bytes AS sizeBytes, header_bytes AS headerBytes, checksum, parsed, file,
  internal_date AS internalDate, envelope, trace_bytes AS traceBytes, created_mod_seq AS createdModSeq
  FROM email WHERE id = ? AND ${notDoomed}`

export type Letter = LetterRow & { readonly traceBytes: number; readonly createdModSeq: number }

export type Surroundings = {
  /** Mailbox → its role */
  readonly roles: ReadonlyMap<number, string | null>
  /** Bits of keywords that say junk, and of those that say not junk */
  readonly junkBits: number
  readonly hamBits: number
}

/** What has changed since `followed`. One moment of the account: call within `read`. */
export type Changed = {
  readonly upTo: number
  readonly epoch: number
  /** The newest first */
  readonly emails: readonly number[]
  readonly leftJunk: ReadonlySet<number>
  readonly gone: readonly number[]
}

export function readChanged(account: Database, followed: number): Changed | undefined {
  const counters = readCounters(account)
  if (!counters) return undefined
  const emails = new Set<number>()
  const leftJunk = new Set<number>()
  const select = (sql: string, mailbox: number) =>
    (account.prepare(sql).all(mailbox, followed) as { email: number }[]).map(row => row.email)
  for (const { id, role, highestModSeq } of readMailboxes(account)) {
    if (highestModSeq <= followed) continue
    for (const email of select(selectChanged, id)) emails.add(email)
    if (role === 'junk') for (const email of select(selectLeft, id)) leftJunk.add(email)
  }
  for (const email of leftJunk) emails.add(email)
  const gone = (account.prepare(selectGone).all(followed) as { email: number }[]).map(row => row.email)
  const { modSeq: upTo, epoch } = counters
  return { upTo, epoch, emails: [...emails].sort((a, b) => b - a), leftJunk, gone }
}

export function readSurroundings(account: Database): Surroundings {
  let junkBits = 0
  let hamBits = 0
  for (const [index, name] of readKeywords(account).entries()) {
    const bit = firstKeywordFlag << index
    if (/^\$?junk$/i.test(name)) junkBits |= bit
    if (/^(?:\$?notjunk|\$?nonjunk)$/i.test(name)) hamBits |= bit
  }
  const roles = new Map(readMailboxes(account).map(({ id, role }) => [id, role]))
  return { roles, junkBits, hamBits }
}
/** As in mail/account.ts */
const firstKeywordFlag = 32
/** \Seen, \Answered, \Flagged */
const lookedFlags = 7

export function readLetter(account: Database, id: number): Letter | undefined {
  return account.prepare(selectLetter).get(id) as Letter | undefined
}

export type Standing = {
  readonly lying: readonly Lying[]
  readonly keyword: JunkKeyword
  /** Nothing was done with it since its delivery */
  readonly untouched: boolean
  /** It has come into Sent since the last look */
  readonly sent: boolean
}

export function standingOf(
  account: Database,
  { roles, junkBits, hamBits }: Surroundings,
  letter: Letter,
  followed: number,
): Standing {
  const placements = readPlacementsOf(account, letter.id)
  const delivered = letter.traceBytes > 0
  const lying = placements.map(({ mailbox, flags, createdModSeq }) => ({
    role: roles.get(mailbox) ?? null,
    looked: (flags & lookedFlags) !== 0,
    entered: createdModSeq > followed && !(delivered && createdModSeq === letter.createdModSeq),
  }))
  const flags = placements.reduce((all, placement) => all | placement.flags, 0)
  return {
    lying,
    keyword: keywordOf((flags & junkBits) !== 0, (flags & hamBits) !== 0),
    untouched: delivered && placements.every(({ modSeq }) => modSeq === letter.createdModSeq),
    sent: placements.some(({ mailbox, createdModSeq }) => createdModSeq > followed && roles.get(mailbox) === 'sent'),
  }
}

function keywordOf(junk: boolean, ham: boolean): JunkKeyword {
  if (junk === ham) return 0
  return junk ? 1 : -1
}
