/** Changes of an account at random, as several protocols make them. */
import assert from 'node:assert/strict'
import { type Account, deletedFlag, flaggedFlag, isRefusal, seenFlag } from './account.ts'
import { letter } from './accounts.testbed.ts'
import type { EmailId, MailboxId } from './ids.ts'

let subjects = 0

/** One change of any kind; some are refused, or change nothing. */
export async function changeAtRandom(account: Account, random: () => number): Promise<void> {
  const pick = <Value>(values: readonly Value[]): Value | undefined => values[Math.floor(random() * values.length)]
  const mailboxes = await account.mailboxes()
  const mailbox = pick(mailboxes)
  const other = pick(mailboxes)
  if (!mailbox || !other) return
  const uid = () => (1 + Math.floor(random() * Math.max(1, mailbox.uidNext - 1))) as never
  const flags = {
    mode: random() < 0.6 ? 'add' : 'remove',
    system: pick([seenFlag, flaggedFlag, deletedFlag, seenFlag]) ?? 0,
    keywords: [],
  } as const
  const act = pick<() => Promise<unknown>>([
    () =>
      account.append(mailbox.id, [
        {
          message: letter(`Subject ${++subjects % 6}`, 'x', `${subjects % 6}@x.test`),
          flags,
          internalDate: subjects * 1000,
        },
      ]),
    () =>
      account.append(mailbox.id, [
        { message: letter(`Subject ${subjects % 6}`), flags: { ...flags, system: 0 }, internalDate: ++subjects * 1000 },
      ]),
    () => account.copy(mailbox.id, [uid()], other.id),
    () => account.move(mailbox.id, [{ first: uid(), last: uid() }], other.id),
    () => account.changeFlags(mailbox.id, [uid()], flags),
    () => account.changeFlags(mailbox.id, [{ first: 1 as never, last: uid() }], flags),
    () => account.expunge(mailbox.id),
    () => account.createMailbox(`Made ${Math.floor(random() * 4)}`),
    () => account.deleteMailbox(`Made ${Math.floor(random() * 4)}`),
    () => account.renameMailbox(`Made ${Math.floor(random() * 4)}`, `Made ${Math.floor(random() * 4)}/Below`),
    () => setSome(account, random, [mailbox.id, other.id]),
    () => account.subscribe(mailbox.name, random() < 0.5),
  ])
  const result = await act?.()
  if (typeof result === 'object' && result !== null && isRefusal(result)) assert.ok(result.refused !== 'over-quota')
}

/** As Email/set does it */
async function setSome(account: Account, random: () => number, mailboxes: readonly MailboxId[]): Promise<unknown> {
  const { modSeq } = await account.read(reader => reader.state)
  const email = (1 + Math.floor((random() * modSeq) / 3)) as EmailId
  const flags = [{ mode: 'add', system: flaggedFlag, keywords: random() < 0.5 ? ['blue'] : [] }] as const
  if (random() < 0.2) return account.setEmails([{ kind: 'destroy', email }])
  return account.setEmails([{ kind: 'update', email, mailboxes: { all: mailboxes }, flags }])
}

/** mulberry32: the same course each time */
export function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
