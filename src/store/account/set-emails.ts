/**
 * Emails made, their mailboxes and keywords, whole emails destroyed: JMAP's Email/set (RFC 8621 §4.6). Each change is looked at in full before any of it is
 * made, and what is refused leaves the others as they are.
 */
import type { AccountWriter } from './account-writer.ts'
import { type CreatedEmail, createEmail, type EmailCreation } from './create-email.ts'
import { flagBits, refusedKeywords } from './flags.ts'
import type { FlagInput, Refusal } from './operations.ts'
import { deletedFlag, place, setFlags, unplace } from './place.ts'
import { replaceFiledCopies } from './sent-copy.ts'
import { isDoomed } from './tables/doomed.ts'
import { readMessageIdHash } from './tables/email.ts'
import type { MailboxRow } from './tables/mailbox.ts'
import { type PlacementRow, readPlacementsOf } from './tables/placement.ts'

export type EmailChange =
  | EmailCreation
  | { readonly kind: 'destroy'; readonly email: number }
  | {
      readonly kind: 'update'
      readonly email: number
      /** `all`: these alone; else what is added and taken away */
      readonly mailboxes: MailboxesChange | undefined
      /** In order; the first may replace all keywords there are */
      readonly flags: readonly FlagInput[]
    }
export type MailboxesChange =
  | { readonly all: readonly number[] }
  | { readonly add: readonly number[]; readonly remove: readonly number[] }

export type SetEmailsInput = {
  /** The emails' modseq that the change is for, or a later one of the account; any when undefined */
  readonly ifModSeq: number | undefined
  readonly changes: readonly EmailChange[]
  /** For what is created */
  readonly quotaBytes: number | undefined
  readonly nowMs: number
}

/** `results`: of each change what it was refused for, what was created, or nothing */
export type SetEmailsOutput =
  | { readonly before: number; readonly after: number; readonly results: readonly (Refusal | CreatedEmail | object)[] }
  | { readonly refused: 'state-mismatch' }

export function setEmails(account: AccountWriter, input: SetEmailsInput): SetEmailsOutput {
  const before = account.counters.emailModSeq
  if (input.ifModSeq !== undefined && input.ifModSeq < before) return { refused: 'state-mismatch' }
  const results = input.changes.map(change => {
    if (change.kind === 'create') return createEmail(account, change, input)
    const placements = isDoomed(account.database, change.email) ? [] : readPlacementsOf(account.database, change.email)
    const shown = placements.filter(({ flags }) => !(flags & deletedFlag))
    if (shown.length === 0) return { refused: 'no-such-message' }
    return change.kind === 'destroy'
      ? destroy(account, placements, input.nowMs)
      : update(account, change, { placements, shown, nowMs: input.nowMs })
  })
  return { before, after: account.counters.emailModSeq, results }
}

/** Those marked \Deleted go too: the email is to be no more. */
function destroy(account: AccountWriter, placements: readonly PlacementRow[], nowMs: number): object {
  for (const row of placements) takeOut(account, row, nowMs)
  return {}
}

function takeOut(account: AccountWriter, row: PlacementRow, nowMs: number): void {
  const mailbox = account.mailbox(row.mailbox)
  if (mailbox) unplace(account, mailbox, row, nowMs)
}

type Places = {
  readonly placements: readonly PlacementRow[]
  readonly shown: readonly PlacementRow[]
  readonly nowMs: number
}

const draftFlag = 8

function update(
  account: AccountWriter,
  { flags, mailboxes }: Extract<EmailChange, { kind: 'update' }>,
  { placements, shown, nowMs }: Places,
): Refusal | object {
  const wanted = mailboxes && wantedMailboxes(account, mailboxes, shown)
  if (wanted && 'refused' in wanted) return wanted
  const refused = refusedKeywords(
    account,
    flags.flatMap(({ mode, keywords }) => (mode === 'remove' ? [] : keywords)),
  )
  if (refused) return refused
  const [first] = shown
  if (!first) return { refused: 'no-such-message' }
  const keywords = keywordsAfter(account, first.flags, flags)
  if (keywords !== first.flags) setFlags(account, first, keywords)
  if (!wanted) return {}
  const here = new Set(shown.map(({ mailbox }) => mailbox))
  const wasDraft = shown.some(row => row.flags & draftFlag || account.mailbox(row.mailbox)?.role === 'drafts')
  // first in, then out: an email without any place would be destroyed
  for (const mailbox of wanted)
    if (!here.has(mailbox.id)) {
      // a draft that was sent and moved is the client's copy of it, which stands for the server's
      if (wasDraft) replaceFiledCopies(account, mailbox, readMessageIdHash(account.database, first.email), nowMs)
      place(account, mailbox, {
        id: first.email,
        flags: keywords,
        sizeBytes: first.sizeBytes,
        savedMs: nowMs,
        others: placements,
      })
    }
  for (const row of shown)
    if (!wanted.some(({ id }) => id === row.mailbox)) takeOut(account, { ...row, flags: keywords }, nowMs)
  return {}
}

function wantedMailboxes(
  account: AccountWriter,
  change: MailboxesChange,
  shown: readonly PlacementRow[],
): readonly MailboxRow[] | Refusal {
  const ids = new Set('all' in change ? change.all : shown.map(({ mailbox }) => mailbox))
  if (!('all' in change)) {
    for (const id of change.add) ids.add(id)
    for (const id of change.remove) ids.delete(id)
  }
  const mailboxes: MailboxRow[] = []
  for (const id of ids) {
    const mailbox = account.mailbox(id)
    if (!mailbox) return { refused: 'no-such-mailbox' }
    mailboxes.push(mailbox)
  }
  return mailboxes.length === 0 ? { refused: 'no-mailbox' } : mailboxes
}

/** \Deleted is no keyword: it stays with its placement. */
function keywordsAfter(account: AccountWriter, before: number, changes: readonly FlagInput[]): number {
  let flags = before
  for (const change of changes) {
    const bits = flagBits(account, change, true)
    if (typeof bits !== 'number') continue
    if (change.mode === 'replace') flags = bits | (before & deletedFlag)
    else flags = change.mode === 'add' ? flags | bits : flags & ~bits
  }
  return flags >>> 0
}
