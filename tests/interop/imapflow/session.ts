/** A session of imapflow with all it can put on, what it has sent, and what it was told unasked. */
import type { ExistsEvent, ExpungeEvent, FlagsEvent, ImapFlow } from 'imapflow'
import { flowTo, type MailboxAt } from '../mailbox.ts'

export type FlowSession = {
  readonly client: ImapFlow
  /** Commands without their tags, as it logs them */
  readonly sent: readonly string[]
  readonly exists: readonly ExistsEvent[]
  readonly expunged: readonly ExpungeEvent[]
  readonly flags: readonly FlagsEvent[]
}

export async function openFlow(scope: AsyncDisposableStack, at: MailboxAt): Promise<FlowSession> {
  const sent: string[] = []
  const note = (entry: { src?: string; msg?: string }) => {
    if (entry.src === 's' || !entry.msg) return
    sent.push(entry.msg.replace(/^\S+ /, ''))
  }
  const client = flowTo(at, {
    qresync: true,
    disableAutoIdle: true,
    logger: { debug: note, info: () => undefined, warn: () => undefined, error: () => undefined },
  })
  const [exists, expunged, flags]: [ExistsEvent[], ExpungeEvent[], FlagsEvent[]] = [[], [], []]
  client.on('exists', (event: ExistsEvent) => exists.push(event))
  client.on('expunge', (event: ExpungeEvent) => expunged.push(event))
  client.on('flags', (event: FlagsEvent) => flags.push(event))
  await client.connect()
  scope.defer(() => client.close())
  return { client, sent, exists, expunged, flags }
}
