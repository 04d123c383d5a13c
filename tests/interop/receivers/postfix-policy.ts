/** What Postfix asks about recipients and letters, by its policy delegation: refusals, and greylisting. */
import { createServer } from 'node:net'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'

const dozeMs = 10_000

/** The local part up to its first dot says what becomes of it. Gives the port. */
export async function startPolicy(scope: AsyncDisposableStack): Promise<number> {
  const seen = new Set<string>()
  const first = (recipient: string) => !seen.has(recipient) && seen.add(recipient)
  const server = createServer(socket => {
    let text = ''
    socket.on('error', () => undefined)
    socket.on('data', chunk => {
      text += String(chunk)
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const asked = new Map(
          text
            .slice(0, end)
            .split('\n')
            .map(line => line.split(/=(.*)/) as [string, string]),
        )
        text = text.slice(end + 2)
        const recipient = asked.get('recipient') ?? ''
        const state = asked.get('protocol_state') ?? ''
        const dozes = state === 'END-OF-MESSAGE' && recipient.startsWith('doze.') && first(recipient)
        const answer = `action=${actionFor(state, recipient, first)}\n\n`
        if (dozes) setTimeout(() => socket.write(answer), dozeMs).unref()
        else socket.write(answer)
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  scope.defer(() => void server.close())
  return (server.address() as AddressInfo).port
}

function actionFor(state: string, recipient: string, first: (recipient: string) => unknown): string {
  const is = (kind: string, at: string) => state === at && recipient.startsWith(`${kind}.`)
  if (is('refused', 'RCPT')) return '550 5.1.1 Nobody of that name'
  if (is('later', 'RCPT')) return '450 4.2.0 Try later'
  if (is('grey', 'RCPT') && first(recipient)) return '450 4.7.1 Greylisted, come again'
  if (is('unwanted', 'END-OF-MESSAGE')) return '550 5.7.1 Not such a letter'
  if (is('full', 'END-OF-MESSAGE') && first(recipient)) return '452 4.2.2 Mailbox full'
  return 'DUNNO'
}
