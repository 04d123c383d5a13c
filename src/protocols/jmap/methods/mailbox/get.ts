/** RFC 8621 §2.1 */
import type { MailboxCount } from '#mail/account.ts'
import type { MailboxRecord } from '#mail/account-reader.ts'
import { printMailboxId } from '#mail/object-ids.ts'
import { askedIds, askedProperties, getShape, only } from '../../get.ts'
import { countOf } from '../../mailbox/counts.ts'
import { rightsOf } from '../../mailbox/rights.ts'
import { placesOf, type TreePlace } from '../../mailbox/tree.ts'
import { accountOf, type Method } from '../../method.ts'
import { printState, printTypeState } from '../../state.ts'
import { checkArguments } from '../../syntax/arguments.ts'
import { type GetResponse, type Mailbox, mailCapability } from '../../wire.ts'

const properties = [
  'id',
  'name',
  'parentId',
  'role',
  'sortOrder',
  'totalEmails',
  'unreadEmails',
  'totalThreads',
  'unreadThreads',
  'myRights',
  'isSubscribed',
] as const satisfies readonly (keyof Mailbox)[]
const counted: readonly (keyof Mailbox)[] = ['totalEmails', 'unreadEmails', 'totalThreads', 'unreadThreads']

export const mailboxGet: Method = {
  capability: mailCapability,
  async run(given, context): Promise<GetResponse<Partial<Mailbox>>> {
    const asked = checkArguments(given, getShape)
    const account = await accountOf(asked.accountId, context)
    const wanted = askedProperties(asked.properties, properties)
    // Counts first: the state is then no newer than anything in the answer, and what has changed since is told by Mailbox/changes
    const counts = counted.some(name => wanted.has(name as (typeof properties)[number]))
      ? await context.counts.now(account)
      : undefined
    const { state, mailboxes } = await account.read(reader => ({ state: reader.state, mailboxes: reader.mailboxes() }))
    const places = placesOf(mailboxes)
    const all = new Map(
      mailboxes.map(mailbox => [
        printMailboxId(mailbox.id),
        () => shown(mailbox, places.get(mailbox.id), counts && countOf(counts, mailbox.id)),
      ]),
    )
    const ids = askedIds(asked.ids, context) ?? [...all.keys()]
    return {
      accountId: asked.accountId,
      state: counts ? printState({ epoch: state.epoch, modSeq: counts.modSeq }) : printTypeState(state, 'mailbox'),
      list: ids.flatMap(id => {
        const mailbox = all.get(id)
        return mailbox ? [only(mailbox(), wanted)] : []
      }),
      notFound: ids.filter(id => !all.has(id)),
    }
  },
}

function shown(mailbox: MailboxRecord, place: TreePlace | undefined, count: MailboxCount | undefined): Mailbox {
  return {
    id: printMailboxId(mailbox.id),
    name: place?.name ?? mailbox.name,
    parentId: place?.parent === undefined ? null : printMailboxId(place.parent),
    role: mailbox.role ?? null,
    sortOrder: mailbox.sortOrder,
    totalEmails: count?.emails ?? 0,
    unreadEmails: count?.unread ?? 0,
    totalThreads: count?.threads ?? 0,
    unreadThreads: count?.unreadThreads ?? 0,
    myRights: rightsOf(mailbox),
    isSubscribed: mailbox.subscribed,
  }
}
