/** Ports for a demo of one's own: test files run side by side. */
import { createServer, type ListenOptions } from 'node:net'
import { portsAt } from '../../src/demo/ports.ts'

const { internet, ...own } = portsAt(0)
const ports = [...Object.values(own), ...Object.values(internet)]

/** Demos whose offsets differ by a multiple of this have no port in common: no two of a demo's ports do. */
const stepPorts = 84
const steps = Math.floor(9_000 / stepPorts)

/** An offset at which all of them are free now, and that nobody else is given while this process lives. */
export async function freeOffset(): Promise<number> {
  for (;;) {
    const offset = 11_000 + Math.floor(Math.random() * steps) * stepPorts
    if (!(await canListen({ path: `\0hikyaku-demo-${offset}` }, true))) continue
    const free = await Promise.all(ports.map(port => canListen({ host: '127.0.0.1', port: port + offset })))
    if (free.every(Boolean)) return offset
  }
}

/** `stays`: as long as the process lives, which it does not keep alive */
function canListen(where: ListenOptions, stays = false): Promise<boolean> {
  return new Promise(resolve => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(where, () => {
      if (!stays) return void server.close(() => resolve(true))
      server.unref()
      resolve(true)
    })
  })
}
