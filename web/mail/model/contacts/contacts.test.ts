import assert from 'node:assert/strict'
import test from 'node:test'
import { readVcards } from '#formats/contacts/read-vcard.ts'
import type { ContactCard } from '#protocols/jmap/wire-contacts.ts'
import { MethodFault } from '../../jmap/fault.ts'
import { KnownPeople } from '../compose/known-people.ts'
import { contactCard, openContactsBed } from './contacts.testbed.ts'
import { exportVcards } from './export.ts'
import { addressLines, displayName, photoOf } from './facts.ts'
import { emptyForm, guessName, isEmpty, readForm } from './form.ts'
import { formPatch } from './form-patch.ts'
import { planImport, runImport } from './import.ts'
import { mergePatch } from './merge.ts'
import { headingOf, matching, ordered } from './order.ts'
import { pictureIn } from './photos.ts'
import { suggestContacts } from './suggest.ts'

const person = (uid: string, surname: string, given: string, reading = '', email = ''): ContactCard => {
  const [surnameReading = '', givenReading = ''] = reading.split(' ')
  return contactCard(uid, {
    name: {
      components: [
        { kind: 'surname', value: surname, ...(surnameReading !== '' && { phonetic: surnameReading }) },
        { kind: 'given', value: given, ...(givenReading !== '' && { phonetic: givenReading }) },
      ],
      isOrdered: true,
    },
    ...(email !== '' && { emails: { e1: { address: email } } }),
  })
}
const hanako = person('1', '山田', '花子', 'やまだ はなこ', 'hanako@home.test')
const taro = person('2', '佐藤', '太郎', 'サトウ タロウ', 'taro@home.test')
const john = person('3', 'Zimmer', 'John', '', 'john@internet.test')
const group = contactCard('g', { kind: 'group', name: { full: '友人' }, members: { 1: true, 3: true } })
const vcf = (text: string) => readVcards(new TextEncoder().encode(text.trim().replaceAll(/\n +/g, '\n')))

test('all are read once, in pages, and followed', async () => {
  const many = Array.from({ length: 1_203 }, (_, at) => contactCard(`x${at}`, { name: { full: `P${at}` } }))
  const { server, contacts } = openContactsBed(many)
  await Promise.all([contacts.load(), contacts.load()])
  assert.equal(contacts.state.value, 'ready')
  assert.equal(contacts.all.value.length, 1_203)
  assert.equal(server.asked.filter(names => names.includes('ContactCard/query')).length, 3)
  server.change('Cx0', undefined)
  server.change('Cx1', contactCard('x1', { name: { full: 'changed' } }))
  contacts.hear({ ContactCard: '99' })
  await contacts.now()
  assert.equal(contacts.get('Cx0'), undefined)
  assert.equal(contacts.get('Cx1')?.name?.full, 'changed')
})

test('where the server cannot say what has changed, more contacts than one answer holds are read anew', {
  timeout: 5_000,
}, async () => {
  const many = Array.from({ length: 600 }, (_, at) => contactCard(`x${at}`, { name: { full: `P${at}` } }))
  const { server, contacts } = openContactsBed(many)
  await contacts.load()
  server.change('Cx1', contactCard('x1', { name: { full: 'changed' } }))
  server.fault = new MethodFault({ type: 'cannotCalculateChanges' })
  await contacts.now()
  assert.equal(contacts.get('Cx1')?.name?.full, 'changed')
  assert.equal(contacts.all.value.length, 600)
})

test('a failed reading is tried again when somebody asks', async () => {
  const { server, contacts } = openContactsBed([hanako])
  server.fault = new Error('away')
  await contacts.load()
  assert.equal(contacts.state.value, 'failed')
  await contacts.load()
  assert.deepEqual([contacts.state.value, contacts.all.value.length], ['ready', 1])
})

