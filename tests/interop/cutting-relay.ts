/** A cable between a client and a server that breaks after so many octets, to see what a client and we do when it comes again. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export type CuttingRelay = {
  readonly port: number
  /** How many connections it has broken */
  readonly cuts: number
  /** From the next connection on: broken after so many octets of both directions; undefined: never. */
  cutAfter(bytes: number | undefined): void
}

export async function startCuttingRelay(scope: AsyncDisposableStack, target: number): Promise<CuttingRelay> {
  let limit: number | undefined
  let cuts = 0
  const sockets = new Set<Socket>()
  const server = createServer(near => {
    const far = connect(target, '127.0.0.1')
    let left = limit ?? Number.POSITIVE_INFINITY
    const count = (chunk: Buffer) => {
      if (left <= 0) return
      left -= chunk.length
      if (left > 0) return
      cuts += 1
      near.resetAndDestroy()
      far.resetAndDestroy()
    }
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from)
      from.on('data', count).on('error', () => to.destroy())
      from.on('close', () => sockets.delete(from))
      from.pipe(to)
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  scope.defer(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return {
    port,
    get cuts() {
      return cuts
    },
    cutAfter(bytes) {
      limit = bytes
    },
  }
}
