/** RFC 5183 §4.1, RFC 6785 §4.2 */
import type { Run } from './run.ts'

/** Undefined for an item that there is not: the test fails then. */
export function environmentItem({ ports, message }: Run, item: string): string | undefined {
  const { event, client } = message
  switch (item) {
    case 'domain':
      return ports.environment.domain
    case 'host':
      return ports.environment.host
    case 'location':
      return event ? 'MS' : 'MDA'
    case 'name':
      return 'Hikyaku'
    case 'phase':
      return event ? 'post' : 'during'
    case 'remote-host':
      return client?.name
    case 'remote-ip':
      return client?.address
    case 'version':
      return ports.environment.version
    case 'imap.user':
      return event?.user
    case 'imap.email':
      return event?.email
    case 'imap.cause':
      return event?.cause
    case 'imap.mailbox':
      return event?.mailbox
    case 'imap.changedflags':
      return event?.changedFlags.join(' ')
    default:
      return undefined
  }
}