test('deleted ones are gone from sight at once, for good later, and can be taken back until then', async () => {
  const { server, contacts } = openContactsBed([hanako, taro])
  await contacts.load()
  const undo = contacts.destroyLater([hanako.id], 60_000, assert.fail)
  assert.deepEqual(
    contacts.all.value.map(({ uid }) => uid),
    ['2'],
  )
  undo()
  assert.equal(contacts.all.value.length, 2)
  assert.equal(server.cards.size, 2)
  contacts.destroyLater([hanako.id], 60_000, assert.fail)
  await contacts.flush()
  assert.deepEqual([...server.cards.keys()], [taro.id])
  assert.deepEqual(
    contacts.all.value.map(({ uid }) => uid),
    ['2'],
  )
  let failures = 0
  contacts.destroyLater([taro.id], 60_000, () => failures++)
  server.fault = new Error('away')
  await contacts.flush()
  assert.deepEqual([failures, contacts.all.value.length], [1, 1])
})

test('the order of readings, under their headings, as the language has it', () => {
  const unread = contactCard('4', { name: { full: '鈴木 一郎' } })
  const strange = contactCard('5', { phones: { p1: { number: '110' } } })
  const all = [strange, john, unread, hanako, taro]
  const told = (language: 'ja' | 'en') => ordered(all, language).map(({ name, heading }) => `${heading} ${name}`)
  assert.deepEqual(told('ja'), ['さ 佐藤 太郎', 'や 山田 花子', 'Z Zimmer John', '漢 鈴木 一郎', '# 110'])
  assert.deepEqual(told('en'), ['Z Zimmer John', 'さ 佐藤 太郎', 'や 山田 花子', '漢 鈴木 一郎', '# 110'])
  for (const [key, heading] of [
    ['あい', 'あ'],
    ['がく', 'か'],
    ['ぱぱ', 'は'],
    ['ん', 'わ'],
    ['ゆき', 'や'],
    ['émile', 'E'],
    ['ゔぁ', 'あ'],
    ['ー', '#'],
  ] as const)
    assert.equal(headingOf(key), heading, key)
})

test('found by kana of any kind, by part of an address, by digits', () => {
  const withPhone = { ...taro, phones: { p1: { number: '+81 90-1234-5678' } } }
  const all = ordered([hanako, withPhone, john], 'ja')
  const found = (words: string) => matching(all, words).map(({ card }) => card.uid)
  assert.deepEqual(found('ﾔﾏﾀﾞ'), ['1'])
  assert.deepEqual(found('さとう home'), ['2'])
  assert.deepEqual(found('090-1234'), ['2'])
  assert.deepEqual(found('INTERNET.test'), ['3'])
  assert.deepEqual(found('ヤマダ 太郎'), [])
  assert.equal(found('  ').length, 3)
})

