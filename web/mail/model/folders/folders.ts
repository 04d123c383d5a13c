/** Folders of one's own: made, named, put below others, taken away. RFC 8621 §2.5 */
import type { Id, Mailbox } from '#protocols/jmap/wire.ts'
import type { Client } from '../../jmap/client.ts'
import { Refused } from '../refused.ts'
import type { Mailboxes, MailboxNode } from '../mailboxes.ts'
import type { Sync } from '../sync.ts'

export type Account = { readonly client: Client; readonly mailboxes: Mailboxes; readonly sync: Sync }
export type FolderPlace = { readonly name: string; readonly parentId: Id | null }

/** Seen by other mail programs too, which show what is subscribed only. Rejects with Refused. */
export async function makeFolder({ client, sync }: Account, place: FolderPlace): Promise<Id> {
  const calls = client.batch()
  const set = calls.call('Mailbox/set', { create: { fresh: { ...place, isSubscribed: true } } })
  const { created, notCreated } = (await client.send(calls, { again: false })).of(set)
  const error = notCreated?.['fresh']
  if (error) throw new Refused(error)
  await sync.now()
  return created?.['fresh']?.id ?? ''
}

/** Rejects with Refused. */
export async function changeFolder({ client, sync }: Account, id: Id, place: FolderPlace): Promise<void> {
  const calls = client.batch()
  const set = calls.call('Mailbox/set', { update: { [id]: place } })
  const { notUpdated } = (await client.send(calls)).of(set)
  const error = notUpdated?.[id]
  if (error) throw new Refused(error)
  await sync.now()
}

/**
 * What is in it goes to the trash, unless it stands in another mailbox as well. What comes in meanwhile is no loss: the server does not take away a
 * mailbox that has something in it, and the next round moves that too. Rejects with Refused.
 */
export async function removeFolder(account: Account, id: Id): Promise<void> {
  const { client, sync } = account
  for (let round = 0; ; round++) {
    await emptyIntoTrash(account, id)
    const calls = client.batch()
    const set = calls.call('Mailbox/set', { destroy: [id], onDestroyRemoveEmails: false })
    const error = (await client.send(calls)).of(set).notDestroyed?.[id]
    if (!error || error.type === 'notFound') break
    if (error.type !== 'mailboxHasEmail' || round === maxRounds) throw new Refused(error)
  }
  await sync.now()
}

const maxRounds = 3

async function emptyIntoTrash({ client, mailboxes }: Account, id: Id): Promise<void> {
  const trash = mailboxes.role('trash')?.id
  const limit = Math.min(client.limits.maxObjectsInSet, client.limits.maxObjectsInGet)
  for (;;) {
    const asking = client.batch()
    const query = asking.call('Email/query', { filter: { inMailbox: id }, position: 0, limit })
    const get = asking.call('Email/get', { '#ids': query.result('/ids'), properties: ['mailboxIds'] })
    const { list } = (await client.send(asking)).of(get)
    if (list.length === 0) return
    const update = list.map(({ id: email, mailboxIds }) => {
      const isElsewhere = Object.keys(mailboxIds ?? {}).length > 1
      return [email, { [`mailboxIds/${id}`]: null, ...(!isElsewhere && trash && { [`mailboxIds/${trash}`]: true }) }]
    })
    const moving = client.batch()
    const set = moving.call('Email/set', { update: Object.fromEntries(update) })
    const errors = Object.values((await client.send(moving)).of(set).notUpdated ?? {})
    const [error] = errors.filter(({ type }) => type !== 'notFound')
    if (error) throw new Refused(error)
  }
}

/** Below which it may stand: its own branch is none of them. */
export function placesFor(tree: readonly MailboxNode[], id: Id | undefined): readonly MailboxNode[] {
  const inside = new Set<Id | null>(id === undefined ? [] : [id])
  return tree.filter(({ mailbox }) => {
    if (inside.has(mailbox.parentId)) inside.add(mailbox.id)
    return !inside.has(mailbox.id) && mailbox.role === null && mailbox.myRights.mayCreateChild
  })
}

export function hasBelow(all: readonly Mailbox[], id: Id): boolean {
  return all.some(({ parentId }) => parentId === id)
}

/** As the server compares names: in NFC */
export function isTaken(all: readonly Mailbox[], { name, parentId }: FolderPlace, id: Id | undefined): boolean {
  const wanted = name.normalize('NFC')
  return all.some(one => one.id !== id && one.parentId === parentId && one.name === wanted)
}
