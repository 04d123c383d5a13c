import assert from 'node:assert/strict'
import test from 'node:test'
import { imageFacts } from './image-facts.ts'
import { maxPreviewBytes, previewKind } from './kind.ts'
import { contactsSummary } from './cards.ts'
import { calendarSummary } from './summaries.ts'
import { maxColumns, maxRows, readTable } from './table.ts'

test('how files can be looked at: by type, by name where the type says nothing, and not beyond a size', () => {
  const cases: readonly (readonly [type: string, name: string | null, kind: string | undefined])[] = [
    ['image/png', null, 'image'],
    ['image/pjpeg', 'a', 'image'],
    ['application/octet-stream', '写真.JPG', 'image'],
    ['image/svg+xml', 'a.svg', 'text'],
    ['text/html', 'a.html', 'text'],
    ['image/tiff', 'a.tiff', undefined],
    ['application/pdf', null, 'pdf'],
    ['application/octet-stream', '見積書.pdf ', 'pdf'],
    ['message/rfc822', null, 'letter'],
    ['application/octet-stream', 'a.eml', 'letter'],
    ['text/calendar', null, 'calendar'],
    ['text/x-vcard', null, 'contacts'],
    ['text/csv', null, 'table'],
    ['text/plain', 'a.csv', 'table'],
    ['application/vnd.ms-excel', 'a.csv', 'table'],
    ['application/vnd.ms-excel', 'a.xls', undefined],
    ['application/zip', null, 'archive'],
    ['application/json', null, 'text'],
    ['application/vnd.api+json', null, 'text'],
    ['text/x-python', null, 'text'],
    ['application/octet-stream', 'server.log', 'text'],
    ['application/octet-stream', 'a.exe', undefined],
    // a name does not make an image of what says that it is something else
    ['application/x-msdownload', 'a.png', undefined],
  ]
  for (const [type, name, kind] of cases) assert.equal(previewKind({ type, name, size: 1 }), kind, `${type} ${name}`)
  assert.equal(previewKind({ type: 'image/png', name: null, size: maxPreviewBytes + 1 }), undefined)
})

const bytes = (...pieces: (string | readonly number[])[]) =>
  Uint8Array.from(pieces.flatMap(one => (typeof one === 'string' ? Array.from(one, sign => sign.charCodeAt(0)) : one)))

test('images by their own first octets, with the pixels that they ask for', () => {
  const png = bytes('\x89PNG\r\n\x1a\n', [0, 0, 0, 13], 'IHDR', [0, 0, 4, 0, 0, 0, 2, 0])
  assert.deepEqual(imageFacts(png), { type: 'image/png', pixels: 1024 * 512 })
  const jpeg = bytes([0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xc2, 0, 11, 8, 0, 100, 0, 200, 1, 1, 1, 1])
  assert.deepEqual(imageFacts(jpeg), { type: 'image/jpeg', pixels: 20_000 })
  assert.deepEqual(imageFacts(bytes('GIF89a', [16, 0, 8, 0])), { type: 'image/gif', pixels: 128 })
  const vp8x = bytes('RIFF', [0, 0, 0, 0], 'WEBPVP8X', [10, 0, 0, 0, 0, 0, 0, 0, 99, 0, 0, 49, 0, 0])
  assert.deepEqual(imageFacts(vp8x), { type: 'image/webp', pixels: 5000 })
  const avif = bytes([0, 0, 0, 20], 'ftypavif', [0, 0, 0, 0], 'ispe', [0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 128])
  assert.deepEqual(imageFacts(avif), { type: 'image/avif', pixels: 32_768 })
  const others = [
    bytes('<svg xmlns="http://www.w3.org/2000/svg"/>'),
    bytes('<!doctype html>'),
    bytes('%PDF-1.7'),
    bytes(''),
  ]
  for (const one of others) assert.equal(imageFacts(one), undefined)
  // cut off anywhere: known, but not how large
  assert.deepEqual(imageFacts(png.subarray(0, 12)), { type: 'image/png', pixels: undefined })
  for (const whole of [png, jpeg, vp8x, avif])
    for (let end = 0; end < whole.length; end++) imageFacts(whole.subarray(0, end))
})

