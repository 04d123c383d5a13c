/** A second connection of the same user that changes, moves and removes what the hostile one looks at. */
import { LineClient } from '#protocols/imap/line-client.testbed.ts'
import { testAddress, testPassword, type Testbed } from '#protocols/imap/imap.testbed.ts'
import type { Random } from '../support/random.ts'

const commands = [
  'UID STORE 1:* +FLAGS (\\Flagged)',
  'UID STORE 1:* -FLAGS.SILENT (\\Flagged $Junk)',
  'STORE * +FLAGS.SILENT (\\Deleted)',
  'EXPUNGE',
  'COPY * INBOX',
  'MOVE * Trash',
  'APPEND INBOX (\\Seen) {22+}\r\nSubject: news\r\n\r\nNew\r\n',
  'APPEND Drafts {3+}\r\nabc',
  'CREATE Short-lived',
  'RENAME Short-lived "Still/shorter lived"',
  'DELETE Short-lived',
  'SUBSCRIBE Short-lived',
  'SETMETADATA INBOX (/private/comment "again")',
  'SETMETADATA INBOX (/private/comment NIL)',
  'SELECT INBOX',
  'UID FETCH 1:* (FLAGS BODY[])',
]

/** Until `signal`; then what was wrong with the answers. */
export async function disturb(bed: Testbed, random: Random, signal: AbortSignal): Promise<string | undefined> {
  const stream = bed.connect()
  using client = new LineClient(stream)
  try {
    await client.line()
    const lines = [
      await client.command('d1', `LOGIN ${testAddress} ${testPassword}`),
      await client.command('d2', 'SELECT INBOX'),
    ]
    for (let n = 3; !signal.aborted && n < 60; n++) {
      const command = random.pick(commands)
      const said = await client.command(`d${n}`, command)
      lines.push(said)
      const wrong = said.find(line => line.startsWith('<nothing') || line === '<end>' || line.includes('SERVERBUG'))
      if (wrong !== undefined) return `the other connection: ${command}: ${wrong}`
    }
    return undefined
  } finally {
    stream.resume().end()
  }
}
