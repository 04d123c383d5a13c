import { mailboxSelected, type Command } from '../command.ts'
import { enableCondstore } from '../condstore.ts'
import { lettersOf } from '../order/known-letters.ts'
import { taken, type LetterColumns } from '../order/letter-columns.ts'
import { orderedSubject } from '../order/ordered-subject.ts'
import { DenseNodes, References } from '../order/references.ts'
import { inSlices, stepItems, type Steps } from '../order/slices.ts'
import { printThreads, type Threaded, type ThreadTree } from '../order/thread-tree.ts'
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
  async run(request, session, peer, tag) {
    if (mentionsModSeq(request.key)) enableCondstore(session, peer)
    const work = { tag, goal: session.selected.view.length, phases: 2 }
    const { messages, tree } = await peer.progress.during(work, async () => {
      const found = await searchMailbox(request, session, peer)
      peer.progress.nextPhase()
      const messages = await readMessages(found, request.algorithm, session, peer)
      return { messages, tree: await inSlices(treeOf(request.algorithm, messages), peer.output) }
    })
    await writeThreads(request, tree, messages, session, peer)
    return ok('THREAD completed')
  },
} satisfies Command<'THREAD', 'selected'>

/** What threads are made by, by position; those that are gone have none. */
type Messages = Threaded & {
  readonly columns: LetterColumns
  readonly slots: Uint32Array
  /** In the view */
  readonly indexes: readonly number[]
}

async function readMessages(
  found: Found,
  algorithm: ThreadAlgorithm,
  session: Selected,
  peer: Peer,
): Promise<Messages> {
  const { columns, slots, indexes } = await lettersOf(found, session, peer, {
    threads: algorithm !== 'ORDEREDSUBJECT',
  })
  return {
    columns,
    slots,
    indexes,
    dates: taken(columns.dates, slots),
    subjects: taken(columns.subjects, slots),
    isReply: taken(columns.replies, slots),
  }
}

function* treeOf(algorithm: ThreadAlgorithm, messages: Messages): Steps<ThreadTree> {
  if (algorithm === 'ORDEREDSUBJECT') return yield* orderedSubject(messages)
  const { columns, slots } = messages
  const references = new References(new DenseNodes(columns.idTable.size))
  for (let at = 0; at < slots.length; at++) {
    const slot = slots[at] ?? 0
    const id = columns.ids[slot] ?? -1
    references.add(id < 0 ? undefined : id, columns.referencesOf(slot))
    if (at % stepItems === 0) yield
  }
  if (algorithm === 'REFERENCES') return yield* references.threads(messages)
  return yield* references.refs(messages, taken(columns.arrivals, slots))
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
