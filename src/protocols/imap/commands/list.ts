import type { Account, Mailbox } from '#mail/account.ts'
import { loggedIn, type Command } from '../command.ts'
import { listNames, type ListedName } from '../list-names.ts'
import { writeMetadata } from '../metadata.ts'
import type { Output, Peer } from '../peer.ts'
import { ok, type Reply } from '../reply.ts'
import { readStatus } from '../status.ts'
import { quoted, printMailbox } from '../syntax/print.ts'
import type { ListRequest } from '../syntax/request.ts'
import { specialUseOf } from '../syntax/roles.ts'
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
  const names = listNames(await account.mailboxes(), await account.subscriptions(), {
    patterns: request.patterns.map(pattern => request.reference + pattern),
    subscribedOnly: request.select.includes('SUBSCRIBED'),
    recursive: request.select.includes('RECURSIVEMATCH'),
    specialUseOnly: request.select.includes('SPECIAL-USE'),
  })
  for (const name of names) {
    output.write(printListed(name, request))
    // RFC 5819 §2: no STATUS for a name that cannot be selected
    if (request.status && name.mailbox) output.write(await readStatus(account, name.mailbox, request.status, peer))
    if (request.metadata && name.mailbox) await writeListed(account, name.mailbox, request.metadata, output)
    if (output.isFull) await output.room()
  }
  return ok('LIST completed')
}

/** RFC 9590 §3: as GETMETADATA would answer. */
async function writeListed(
  account: Account,
  mailbox: Mailbox,
  entries: readonly string[],
  output: Output,
): Promise<void> {
  const query = { entries: entries.map(entry => entry.toLowerCase()), depth: 0, maxBytes: undefined } as const
  await writeMetadata(mailbox.name, { entries, depth: 0 }, await account.metadata(mailbox.id, query), output)
}

function printListed(name: ListedName, request: ListRequest): string {
  const attributes: string[] = []
  if (!name.mailbox) attributes.push(request.extended ? '\\NonExistent' : '\\Noselect')
  const tellSubscribed = request.select.includes('SUBSCRIBED') || request.give.includes('SUBSCRIBED')
  if (tellSubscribed && name.subscribed) attributes.push('\\Subscribed')
  attributes.push(name.hasChildren ? '\\HasChildren' : '\\HasNoChildren')
  const use = specialUseOf(name.mailbox?.role)
  if (use) attributes.push(use)
  // RFC 5258 §3.5: a child was subscribed and does not match by itself
  const child = name.childMatches ? ` (${quoted('CHILDINFO')} (${quoted('SUBSCRIBED')}))` : ''
  return `* LIST (${attributes.join(' ')}) "/" ${printMailbox(name.name)}${child}\r\n`
}

/** LSUB: subscribed names, those that no longer exist included. RFC 3501 §6.3.9 */
export const lsub = {
  name: 'LSUB',
  states: loggedIn,
  async run({ reference, pattern }, { account }, { output }) {
    if (pattern === '') {
      output.write('* LSUB (\\Noselect) "/" ""\r\n')
      return ok('LSUB completed')
    }
    const names = listNames(await account.mailboxes(), await account.subscriptions(), {
      patterns: [reference + pattern],
      subscribedOnly: true,
      recursive: false,
      specialUseOnly: false,
      subscribedParents: true,
    })
    for (const name of names)
      output.write(`* LSUB (${name.subscribed ? '' : '\\Noselect'}) "/" ${printMailbox(name.name)}\r\n`)
    return ok('LSUB completed')
  },
} satisfies Command<'LSUB', 'authenticated' | 'selected'>
