import type { Account, Mailbox } from '#mail/account.ts'
import { loggedIn, type Command } from '../command.ts'
import { listNames } from '../list-names.ts'
import { printListed } from '../list-response.ts'
import { readMailboxMetadata, writeMetadata } from '../metadata.ts'
import { inSlices } from '../order/slices.ts'
import type { Peer } from '../peer.ts'
import { ok, type Reply } from '../reply.ts'
import { readStatus } from '../status.ts'
import { printMailbox } from '../syntax/print.ts'
import type { ListRequest } from '../syntax/request.ts'
import type { Authenticated, Selected } from '../session.ts'
import { enableCondstore } from '../condstore.ts'

/** LIST, basic and extended. RFC 9051 §6.3.9, RFC 5258, RFC 5819, RFC 6154 */
export const list = {
  name: 'LIST',
  states: loggedIn,
  run: runList,
} satisfies Command<'LIST', 'authenticated' | 'selected'>

async function runList(request: ListRequest, session: Authenticated | Selected, peer: Peer): Promise<Reply> {
  const { output } = peer
  if (!request.extended && request.patterns[0] === '') {
    // RFC 9051 §6.3.9: asks for the separator and the root
    output.write('* LIST (\\Noselect) "/" ""\r\n')
    return ok('LIST completed')
  }
  if (request.status?.includes('HIGHESTMODSEQ')) enableCondstore(session, peer)
  const { account } = session
  const listing = listNames(await account.mailboxes(), await account.subscriptions(), {
    patterns: request.patterns.map(pattern => request.reference + pattern),
    subscribedOnly: request.select.includes('SUBSCRIBED'),
    recursive: request.select.includes('RECURSIVEMATCH'),
    specialUseOnly: request.select.includes('SPECIAL-USE'),
  })
  const names = await inSlices(listing, output)
  const tellSubscribed = request.select.includes('SUBSCRIBED') || request.give.includes('SUBSCRIBED')
  const form = { dialect: peer.enabled, extended: request.extended, tellSubscribed }
  for (const name of names) {
    output.write(printListed(name, form))
    // RFC 5819 §2, RFC 9590 §4: nothing of a name that cannot be selected, or that stands for its children
    const mailbox = name.meets ? name.mailbox : undefined
    if (request.status && mailbox) output.write(await readStatus(account, mailbox, request.status, peer))
    if (request.metadata && mailbox) await writeListed(account, mailbox, request.metadata, peer)
    if (output.isFull) await output.room()
  }
  return ok('LIST completed')
}

/** RFC 9590 §3: as GETMETADATA would answer. */
async function writeListed(account: Account, mailbox: Mailbox, entries: readonly string[], peer: Peer): Promise<void> {
  const query = { entries: entries.map(entry => entry.toLowerCase()), depth: 0, maxBytes: undefined } as const
  await writeMetadata(mailbox.name, { entries, depth: 0 }, await readMailboxMetadata(account, mailbox, query), peer)
}

/** LSUB: subscribed names, those that no longer exist included. RFC 3501 §6.3.9 */
export const lsub = {
  name: 'LSUB',
  states: loggedIn,
  async run({ reference, pattern }, { account }, { output, enabled }) {
    if (pattern === '') {
      output.write('* LSUB (\\Noselect) "/" ""\r\n')
      return ok('LSUB completed')
    }
    const listing = listNames(await account.mailboxes(), await account.subscriptions(), {
      patterns: [reference + pattern],
      subscribedOnly: true,
      recursive: false,
      specialUseOnly: false,
      subscribedParents: true,
    })
    const names = await inSlices(listing, output)
    for (const name of names)
      output.write(`* LSUB (${name.subscribed ? '' : '\\Noselect'}) "/" ${printMailbox(name.name, enabled)}\r\n`)
    return ok('LSUB completed')
  },
} satisfies Command<'LSUB', 'authenticated' | 'selected'>
