import assert from 'node:assert/strict'
import type { JsonRecord } from './card.ts'
import { readVcards } from './read-vcard.ts'

export const octets = (text: string) => new TextEncoder().encode(text)
export const vcard = (body: string, version = '4.0') => `BEGIN:VCARD\r\nVERSION:${version}\r\n${body}\r\nEND:VCARD\r\n`

/** What is made of one card; its uid only where the file has one */
export function read(body: string, version?: string): JsonRecord {
  const { cards, problems } = readVcards(octets(vcard(body, version)), { newUid: () => 'u' })
  assert.deepEqual(problems, [])
  const { '@type': type, version: one, uid, ...rest } = (cards[0]?.card ?? {}) as unknown as JsonRecord
  assert.deepEqual([type, one], ['Card', '1.0'])
  return uid === 'u' ? rest : { uid, ...rest }
}