test('a form shows a card and changes no more than what was filled in', () => {
  const card = contactCard('1', {
    name: {
      components: [
        { kind: 'title', value: 'Dr.' },
        { kind: 'surname', value: '山田', phonetic: 'やまだ' },
      ],
      phoneticScript: 'Hira',
    },
    emails: { w: { address: 'a@x.example', contexts: { work: true }, label: 'old' }, h: { address: 'b@x.example' } },
    phones: { p: { number: 'tel:+81312345678', features: { mobile: true }, contexts: { private: true } } },
    addresses: {
      a: {
        full: '東京都港区1-2-3',
        components: [
          { kind: 'postcode', value: '105-0001' },
          { kind: 'region', value: '東京都' },
          { kind: 'locality', value: '港区' },
          { kind: 'number', value: '1-2-3' },
        ],
      },
    },
    anniversaries: { x: { kind: 'birth', date: { month: 3, day: 5 } } },
    notes: { n: { note: 'one' }, m: { note: 'two' } },
  })
  const form = readForm(card)
  assert.deepEqual(formPatch(card, form, form), {})
  assert.equal(form.phones[0]?.value, '+81312345678')
  assert.equal(form.birthday, '--03-05')
  assert.equal(form.addresses[0]?.street, '1-2-3')
  const patch = formPatch(card, form, {
    ...form,
    given: '花子',
    givenReading: 'はなこ',
    emails: [
      { key: 'w', value: 'new@x.example', type: 'work' },
      { key: 'e9', value: ' c@x.example ', type: 'private' },
      { key: 'e10', value: ' ', type: 'other' },
    ],
    phones: [{ ...(form.phones[0] as (typeof form.phones)[0]), type: 'fax' }],
    birthday: '',
    note: '',
  })
  assert.deepEqual(patch, {
    name: {
      components: [
        { kind: 'title', value: 'Dr.' },
        { kind: 'surname', value: '山田', phonetic: 'やまだ' },
        { kind: 'given', value: '花子', phonetic: 'はなこ' },
      ],
      isOrdered: true,
      phoneticScript: 'Hira',
    },
    emails: {
      w: { address: 'new@x.example', contexts: { work: true }, label: 'old' },
      e9: { contexts: { private: true }, address: 'c@x.example' },
    },
    phones: { p: { number: 'tel:+81312345678', contexts: { private: true }, features: { fax: true } } },
    anniversaries: null,
    notes: { m: { note: 'two' } },
  })
  assert.deepEqual(
    formPatch(card, form, { ...form, addresses: form.addresses.map(one => ({ ...one, building: 'みどりビル' })) })[
      'addresses'
    ],
    {
      a: {
        components: [
          { kind: 'postcode', value: '105-0001' },
          { kind: 'region', value: '東京都' },
          { kind: 'locality', value: '港区' },
          { kind: 'name', value: '1-2-3' },
          { kind: 'building', value: 'みどりビル' },
        ],
      },
    },
  )
})

test('a new card of a form, an empty one, a name in one piece', () => {
  assert.ok(isEmpty(emptyForm))
  const western = {
    ...emptyForm,
    given: 'Jane',
    surname: 'Doe',
    organization: 'ABC',
    unit: 'Sales',
    birthday: '1985-04-12',
  }
  assert.ok(!isEmpty(western))
  assert.deepEqual(formPatch({}, emptyForm, western), {
    name: {
      components: [
        { kind: 'given', value: 'Jane' },
        { kind: 'surname', value: 'Doe' },
      ],
      isOrdered: true,
    },
    organizations: { o1: { name: 'ABC', units: [{ name: 'Sales' }] } },
    anniversaries: { a1: { kind: 'birth', date: { year: 1985, month: 4, day: 12 } } },
  })
  assert.deepEqual(guessName('山田　花子'), { surname: '山田', given: '花子' })
  assert.deepEqual(guessName('Jane Q. Doe'), { surname: 'Doe', given: 'Jane Q.' })
})

test('addresses as envelopes have them', () => {
  const components = [
    { kind: 'name', value: '丸の内2-7-2' },
    { kind: 'locality', value: '千代田区' },
    { kind: 'region', value: '東京都' },
    { kind: 'postcode', value: '100-0005' },
    { kind: 'building', value: 'みどりビル3F' },
  ]
  assert.deepEqual(addressLines({ components }), ['〒100-0005', '東京都千代田区丸の内2-7-2', 'みどりビル3F'])
  const western = [
    { kind: 'number', value: '54321' },
    { kind: 'name', value: 'Oak St' },
    { kind: 'locality', value: 'Reston' },
    { kind: 'region', value: 'VA' },
    { kind: 'postcode', value: '20190' },
    { kind: 'country', value: 'USA' },
  ]
  assert.deepEqual(addressLines({ components: western }), ['54321 Oak St', 'Reston, VA 20190', 'USA'])
  assert.deepEqual(addressLines({ full: 'one\ntwo' }), ['one', 'two'])
})

