// A mail program's IMAP: one connection with the inbox selected; answers are kept as text, latin1.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

export type ImapClient = {
  /** The command and the untagged lines are octets, as latin1. @throws when the answer is not OK */
  readonly send: (command: string) => Promise<string>
  readonly close: () => void
}

/** An answer may list capabilities. */
const endOfAnswer = 4096

export async function openImap(port: number, user: string, password: string): Promise<ImapClient> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true })
  await once(socket, 'data') // the greeting
  let tag = 0
  const send = (command: string) => exchange(socket, `A${++tag}`, command)
  await send(`LOGIN ${user} ${password}`)
  await send('SELECT INBOX')
  return { send, close: () => socket.destroy() }
}

/** Literals need no care: nothing in the letters looks like a tagged answer. */
function exchange(socket: Socket, tag: string, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let tail = ''
    const settle = (act: () => void) => {
      socket.off('data', read).off('close', lost)
      act()
    }
    const lost = () => settle(() => reject(new Error(`${command}: connection lost`)))
    const read = (chunk: Buffer) => {
      chunks.push(chunk)
      tail = (tail + chunk.toString('latin1', Math.max(0, chunk.length - endOfAnswer))).slice(-endOfAnswer)
      const answer = new RegExp(`(?:^|\\n)${tag} (\\S+)[^\\n]*\\n$`).exec(tail)
      if (!answer) return
      if (answer[1] === 'OK') settle(() => resolve(Buffer.concat(chunks).toString('latin1')))
      else settle(() => reject(new Error(`${command}: ${answer[0]}`)))
    }
    socket.on('data', read).on('close', lost)
    socket.write(`${tag} ${command}\r\n`, 'latin1')
  })
}
