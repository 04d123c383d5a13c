// Files of other programs come as cards that are read of vCards (formats/contacts): they have to be taken as they are read.
import assert from 'node:assert/strict'
import test from 'node:test'
import { readVcards } from '../contacts/read-vcard.ts'
import { newCard } from './card.ts'
import type { JsonObject } from './json.ts'

const phone = `BEGIN:VCARD
VERSION:3.0
N:山田;太郎;;;
FN:山田 太郎
X-PHONETIC-LAST-NAME:やまだ
X-PHONETIC-FIRST-NAME:たろう
NICKNAME:タロ
ORG:株式会社例;総務部
TITLE:課長
EMAIL;type=INTERNET;type=WORK;type=pref:taro@example.com
TEL;type=CELL;type=VOICE:090-1234-5678
item1.URL:https://example.com/taro
item1.X-ABLabel:_$!<HomePage>!$_
ADR;type=HOME:;;北1条西2丁目;札幌市中央区;北海道;060-0001;日本
BDAY;X-APPLE-OMIT-YEAR=1604:1604-04-01
NOTE:一行目\\n二行目
CATEGORIES:友人,旅行
PHOTO;ENCODING=b;TYPE=PNG:iVBORw0KGgo=
IMPP;X-SERVICE-TYPE=Skype:skype:taro
END:VCARD
`
const group = `BEGIN:VCARD
VERSION:4.0
UID:urn:uuid:g
KIND:group
FN:テニス
MEMBER:urn:uuid:a
RELATED;TYPE=friend:urn:uuid:b
ANNIVERSARY:20090808T1430-0500
LANG;PREF=1:ja
TZ:Asia/Tokyo
GEO:geo:43.06,141.35
X-OWN;VALUE=text:something
END:VCARD
`

test('what is read of vCards is taken as a card', () => {
  const { cards, problems } = readVcards(new TextEncoder().encode((phone + group).replaceAll('\n', '\r\n')))
  assert.deepEqual(problems, [])
  assert.equal(cards.length, 2)
  const around = { nowMs: 0, newUid: () => 'none', hasBook: () => true, bytesOf: () => undefined }
  const made = cards.map(({ card }) => {
    const given = { ...(card as unknown as JsonObject), addressBookIds: { B1: true } }
    return newCard(given, around)
  })
  for (const one of made) assert.ok('text' in one, JSON.stringify(one))
  const [taro] = made
  assert.ok(taro && 'text' in taro)
  assert.match(taro.text, /"blobId":"P[0-9a-f]{32}"/)
  assert.equal(taro.blobs.size, 1)
})
