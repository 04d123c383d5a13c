/** A server that says what a test tells it to, and keeps what it was told. */
import { once } from 'node:events'
import { duplexPair, type Duplex } from 'node:stream'
import { Connection } from '#net/connection.ts'
import { ImapClient, type ImapClientOptions } from './client.ts'

export type FakeServer = {
  readonly stream: Duplex
  /** All that has come, as Latin-1 */
  readonly heard: () => string
  /** Resolves when this has come, behind what the last call waited for. */
  until(text: string): Promise<void>
  say(...lines: readonly string[]): void
}

/** The greeting is said at once, `* OK hello` unless told otherwise. */
export async function withFakeServer(
  act: (server: FakeServer, client: ImapClient) => Promise<void>,
  {
    greeting = '* OK [CAPABILITY IMAP4rev1] hello',
    ...options
  }: ImapClientOptions & { readonly greeting?: string } = {},
): Promise<void> {
  const [ours, stream] = duplexPair()
  const server = fake(stream)
  server.say(greeting)
  const connection = new Connection(ours)
  try {
    await act(server, await ImapClient.open(connection, options))
  } finally {
    connection.destroy()
    stream.destroy()
  }
}

function fake(stream: Duplex): FakeServer {
  let heard = ''
  let seen = 0
  stream.on('data', (chunk: Buffer) => (heard += chunk.toString('latin1')))
  stream.on('error', () => undefined)
  return {
    stream,
    heard: () => heard,
    async until(text) {
      for (let at = heard.indexOf(text, seen); ; at = heard.indexOf(text, seen)) {
        if (at >= 0) return void (seen = at + text.length)
        await once(stream, 'data', { signal: AbortSignal.timeout(5_000) })
      }
    },
    say: (...lines) => void stream.write(lines.map(line => `${line}\r\n`).join('')),
  }
}
