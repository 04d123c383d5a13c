/** A delivery as the account's script decided it: several emails, several placements, or none at all; and what it leaves behind. */
import { existsSync } from 'node:fs'
import type { AccountWriter } from './account-writer.ts'
import { describeEmail, keepEmail, type KeptEmail } from './email-store.ts'
import { accountFailure } from './failures.ts'
import { flagBits } from './flags.ts'
import { createMailbox, mailboxForRole } from './mailboxes.ts'
import { mailboxName } from './mailbox-name.ts'
import type { DeliverInput, FiledEmail, FilingInput, KeptBytes, MailboxInput } from './operations.ts'
import { place } from './place.ts'
import { noteReport } from './reports.ts'
import type { DeliveryResultRow } from './tables/delivery.ts'
import type { MailboxRow } from './tables/mailbox.ts'
import { isRemembered, remember } from './tables/remembered.ts'
import { insertOutboxItem } from './tables/outbox.ts'

export type StoreResult = DeliveryResultRow & { readonly fileUnused: boolean; readonly unusedFiles: readonly string[] }

export function nothingStored(status: DeliveryResultRow['status'], reply: string | null): StoreResult {
  return { status, email: 0, mailbox: 0, uid: 0, reply, fileUnused: true, unusedFiles: [] }
}

type FiledInput = Pick<DeliverInput, 'overQuota' | 'quotaBytes' | 'internalDate' | 'nowMs'> &
  Partial<Pick<DeliverInput, 'attempt'>>

/** Before `leaveEffects`, which makes known what is known from then on. */
export function storeFiled(account: AccountWriter, input: FiledInput, filing: FilingInput): StoreResult {
  const letters = filing.emails.filter(({ copy }) => !copy)
  if (input.overQuota === 'refuse' && !hasRoom(account, input, letters)) return nothingStored('over-quota', null)
  /** Version and mailbox */
  const placed = new Set<string>()
  const unusedFiles: string[] = []
  let first: Placed | undefined
  for (const email of filing.emails) {
    const wanted = !email.copy || (!isKnown(account, email.copy.once, input.nowMs) && hasRoom(account, input, [email]))
    const stored = wanted ? storeEmail(account, input, email, email.copy ? new Set() : placed) : undefined
    if (!email.copy) first ??= stored
    if (!stored && email.kept.kind === 'file') unusedFiles.push(email.kept.name)
  }
  if (first) return { status: 'stored', ...first, reply: null, fileUnused: false, unusedFiles }
  const { reply } = filing
  return {
    ...nothingStored(reply === undefined ? 'discarded' : 'rejected', reply ?? null),
    fileUnused: false,
    unusedFiles,
  }
}

/** Outbox and memory. Returns the files of effects that are left out, because an earlier delivery has had them. */
export function leaveEffects(
  account: AccountWriter,
  { filing, nowMs, outbox }: Pick<DeliverInput, 'filing' | 'nowMs' | 'outbox'>,
): readonly string[] {
  const unusedFiles: string[] = []
  for (const item of outbox)
    if (!isKnown(account, item.once, nowMs)) insertOutboxItem(account.database, item, nowMs)
    else if (item.file != null) unusedFiles.push(item.file)
  if (outbox.length > 0) account.changes.outboxFilled()
  for (const { key, until } of filing?.remember ?? []) remember(account.database, key, until)
  return unusedFiles
}

function isKnown({ database }: AccountWriter, once: string | undefined, nowMs: number): boolean {
  return once !== undefined && isRemembered(database, once, nowMs)
}

function hasRoom(account: AccountWriter, { quotaBytes }: FiledInput, emails: readonly FiledEmail[]): boolean {
  const sizeBytes = emails.reduce((sum, { kept }) => sum + kept.sizeBytes, 0)
  return quotaBytes === undefined || sizeBytes === 0 || account.counters.usedBytes + sizeBytes <= quotaBytes
}

type Placed = { readonly email: number; readonly mailbox: number; readonly uid: number }

/** Undefined when all of its mailboxes have the letter already: one that two actions put into one mailbox is there once. */
function storeEmail(
  account: AccountWriter,
  input: FiledInput,
  { copy, flags, kept, mailboxes, version }: FiledEmail,
  placed: Set<string>,
): Placed | undefined {
  if (kept.kind === 'file' && !existsSync(account.filePath(kept.name)))
    throw accountFailure('NO_FILE', 'The file of a large message is not there')
  let email: KeptEmail | undefined
  let first: Placed | undefined
  for (const choice of mailboxes) {
    const mailbox = chosenMailbox(account, choice, input.nowMs)
    const key = `${version} ${mailbox.id}`
    if (placed.has(key)) continue
    placed.add(key)
    // what is kept of it besides is the same letter once more
    email ??= keep(account, input, kept, copy === undefined && placed.size === 1)
    const bits = flagBits(account, flags, true)
    const facts = { id: email.id, flags: typeof bits === 'number' ? bits : 0, sizeBytes: email.sizeBytes }
    const uid = place(account, mailbox, { ...facts, savedMs: input.nowMs })
    first ??= { email: email.id, mailbox: mailbox.id, uid }
  }
  return first
}

function keep(
  account: AccountWriter,
  { attempt, internalDate }: FiledInput,
  kept: KeptBytes,
  isDelivered: boolean,
): KeptEmail {
  const described = describeEmail(account, kept)
  const email = keepEmail(account, kept, described, { internalDate, filed: false })
  if (isDelivered && attempt) noteReport(account, { ...described, kept, email: email.id, delivery: attempt.id })
  return email
}

/** Whatever cannot be found or made is the inbox: no mail is lost over a name. */
export function chosenMailbox(account: AccountWriter, choice: MailboxInput, nowMs: number): MailboxRow {
  return find(account, choice, nowMs) ?? mailboxForRole(account, 'inbox', nowMs)
}

function find(account: AccountWriter, choice: MailboxInput, nowMs: number): MailboxRow | undefined {
  if ('role' in choice) return mailboxForRole(account, choice.role, nowMs)
  if ('id' in choice) {
    const found = account.mailbox(choice.id)
    if (found || choice.orName === undefined) return found
    return find(account, { name: choice.orName, create: choice.create ?? false }, nowMs)
  }
  const name = mailboxName(choice.name)
  if (typeof name !== 'string') return undefined
  const found = account.mailboxNamed(name)
  if (found || !choice.create) return found
  const { newRole } = choice
  const role = newRole !== undefined && !account.mailboxWithRole(newRole) ? newRole : undefined
  const made = createMailbox(account, { name, role, subscribe: true, nowMs })
  return 'refused' in made ? undefined : account.mailboxNamed(name)
}
