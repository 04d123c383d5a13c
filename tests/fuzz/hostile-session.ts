/**
 * One hostile connection to a server of ours, heard to the end: the state is reached, the input is said, and either the server
 * ends the connection or it still answers. Over a pair of streams in memory, compressed where the state says so.
 */
import type { Duplex } from 'node:stream'
import { deflateRawSync } from 'node:zlib'
import { setImmediate as soon, setTimeout as delay } from 'node:timers/promises'
import { Connection } from '#net/connection.ts'
import { Deflated } from '#net/deflated.ts'
import { wirePair } from '#net/wire.testbed.ts'
import type { Random } from '../support/random.ts'
import { maxBufferedBytes, pieces, type Serve } from './dialogue.ts'
import type { Watch } from './target.ts'

/** A line or raw octets, and what is heard before the next one; without `until` nothing is waited for. */
export type Step = { readonly send: string; readonly until?: RegExp; readonly thenCompress?: boolean }

export type State = {
  readonly prelude: readonly Step[]
  /** What a good client would say next: shows once that the state is what its name says. */
  readonly finish?: Step
}

export type Protocol = {
  readonly greeting: RegExp
  /** Says what ends whatever was begun, and what any living server answers. Resolves with what is wrong. */
  rescue(peer: HostilePeer): Promise<string | undefined>
  /** Of all that was heard */
  judge(heard: Buffer, sent: Buffer): string | undefined
}

const stepMs = 10_000

export class HostilePeer {
  readonly #plain: Duplex
  #stream: Duplex
  readonly #heard: Buffer[] = []
  readonly #sent: Buffer[] = []
  #tail = ''
  #wake: () => void = () => undefined
  isOver = false

  constructor(stream: Duplex) {
    this.#plain = this.#stream = stream
    this.#listen(stream)
  }

  #listen(stream: Duplex): void {
    stream.on('data', (chunk: Buffer) => {
      this.#heard.push(chunk)
      this.#tail += chunk.toString('latin1')
      this.#wake()
    })
    for (const event of ['error', 'end', 'close']) stream.on(event, () => this.over())
  }

  over(): void {
    this.isOver = true
    this.#wake()
  }

  get heard(): Buffer {
    return Buffer.concat(this.#heard)
  }
  get sent(): Buffer {
    return Buffer.concat(this.#sent)
  }
  get plain(): Duplex {
    return this.#plain
  }

  get isCompressed(): boolean {
    return this.#stream !== this.#plain
  }

  say(octets: string | Uint8Array): void {
    const bytes = Buffer.from(octets)
    this.#sent.push(bytes)
    if (!this.#stream.writableEnded && !this.#stream.destroyed) this.#stream.write(bytes)
  }

  pause(): void {
    this.#stream.pause()
  }
  resume(): void {
    this.#stream.resume()
  }
  end(): void {
    this.#stream.end()
  }

  /** The server has said the same. */
  compress(): void {
    // the last words may still be to be inflated when the transport has ended
    for (const event of ['data', 'end', 'close']) this.#plain.removeAllListeners(event)
    this.#plain.pause()
    this.#stream = new Deflated(this.#plain)
    this.#listen(this.#stream)
  }

  /** Waits for this among what is heard from now on, or was not looked at yet. False: the connection is over, or it does not come. */
  async until(pattern: RegExp, ms = stepMs): Promise<boolean> {
    const deadline = performance.now() + ms
    for (;;) {
      const found = pattern.exec(this.#tail)
      if (found) {
        this.#tail = this.#tail.slice(found.index + found[0].length)
        return true
      }
      const leftMs = deadline - performance.now()
      if (this.isOver || leftMs <= 0) return false
      const timer = new AbortController()
      await Promise.race([
        new Promise<void>(resolve => (this.#wake = resolve)),
        delay(leftMs, undefined, { signal: timer.signal }).catch(() => undefined),
      ])
      timer.abort()
    }
  }
}

export type Bench = { readonly serve: Serve; readonly protocol: Protocol; readonly watch: Watch }

/** Only the good words, to the end: whether the state is there. */
export async function reached(bench: Bench, state: State): Promise<string | undefined> {
  return await withPeer(bench, async peer => {
    const finish = state.finish ? [state.finish] : []
    return (await say(bench.protocol, peer, [...state.prelude, ...finish])) ?? (await bench.protocol.rescue(peer))
  })
}

/** The good words, then `input` in pieces; then the connection is cut, closed, or asked for a sign of life. */
export async function hostileSession(
  bench: Bench,
  state: State,
  input: Buffer,
  random: Random,
): Promise<string | undefined> {
  return await withPeer(bench, async peer => {
    const wrong = await say(bench.protocol, peer, state.prelude)
    if (wrong !== undefined) return wrong
    if (peer.isCompressed && random.integer(4) === 0) {
      // what cannot be inflated, or becomes a thousand times as much
      peer.plain.write(random.integer(4) === 0 ? blownUp() : input)
      await delay(20)
      return undefined
    }
    const isDeaf = random.integer(8) === 0
    if (isDeaf) peer.pause()
    await sayInPieces(peer, input, random)
    if (isDeaf) await delay(20)
    peer.resume()
    const ending = random.integer(6)
    if (ending === 0) peer.plain.destroy(new Error('reset'))
    else if (ending === 1) peer.end()
    else return await bench.protocol.rescue(peer)
    return undefined
  })
}

/** Seven KiB that inflate to more than may be held for one peer */
function blownUp(): Buffer {
  return deflateRawSync(Buffer.alloc(2 * maxBufferedBytes, 'x'))
}

async function sayInPieces(peer: HostilePeer, input: Buffer, random: Random): Promise<void> {
  if (random.integer(12) === 0) {
    // one octet at a time
    for (const octet of input.subarray(0, 2_000)) {
      peer.say(Uint8Array.of(octet))
      await soon()
    }
    return
  }
  for (const piece of pieces(input, random)) {
    peer.say(piece)
    if (random.integer(2) === 0) await soon()
  }
}

async function withPeer(
  { serve, protocol, watch }: Bench,
  act: (peer: HostilePeer) => Promise<string | undefined>,
): Promise<string | undefined> {
  const [client, server] = wirePair()
  const connection = new Connection(server)
  const peer = new HostilePeer(client)
  let held = 0
  const look = () => {
    held = Math.max(held, connection.buffered.length + connection.unflushedBytes + connection.stream.writableLength)
  }
  server.on('data', look)
  const timer = setInterval(look, 2)
  watch.loop.start()
  const ended = serve(connection).finally(() => {
    server.destroy()
    if (!peer.isCompressed) peer.over()
  })
  // what it rejects with is told below; it may come before anybody waits
  ended.catch(() => undefined)
  try {
    const wrong = await act(peer)
    peer.resume()
    peer.end()
    await ended
    watch.loop.stop()
    watch.buffers.note(held)
    if (held > maxBufferedBytes) return `${held} octets were held for one peer`
    return wrong ?? protocol.judge(peer.heard, peer.sent)
  } finally {
    clearInterval(timer)
    watch.loop.stop()
    client.destroy()
  }
}

async function say(protocol: Protocol, peer: HostilePeer, steps: readonly Step[]): Promise<string | undefined> {
  if (!(await peer.until(protocol.greeting))) return 'there was no greeting'
  for (const { send, until, thenCompress } of steps) {
    peer.say(send)
    if (!until) continue
    if (!(await peer.until(until)))
      return `the state is not reached: ${send}: ${peer.heard.toString('latin1').slice(-300)}`
    if (thenCompress) peer.compress()
  }
  return undefined
}
