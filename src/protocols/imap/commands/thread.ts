import { parseMessageId, parseMessageIds } from '#formats/message/message-id.ts'
import { readEnvelope, type EnvelopeFacts } from '#formats/message/read-envelope.ts'
import { normalMessageId } from '#formats/message/references.ts'
import type { EmailRow } from '#mail/account.ts'
import { mailboxSelected, type Command } from '../command.ts'
import { enableCondstore } from '../condstore.ts'
import { threadBatch } from '../limits.ts'
import { baseSubject } from '../order/base-subject.ts'
import { casemapKey } from '../order/casemap.ts'
import { orderedSubject } from '../order/ordered-subject.ts'
import { References } from '../order/references.ts'
import { readRows } from '../order/rows.ts'
import { inSlices } from '../order/slices.ts'
import { decodedSubject, sentDate } from '../order/sort-value.ts'
import { printThreads, type ThreadTree } from '../order/thread-tree.ts'
import type { Peer } from '../peer.ts'
import { ok } from '../reply.ts'
import { mentionsModSeq } from '../search/results.ts'
import { searchMailbox, type Found } from '../search/search.ts'
import type { Selected } from '../session.ts'
import type { ThreadAlgorithm, ThreadRequest } from '../syntax/request.ts'

/** THREAD. RFC 5256 §3, REFS draft-ietf-morg-inthread §4. These threads are not those of the account (OBJECTID): other rules, and only messages found. */
export const thread = {
  name: 'THREAD',
  states: mailboxSelected,
  async run(request, session, peer) {
    if (mentionsModSeq(request.key)) enableCondstore(session, peer)
    const found = await searchMailbox(request, session, peer)
    const messages = new Messages()
    const tree = await treeBy[request.algorithm](found, messages, session, peer)
    await writeThreads(request, tree, messages, session, peer)
    return ok('THREAD completed')
  },
} satisfies Command<'THREAD', 'selected'>

/** What threads are made by, by position; those that are gone have none. */
class Messages {
  readonly indexes: number[] = []
  readonly dates: number[] = []
  readonly arrivals: number[] = []
  readonly subjects: string[] = []
  readonly isReply: boolean[] = []

  add(index: number, row: EmailRow, envelope: EnvelopeFacts): void {
    const { base, isReply } = baseSubject(decodedSubject(envelope))
    this.indexes.push(index)
    this.dates.push(sentDate(envelope, row))
    this.arrivals.push(row.internalDate)
    this.subjects.push(casemapKey(base))
    this.isReply.push(isReply)
  }
}

type Threading = (found: Found, messages: Messages, session: Selected, peer: Peer) => Promise<ThreadTree>

const treeBy: Readonly<Record<ThreadAlgorithm, Threading>> = {
  ORDEREDSUBJECT: bySubject,
  REFERENCES: async (found, messages, session, peer) => {
    const references = await readReferences(found, messages, session, peer)
    return await inSlices(references.threads(messages), peer.output)
  },
  REFS: async (found, messages, session, peer) => {
    const references = await readReferences(found, messages, session, peer)
    return await inSlices(references.refs(messages, messages.arrivals), peer.output)
  },
}

async function bySubject(found: Found, messages: Messages, session: Selected, peer: Peer): Promise<ThreadTree> {
  await readRows(found, session, peer, (row, index) => messages.add(index, row, readEnvelope(row.envelope)))
  return await inSlices(orderedSubject(messages), peer.output)
}

async function readReferences(found: Found, messages: Messages, session: Selected, peer: Peer): Promise<References> {
  const { account, selected } = session
  const references = new References()
  for (let from = 0; from < found.length; from += threadBatch) {
    const some = found.slice(from, from + threadBatch)
    const envelopes: { readonly at: number; readonly envelope: EnvelopeFacts }[] = []
    const emails = Float64Array.from(some, index => selected.view.emailId(index))
    const [named] = await Promise.all([
      account.references(emails, peer.signal),
      readRows(some, session, peer, (row, index, at) => {
        const envelope = readEnvelope(row.envelope)
        messages.add(index, row, envelope)
        envelopes.push({ at, envelope })
      }),
    ])
    for (const { at, envelope } of envelopes) {
      references.add(ownId(envelope), ancestors(named[at] ?? [], envelope))
      if (peer.output.isFull) await peer.output.room()
    }
  }
  return references
}

function ownId({ messageId }: EnvelopeFacts): string | undefined {
  const id = messageId && parseMessageId(messageId)
  return id === undefined ? undefined : normalMessageId(id)
}

/** RFC 5256 §3: References, and without any the first id of In-Reply-To, where words and addresses may stand beside it */
function ancestors(references: readonly string[], { inReplyTo }: EnvelopeFacts): readonly string[] {
  if (references.length > 0 || !inReplyTo?.includes(0x3c)) return references
  return parseMessageIds(inReplyTo, 1).map(normalMessageId)
}

async function writeThreads(
  { byUid }: ThreadRequest,
  tree: ThreadTree,
  { indexes }: Messages,
  { selected }: Selected,
  { output }: Peer,
): Promise<void> {
  await output.room()
  output.write(tree.roots.length > 0 ? '* THREAD ' : '* THREAD')
  const numberOf = (message: number) => {
    const index = indexes[message] ?? 0
    return byUid ? selected.view.uid(index) : index + 1
  }
  for (const piece of printThreads(tree, numberOf)) {
    output.write(piece)
    if (output.isFull) await output.room()
  }
  output.write('\r\n')
}
