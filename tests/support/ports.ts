/** Ports for a demo of one's own: test files run side by side. */
import { createServer } from 'node:net'

/** Standard ports that the demo takes, the cable, and those of its pretend internet. */
const standardPorts = [25, 2525, 2526, 587, 465, 143, 993, 110, 995, 80, 10_025, 10_053, 10_587]

/** An offset at which all of them are free now. */
export async function freeOffset(): Promise<number> {
  for (;;) {
    const offset = 11_000 + Math.floor(Math.random() * 9_000)
    const free = await Promise.all(standardPorts.map(port => canBind(port + offset)))
    if (free.every(Boolean)) return offset
  }
}

function canBind(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
