/** The demo's control socket: one JSON line in, one JSON line out. The lab, the storm and the tests use the same switches. */
import { createServer } from 'node:net'

export type ControlCommand = Readonly<Record<string, unknown>>
export type ControlAnswer = Readonly<Record<string, unknown>>

const maxCommandBytes = 64 * 1024

export async function serveControl(
  path: string,
  run: (command: ControlCommand) => ControlAnswer | Promise<ControlAnswer>,
): Promise<AsyncDisposable> {
  const server = createServer({ allowHalfOpen: true }, socket => {
    let text = ''
    socket.setTimeout(10_000, () => socket.destroy())
    socket.on('error', () => socket.destroy())
    socket.on('data', chunk => {
      text += chunk.toString('utf8')
      if (text.length > maxCommandBytes) socket.destroy()
    })
    socket.on('end', () => void answer(text).then(line => socket.end(`${line}\n`)))
  })
  async function answer(line: string): Promise<string> {
    try {
      return JSON.stringify(await run(JSON.parse(line) as ControlCommand))
    } catch (error) {
      return JSON.stringify({ error: String(error) })
    }
  }
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  })
  return {
    async [Symbol.asyncDispose]() {
      await new Promise<void>(resolve => server.close(() => resolve()))
    },
  }
}