test('what another card of the same person knows besides', () => {
  assert.deepEqual(mergePatch(hanako, hanako), {})
  const other = {
    ...person('9', '山田', '花子', 'やまだ はなこ', 'HANAKO@home.test'),
    emails: { e1: { address: 'HANAKO@home.test' }, e2: { address: 'new@x.example', pref: 1 } },
    phones: { p1: { number: '090' } },
  }
  assert.deepEqual(mergePatch(hanako, other), {
    emails: { e1: { address: 'hanako@home.test' }, e2: { address: 'new@x.example' } },
    phones: { p1: { number: '090' } },
  })
})

const file = `
  BEGIN:VCARD
  VERSION:3.0
  FN:花子
  EMAIL:hanako@home.test
  TEL:090-1
  UID:other-1
  END:VCARD
  BEGIN:VCARD
  VERSION:3.0
  FN:New
  EMAIL:new@x.example
  UID:new-1
  END:VCARD
  BEGIN:VCARD
  VERSION:3.0
  FN:Twin
  UID:new-1
  END:VCARD
  BEGIN:VCARD
  VERSION:3.0
  X-ADDRESSBOOKSERVER-KIND:group
  FN:友人
  UID:group-1
  X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:other-1
  X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:new-1
  END:VCARD
  junk
`

test('a file is taken in: what is known is brought up to date, groups keep their people', async () => {
  const { server, contacts } = openContactsBed([hanako, taro, group])
  await contacts.load()
  const plan = planImport(vcf(file), contacts)
  assert.deepEqual(
    plan.items.map(({ name, known, decision }) => [name, known?.uid, decision]),
    [
      ['花子', '1', 'merge'],
      ['New', undefined, 'add'],
      ['Twin', undefined, 'add'],
      ['友人', 'g', 'merge'],
    ],
  )
  assert.deepEqual(
    plan.problems.map(({ code }) => code),
    ['outside'],
  )
  const steps: number[] = []
  const result = await runImport(contacts, plan, { onProgress: done => steps.push(done), shrink: none })
  assert.deepEqual([result.added, result.merged, result.skipped, result.failed.length], [2, 2, 0, 0])
  assert.deepEqual(steps, [3, 4])
  assert.deepEqual(contacts.get(hanako.id)?.phones, { p1: { number: '090-1' } })
  const friends = contacts.get(group.id)
  assert.deepEqual(Object.keys(friends?.members ?? {}).toSorted(), ['1', '3', 'new-1'])
  assert.equal(new Set([...server.cards.values()].map(({ uid }) => uid)).size, server.cards.size)
})

test('left out, kept beside, refused by the server', async () => {
  const { server, contacts } = openContactsBed([{ ...hanako, uid: 'other-1' }])
  await contacts.load()
  server.refused.add('new-1')
  const plan = planImport(vcf(file), contacts)
  const decided = {
    ...plan,
    items: plan.items.map((item, at) => ({
      ...item,
      decision: at === 0 ? ('add' as const) : at === 2 ? ('skip' as const) : item.decision,
    })),
  }
  const result = await runImport(contacts, decided, { onProgress: () => undefined, shrink: none })
  assert.deepEqual([result.added, result.merged, result.skipped], [2, 0, 1])
  assert.deepEqual(
    result.failed.map(({ name }) => name),
    ['New'],
  )
  const [copy] = contacts.people.value.filter(card => displayName(card) === '花子')
  const members = Object.keys(contacts.groups.value[0]?.members ?? {})
  assert.ok(copy && members.includes(copy.uid), members.join())
})

test('out again: photos come from their blobs', async () => {
  const card = {
    ...hanako,
    media: { m1: { kind: 'photo', blobId: 'U1', mediaType: 'image/png' }, m2: { kind: 'logo', blobId: 'gone' } },
  }
  const text = await exportVcards([card, group], '4.0', async id => (id === 'U1' ? 'iVBORw0KGgo=' : undefined))
  const { cards, problems } = readVcards(new TextEncoder().encode(text))
  assert.deepEqual(problems, [])
  assert.equal(cards[0]?.card.media?.['m1']?.uri, 'data:image/png;base64,iVBORw0KGgo=')
  assert.equal(cards[0]?.card.media?.['m2'], undefined)
  assert.deepEqual(cards[1]?.card.members, { 1: true, 3: true })
})

