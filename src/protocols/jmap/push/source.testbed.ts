/** An event source as a client reads it. RFC 8620 §7.3 */
import assert from 'node:assert/strict'
import { request, type IncomingMessage } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { authorization, type JmapBed } from '../jmap.testbed.ts'
import type { StateChange } from '../wire.ts'

type Event = { readonly event: string; readonly id: string | undefined; readonly data: string }

/** Fields by line, an event at each empty line */
export class Source implements Disposable {
  readonly events: Event[] = []
  ended = false
  readonly #response: IncomingMessage
  #rest = ''

  constructor(response: IncomingMessage) {
    this.#response = response
    response.setEncoding('utf8').on('data', (text: string) => this.#read(text))
    response.on('close', () => (this.ended = true)).on('error', () => undefined)
  }

  #read(text: string): void {
    const blocks = (this.#rest + text).split('\n\n')
    this.#rest = blocks.pop() ?? ''
    for (const block of blocks) {
      const fields = new Map(
        block.split('\n').map(line => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
      )
      const data = fields.get('data')
      if (data !== undefined) this.events.push({ event: fields.get('event') ?? 'message', id: fields.get('id'), data })
    }
  }

  async next(): Promise<Event> {
    await until(() => this.events.length > 0)
    const event = this.events.shift()
    assert.ok(event)
    return event
  }

  async state(): Promise<{ readonly change: StateChange; readonly id: string }> {
    const { event, id, data } = await this.next()
    assert.equal(event, 'state')
    return { change: JSON.parse(data) as StateChange, id: id ?? '' }
  }

  [Symbol.dispose](): void {
    this.#response.destroy()
  }
}

export async function until(true_: () => boolean | Promise<boolean>, ms = 5_000): Promise<void> {
  for (const end = performance.now() + ms; !(await true_()); await sleep(5))
    assert.ok(performance.now() < end, 'Nothing happened')
}

export async function listen(
  { port }: JmapBed,
  query: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Source> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const path = `/jmap/eventsource?${query}`
    request({ host: '127.0.0.1', port, path, agent: false, headers: { authorization, ...headers } }, resolve)
      .on('error', reject)
      .end()
  })
  assert.equal(response.statusCode, 200)
  assert.equal(response.headers['content-type'], 'text/event-stream')
  return new Source(response)
}
