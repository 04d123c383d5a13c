import assert from 'node:assert/strict'
import test from 'node:test'
import type { ContactCard } from '#protocols/jmap/wire-contacts.ts'
import { addressLines, displayName, workOf } from './contacts/facts.ts'
import { newLetter } from './notify/letters.ts'
import { nameOf } from './people.ts'
import { isSeen, plainName, plainSigns, subjectText } from './plain-signs.ts'

test('no name of a stranger turns round what is read', () => {
  assert.equal(plainSigns('evil\u202egnp.exe'), 'evilgnp.exe')
  assert.equal(plainSigns('\u2067a\u2069 \u202bb\u202c'), 'a b')
  assert.equal(plainSigns('שלום\u200f!'), 'שלום\u200f!')
  assert.equal(nameOf({ name: '\u202eknaB', email: 'm@x.example' }), 'knaB')
  assert.equal(nameOf({ name: null, email: '\u202ea@x.example' }), 'a')
  const row = { id: 'E1', threadId: 'T1', mailboxIds: {}, keywords: {}, receivedAt: '' }
  const from = [{ name: '\u202eknaB', email: 'm@x.example' }]
  assert.deepEqual(newLetter({ ...row, from, subject: 'a\u202eb' }), {
    id: 'E1',
    threadId: 'T1',
    from: 'knaB',
    subject: 'ab',
  })
})

test('names, links and notes that are one’s own are shown without signs that turn them', () => {
  assert.equal(plainName('\u202exe\u200f.\u2066a\u200e'), 'xe.a')
  const address = { full: '1 \u202eRoad\u200f' }
  assert.deepEqual(addressLines(address), ['1 Road'])
  const card = { organizations: { a: { name: '\u2067Co' } } } as unknown as ContactCard
  assert.equal(workOf(card), 'Co')
})

test('who has an invisible name is called by the address', () => {
  for (const name of ['\u200b', '\u3164', '\u2800 \u00a0', '\u202e', '\u00ad\ufe0f']) {
    assert.ok(!isSeen(name))
    assert.equal(nameOf({ name, email: 'aki@x.example' }), 'aki')
    const card = { name: { full: name }, emails: { e: { address: 'aki@x.example' } } } as unknown as ContactCard
    assert.equal(displayName(card), 'aki@x.example')
  }
  assert.equal(subjectText('\u200b', ' a\u202eb'), 'ab')
  assert.equal(subjectText(null, '\u200b'), undefined)
  assert.ok(isSeen('ａ\u200b'))
})
