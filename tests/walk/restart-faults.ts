/** What a server could lose over a restart, done behind the model's back before anybody looks. */
import { Auditor } from './audit.ts'
import type { ComplaintKind } from './complaint.ts'
import { type Home, password } from './home.ts'

export type RestartFault = {
  readonly name: string
  readonly kinds: readonly ComplaintKind[]
  readonly commands: readonly string[]
}

export const restartFaults: readonly RestartFault[] = [
  {
    // all of them: what overlapped with the kill may excuse any single one
    name: 'messages vanish over a restart',
    kinds: ['lost'],
    commands: ['SELECT INBOX', 'STORE 1:* +FLAGS.SILENT (\\Deleted)', 'EXPUNGE'],
  },
  {
    // forgotten ones alone may have been in doubt, or there were none
    name: 'flags are others after a restart',
    kinds: ['flags'],
    commands: ['SELECT INBOX', 'STORE 1:* FLAGS.SILENT ($Forwarded)'],
  },
  { name: 'messages come twice after a restart', kinds: ['uid'], commands: ['SELECT INBOX', 'COPY 1:* INBOX'] },
  {
    name: 'a mailbox is another after a restart',
    kinds: ['uidvalidity', 'lost'],
    commands: ['DELETE Archive', 'CREATE Archive'],
  },
]

export async function commit({ commands }: RestartFault, home: Home, user: string): Promise<void> {
  const intruder = new Auditor()
  try {
    await intruder.connect(home.port('imap'), user, password)
    for (const command of commands) await intruder.ask(command)
  } finally {
    intruder.disconnect()
  }
}