test('whom a letter may go to: groups and contacts before those of the letters, each once', async () => {
  const { client, contacts } = openContactsBed([hanako, taro, john, group])
  await contacts.load()
  const suggest = (part: string, taken: readonly string[] = []) => suggestContacts(contacts, part, new Set(taken), 6)
  assert.deepEqual(suggest('やまだ'), [{ kind: 'person', address: { name: '山田 花子', email: 'hanako@home.test' } }])
  assert.deepEqual(suggest('ゆう'), [])
  assert.deepEqual(suggest('友')[0], {
    kind: 'group',
    name: '友人',
    addresses: [
      { name: '山田 花子', email: 'hanako@home.test' },
      { name: 'Zimmer John', email: 'john@internet.test' },
    ],
  })
  assert.deepEqual(suggest('home.test', ['hanako@home.test']).length, 1)
  const known = new KnownPeople(client, { role: () => undefined } as never, (part, taken, limit) =>
    suggestContacts(contacts, part, taken, limit),
  )
  await known.load()
  assert.equal(known.find('taro', []).length, 1)
})

test('a photo in the form: added, changed, taken away; what else is media stays', () => {
  const logo = { kind: 'logo' as const, uri: 'data:image/png;base64,AA==' }
  const own = { kind: 'photo' as const, blobId: 'P1' }
  const card = { media: { l: logo, photo: own } } as unknown as ContactCard
  const before = readForm(card)
  assert.equal(before.photo, 'blob:P1')
  const uri = 'data:image/jpeg;base64,AAAA'
  assert.deepEqual(formPatch(card, before, { ...before, photo: uri }), {
    media: { l: logo, photo: { '@type': 'Media', kind: 'photo', uri } },
  })
  assert.deepEqual(formPatch(card, before, { ...before, photo: '' }), { media: { l: logo } })
  assert.deepEqual(formPatch({ media: { photo: own } }, before, { ...before, photo: '' }), { media: null })
  assert.deepEqual(formPatch(card, before, before), {})
})

test('photos of a file that are too large are made smaller, or left out and counted; nobody is refused for one', async () => {
  const large = (sign: string) => `data:image/png;base64,${btoa(sign.repeat(100_000))}`
  const vcard = (name: string, photo: string) =>
    `BEGIN:VCARD\r\nVERSION:4.0\r\nFN:${name}\r\nPHOTO:${photo}\r\nEND:VCARD\r\n`
  const { contacts } = openContactsBed([])
  await contacts.load()
  const plan = planImport(
    vcf(vcard('A', large('a')) + vcard('B', large('b')) + vcard('C', 'data:image/png;base64,AA==')),
    contacts,
  )
  const small = 'data:image/jpeg;base64,BBBB'
  // the second one is no picture at all
  const shrink = async (picture: Blob) => ((await picture.slice(0, 1).text()) === 'a' ? small : undefined)
  const result = await runImport(contacts, plan, { onProgress: () => undefined, shrink })
  assert.deepEqual([result.added, result.failed.length, result.photosLeftOut], [3, 0, 1])
  const photos = new Map(contacts.people.value.map(card => [displayName(card), photoOf(card)?.uri]))
  assert.deepEqual(
    [photos.get('A'), photos.get('B'), photos.get('C')],
    [small, undefined, 'data:image/png;base64,AA=='],
  )
  assert.equal(pictureIn('data:image/png,abc'), undefined)
  assert.equal(pictureIn('data:image/png;base64,%%'), undefined)
})

const none = () => Promise.resolve(undefined)
