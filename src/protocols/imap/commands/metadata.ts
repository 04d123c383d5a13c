/** GETMETADATA and SETMETADATA. RFC 5464 §4.2, §4.3 */
import { isRefusal } from '#mail/account.ts'
import { loggedIn, type Command } from '../command.ts'
import { readMailboxMetadata, readServerMetadata, specialUseEntry, writeMetadata } from '../metadata.ts'
import { no, ok, refusal } from '../reply.ts'

type LoggedIn = 'authenticated' | 'selected'

export const getMetadata = {
  name: 'GETMETADATA',
  states: loggedIn,
  async run(request, { account, login }, peer) {
    const query = {
      entries: request.entries.map(entry => entry.toLowerCase()),
      depth: request.depth,
      maxBytes: request.maxSize,
    }
    if (request.mailbox === '') {
      const metadata = await readServerMetadata(account, login, peer, query)
      await writeMetadata('', request, metadata, peer)
      return completed(metadata.largest)
    }
    const mailbox = await account.mailboxNamed(request.mailbox)
    if (!mailbox) return no('NONEXISTENT', 'No such mailbox')
    const metadata = await readMailboxMetadata(account, mailbox, query)
    await writeMetadata(mailbox.name, request, metadata, peer)
    return completed(metadata.largest)
  },
} satisfies Command<'GETMETADATA', LoggedIn>

/** §4.2.1 */
function completed(largest: number | undefined) {
  return ok('GETMETADATA completed', largest === undefined ? undefined : `METADATA LONGENTRIES ${largest}`)
}

export const setMetadata = {
  name: 'SETMETADATA',
  states: loggedIn,
  async run(request, { account }) {
    const entries = request.values.map(({ entry, value }) => ({ name: entry.toLowerCase(), value }))
    const ofServer = request.mailbox === ''
    // everybody would see them: §3.3 lets a server restrict that
    if (ofServer && entries.some(({ name }) => name.startsWith('/shared/')))
      return no('NOPERM', 'What all users see is set by the administrator')
    // RFC 6154 §4: never just as it comes
    if (!ofServer && entries.some(({ name }) => name === specialUseEntry))
      return no('CANNOT', 'The use of a mailbox is set when it is made')
    const mailbox = ofServer ? undefined : await account.mailboxNamed(request.mailbox)
    if (!ofServer && !mailbox) return no('NONEXISTENT', 'No such mailbox')
    const set = await account.setMetadata(mailbox?.id, entries)
    return isRefusal(set) ? refusal(set) : ok('SETMETADATA completed')
  },
} satisfies Command<'SETMETADATA', LoggedIn>
