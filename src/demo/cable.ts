/**
 * The private link as a cable on this machine: a TCP forwarder that can be cut and mended. The break-it lab, the storm and the
 * tests pull the same cable.
 */
import { connect, createServer, type Server, type Socket } from 'node:net'

export type Cable = {
  readonly port: number
  readonly isCut: boolean
  /** Resets every connection and refuses new ones until `mend`. */
  cut(): void
  mend(): void
  [Symbol.asyncDispose](): Promise<void>
}

export async function layCable(options: { port: number; toPort: number; host?: string }): Promise<Cable> {
  const host = options.host ?? '127.0.0.1'
  const open = new Set<Socket>()
  let isCut = false
  const server = createServer({ allowHalfOpen: true }, near => {
    if (isCut) {
      near.resetAndDestroy()
      return
    }
    const far = connect({ port: options.toPort, host, allowHalfOpen: true })
    join(near, far, open)
  })
  await listening(server, options.port, host)
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : options.port,
    get isCut() {
      return isCut
    },
    cut() {
      isCut = true
      for (const socket of open) socket.resetAndDestroy()
    },
    mend() {
      isCut = false
    },
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy()
      await new Promise<void>(resolve => server.close(() => resolve()))
    },
  }
}

function join(near: Socket, far: Socket, open: Set<Socket>): void {
  for (const [one, other] of [
    [near, far],
    [far, near],
  ] as const) {
    open.add(one)
    one.setNoDelay(true)
    one.pipe(other)
    one.on('error', () => other.resetAndDestroy())
    one.on('close', () => {
      open.delete(one)
      if (!other.destroyed && one.errored) other.resetAndDestroy()
    })
  }
}

async function listening(server: Server, port: number, host: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}
