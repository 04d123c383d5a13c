/** A relay on loopback that notes what it takes. */
import { createServer } from 'node:net'

export type Received = { readonly to: readonly string[]; readonly text: string }

export type PretendRelay = {
  readonly port: number
  /** Bodies end as they were sent, dots undone */
  readonly received: readonly Received[]
  /** Closed, it answers each MAIL with 451: nothing is taken, and no answer of its own can be lost. */
  open: boolean
}

export async function pretendRelay(t: { after(end: () => void): void }, { open = true } = {}): Promise<PretendRelay> {
  const received: Received[] = []
  const relay = { open, received, port: 0 }
  const server = createServer(socket => {
    let text = ''
    let to: string[] = []
    let inData = false
    const answer = (line: string, begins: boolean) => {
      if (begins) return '354 Go on\r\n'
      if (line.startsWith('MAIL') && !relay.open) return '451 4.3.0 Later\r\n'
      return line.startsWith('EHLO') ? '250-relay.test\r\n250 8BITMIME\r\n' : '250 2.0.0 OK\r\n'
    }
    socket.on('error', () => undefined)
    socket.write('220 relay.test ESMTP\r\n')
    socket.on('data', chunk => {
      text += chunk.toString('latin1')
      for (;;) {
        const end = text.indexOf(inData ? '\r\n.\r\n' : '\r\n')
        if (end < 0) return
        const line = text.slice(0, end)
        text = text.slice(end + (inData ? 5 : 2))
        if (inData) {
          received.push({ to, text: `${line.replaceAll('\r\n..', '\r\n.')}\r\n` })
          inData = false
          socket.write('250 2.0.0 OK\r\n')
          continue
        }
        if (line.startsWith('MAIL')) to = []
        if (line.startsWith('RCPT')) to.push(/<(.*?)>/.exec(line)?.[1] ?? '')
        inData = line === 'DATA'
        socket.write(answer(line, inData))
      }
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  relay.port = (server.address() as { port: number }).port
  return relay
}
