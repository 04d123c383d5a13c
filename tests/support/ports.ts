/** Ports for a demo of one's own: test files run side by side. */
import { createServer } from 'node:net'

/** Standard ports that the demo takes, the cable, and those of its pretend internet. */
const standardPorts = [25, 2525, 2526, 587, 465, 143, 993, 110, 995, 80, 10_025, 10_053, 10_587]

/** Demos whose offsets differ by a multiple of this have no port in common: no two of the ports above do. */
const stepPorts = 32
const steps = Math.floor(9_000 / stepPorts)
/** Of this process: somebody may still be about to listen there */
const given = new Set<number>()

/** An offset at which all of them are free now. */
export async function freeOffset(): Promise<number> {
  for (;;) {
    // processes that run side by side choose from different eighths
    const step = Math.floor((Math.random() * steps) / 8) * 8 + (process.pid % 8)
    const offset = 11_000 + step * stepPorts
    if (given.has(offset)) continue
    given.add(offset)
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