test('tables: quotes, line ends, other separators, and their bounds (RFC 4180 §2)', () => {
  assert.deepEqual(readTable('a,b\r\n"x ""y"", z","two\nlines"\r\n').rows, [
    ['a', 'b'],
    ['x "y", z', 'two\nlines'],
  ])
  assert.deepEqual(readTable('\ufeff品名;数\n紙;2').rows, [
    ['品名', '数'],
    ['紙', '2'],
  ])
  assert.deepEqual(readTable('a\tb,c\td\n1\t2').rows[0], ['a', 'b,c', 'd'])
  assert.deepEqual(readTable('"never closed,\nb').rows, [['never closed,\nb']])
  assert.deepEqual(readTable(''), { rows: [], isCut: false })
  const long = readTable('x\n'.repeat(maxRows + 1))
  assert.deepEqual([long.rows.length, long.isCut], [maxRows, true])
  const wide = readTable(`${'x,'.repeat(maxColumns + 5)}\n`)
  assert.deepEqual([wide.rows[0]?.length, wide.isCut], [maxColumns, true])
})

test('calendars: what, when, where, who; alarms and time zones are not events', () => {
  const text = `BEGIN:VCALENDAR
BEGIN:VTIMEZONE
BEGIN:STANDARD
DTSTART:19700101T000000
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
SUMMARY:打ち合わせ\\, 春の
 号
DTSTART;TZID="Asia/Tokyo":20261201T100000
DTEND:20261201T020000Z
LOCATION:会議室A
ORGANIZER;CN="Suzuki: Jiro":mailto:jiro@internet.test
BEGIN:VALARM
DESCRIPTION:Reminder
END:VALARM
END:VEVENT
BEGIN:VEVENT
DTSTART;VALUE=DATE:20261224
END:VEVENT
END:VCALENDAR`
  const dateOf = (date: Date, kind: string) => `${kind} ${date.toISOString()}`
  const { entries, isCut } = calendarSummary(text.replaceAll('\n', '\r\n'), dateOf)
  assert.equal(isCut, false)
  assert.equal(entries[0]?.title, '打ち合わせ, 春の号')
  assert.deepEqual(entries[0]?.facts.slice(1), [
    { kind: 'until', value: 'moment 2026-12-01T02:00:00.000Z' },
    { kind: 'where', value: '会議室A' },
    { kind: 'organizer', value: 'Suzuki: Jiro <jiro@internet.test>' },
  ])
  assert.equal(entries[0]?.facts[0]?.value, 'wall 2026-12-01T10:00:00.000Z (Asia/Tokyo)')
  assert.deepEqual(entries[1], { title: '', facts: [{ kind: 'when', value: 'day 2026-12-24T00:00:00.000Z' }] })
  assert.equal(calendarSummary('BEGIN:VEVENT\nEND:VEVENT\n'.repeat(101), dateOf).isCut, true)
})

test('cards: today’s, and those of old telephones', () => {
  const summary = (text: string) => contactsSummary(text, date => JSON.stringify(date))
  const modern =
    'BEGIN:VCARD\nVERSION:4.0\nN:鈴木;次郎;;;\nFN:鈴木 次郎\nitem1.EMAIL;TYPE=work:jiro@internet.test\nORG:佐藤工務店;設計\nADR;TYPE=work:;;1-2-3;渋谷区;東京都;150-0001;日本\nTEL:tel:+81-3-1234-5678\nBDAY:--0412\nEND:VCARD'
  assert.deepEqual(summary(modern).entries, [
    {
      title: '鈴木 次郎',
      facts: [
        { kind: 'organisation', value: '佐藤工務店 設計' },
        { kind: 'email', value: 'jiro@internet.test' },
        { kind: 'phone', value: '+81-3-1234-5678' },
        { kind: 'address', value: '〒150-0001 東京都渋谷区1-2-3 日本' },
        { kind: 'birthday', value: '{"month":4,"day":12}' },
      ],
    },
  ])
  // the server has decoded the file, by its octets or by what somebody chose: its own word counts where octets are spelt out
  const old =
    'BEGIN:VCARD\nN;CHARSET=Shift_JIS;ENCODING=QUOTED-PRINTABLE:=8E=52=93=63;\nTEL;CELL:090\nNOTE;CHARSET=Shift_JIS:山\nEND:VCARD'
  assert.deepEqual(summary(old).entries, [
    {
      title: '山田',
      facts: [
        { kind: 'phone', value: '090' },
        { kind: 'note', value: '山' },
      ],
    },
  ])
  assert.deepEqual(summary('no card at all\n:::\n"').entries, [])
  const many = summary('BEGIN:VCARD\nFN:a\nEND:VCARD\n'.repeat(101))
  assert.deepEqual([many.entries.length, many.isCut], [100, true])
})
