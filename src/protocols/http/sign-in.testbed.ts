/** A browser that signs in, for tests of what sessions open. */
import assert from 'node:assert/strict'
import { address, type Answer, type Ask, type JmapBed, password } from '../jmap/jmap.testbed.ts'

export const ours = { 'sec-fetch-site': 'same-origin' }
export const json = { 'content-type': 'application/json' }

export function body(answer: Answer): Record<string, string> {
  return JSON.parse(answer.bytes.toString()) as Record<string, string>
}

export function cookieOf(answer: Answer): string {
  const [field = ''] = [answer.headers['set-cookie']].flat()
  return field.split(';', 1)[0] ?? ''
}

export function signIn({ ask }: Pick<JmapBed, 'ask'>, given: object, headers: Ask['headers'] = {}): Promise<Answer> {
  const sent = { ...json, ...ours, 'user-agent': 'A browser', ...headers }
  return ask({ method: 'POST', path: '/session', headers: sent, body: JSON.stringify(given), anonymous: true })
}

export async function signedIn(bed: Pick<JmapBed, 'ask'>): Promise<string> {
  const answer = await signIn(bed, { username: address, password })
  assert.equal(answer.status, 200, answer.bytes.toString())
  return cookieOf(answer)
}

export function asks({ ask }: Pick<JmapBed, 'ask'>, cookie: string) {
  return (method: string, path: string, headers: Ask['headers'] = ours) =>
    ask({ method, path, headers: { cookie, ...headers }, anonymous: true })
}
