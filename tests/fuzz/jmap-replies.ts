/** What a JMAP server may say: HTTP responses, those of the API as RFC 8620 §3.4 and §3.6 have them; and how a hostile client learns whether the server lives. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Protocol } from './hostile-session.ts'

const livingMs = 8_000
/** Then the stream is ended where the server may be waiting for the rest of a body */
const patienceMs = 100

export const jmapProtocol: Protocol = {
  // the client speaks first
  greeting: /^/,
  judge: wrongResponses,
  async rescue(peer) {
    peer.say('\r\n\r\nGET /jmap/session HTTP/1.1\r\nHost: home.test\r\nConnection: close\r\n\r\n')
    for (let waitedMs = 0; !peer.isOver; waitedMs += 20) {
      if (waitedMs === patienceMs) peer.end()
      if (waitedMs > livingMs)
        return `the session did not end: ${JSON.stringify(peer.heard.toString('latin1').slice(-300))}`
      await delay(20)
    }
    return undefined
  },
}

/** The text says what is wrong with one of the responses; what was cut off by the end is not looked at. */
export function wrongResponses(heard: Buffer): string | undefined {
  for (let rest = heard; rest.length > 0; ) {
    const end = rest.indexOf('\r\n\r\n')
    if (end < 0) return undefined
    const head = rest.toString('latin1', 0, end)
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1])
    if (!status) return `no response: ${JSON.stringify(head.slice(0, 200))}`
    if (status >= 500) return `a fault of ours: ${JSON.stringify(head.slice(0, 200))}`
    const length = /^content-length: (\d+)\r?$/im.exec(head)?.[1]
    if (status === 100) {
      rest = rest.subarray(end + 4)
      continue
    }
    // a stream, or whatever has its own end
    if (length === undefined) return undefined
    const body = rest.subarray(end + 4, end + 4 + Number(length))
    if (body.length < Number(length)) return undefined
    const wrong = /^content-type: application\/(?:problem\+)?json/im.test(head) ? wrongJson(status, body) : undefined
    if (wrong) return wrong
    rest = rest.subarray(end + 4 + Number(length))
  }
  return undefined
}

function wrongJson(status: number, body: Buffer): string | undefined {
  const text = body.toString()
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return `no JSON: ${text.slice(0, 200)}`
  }
  if (typeof value !== 'object' || value === null) return `no object: ${text.slice(0, 200)}`
  if (status >= 400)
    return 'type' in value && typeof value.type === 'string' ? undefined : `no problem details: ${text.slice(0, 200)}`
  if (!('methodResponses' in value)) return undefined
  if (!Array.isArray(value.methodResponses)) return `methodResponses is no array: ${text.slice(0, 200)}`
  for (const response of value.methodResponses as unknown[]) {
    const wrong = wrongResponse(response)
    if (wrong) return wrong
  }
  return undefined
}

function wrongResponse(response: unknown): string | undefined {
  const shown = () => JSON.stringify(response).slice(0, 300)
  if (!Array.isArray(response) || response.length !== 3) return `no response of a method: ${shown()}`
  const [name, given, id] = response as readonly unknown[]
  if (typeof name !== 'string' || typeof given !== 'object' || given === null || typeof id !== 'string')
    return `no response of a method: ${shown()}`
  if (name !== 'error') return undefined
  const type = 'type' in given ? given.type : undefined
  if (typeof type !== 'string') return `an error without a type: ${shown()}`
  return type === 'serverFail' ? `a fault of ours: ${shown()}` : undefined
}
