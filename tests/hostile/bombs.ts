/** Letters that are built to cost their reader much. Sizes grow with `scale`: 1 is what `npm run hostile` sends. */
import { crc32, deflateRawSync, gzipSync } from 'node:zlib'

export type Bomb = { readonly name: string; bytes(): Buffer }

export function bombs(scale: number): readonly Bomb[] {
  const n = (count: number) => Math.max(10, Math.floor(count * scale))
  return Object.entries(makers).map(([name, make]) => ({ name, bytes: () => Buffer.from(make(n), 'latin1') }))
}

type Count = (count: number) => number

const head = (subject: string, ...more: readonly string[]) =>
  [
    'From: Aki <aki@internet.test>',
    'To: hanako@home.test',
    `Subject: ${subject}`,
    'Date: Mon, 23 Nov 2026 02:00:00 +0000',
    `Message-ID: <${subject}@internet.test>`,
    'MIME-Version: 1.0',
    ...more,
    '',
    '',
  ].join('\r\n')

const text = 'Content-Type: text/plain; charset=utf-8'
const repeat = (count: number, line: (at: number) => string) =>
  Array.from({ length: count }, (_, at) => line(at)).join('')
const base64 = (bytes: Buffer) => bytes.toString('base64').replaceAll(/.{76}/g, '$&\r\n')

function multipart(subject: string, parts: readonly string[], subtype = 'mixed'): string {
  const body = parts.map(part => `--b\r\n${part}\r\n`).join('')
  return `${head(subject, `Content-Type: multipart/${subtype}; boundary=b`)}${body}--b--\r\n`
}

/** A header alone, with these fields between the usual ones */
const fields = (subject: string, lines: string) => `${lines}${head(subject, text)}body\r\n`

const makers: Readonly<Record<string, (n: Count) => string>> = {
  'nested-multiparts': n => {
    const deep = n(150_000)
    const open = repeat(deep, at => `--${at}\r\nContent-Type: multipart/mixed; boundary=${at + 1}\r\n\r\n`)
    return `${head('nested-multiparts', 'Content-Type: multipart/mixed; boundary=0')}${open}`
  },
  'nested-closed': n => {
    const deep = n(50_000)
    const open = repeat(deep, at => `--${at}\r\nContent-Type: multipart/mixed; boundary=${at + 1}\r\n\r\n`)
    const close = repeat(deep, at => `--${deep - at - 1}--\r\n`)
    return `${head('nested-closed', 'Content-Type: multipart/mixed; boundary=0')}${open}${close}`
  },
  'many-parts': n =>
    multipart(
      'many-parts',
      Array.from({ length: n(100_000) }, (_, at) => `${text}\r\n\r\npart ${at}`),
    ),
  'many-empty-parts': n =>
    `${head('many-empty-parts', 'Content-Type: multipart/mixed; boundary=b')}${'--b\r\n'.repeat(n(2_000_000))}--b--\r\n`,
  'same-boundary': n =>
    `${head('same-boundary', 'Content-Type: multipart/mixed; boundary=b')}${'--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n'.repeat(n(100_000))}--b--\r\n`,
  'nested-messages': n =>
    `${head('nested-messages', 'Content-Type: message/rfc822')}${'Subject: x\r\nContent-Type: message/rfc822\r\n\r\n'.repeat(n(150_000))}`,
  dashes: n =>
    `${head('dashes', `Content-Type: multipart/mixed; boundary="${'-'.repeat(70)}"`)}${`${'-'.repeat(900)}\r\n`.repeat(n(10_000))}`,
  'empty-boundary': n =>
    `${head('empty-boundary', 'Content-Type: multipart/mixed; boundary=""')}${'--\r\n'.repeat(n(1_000_000))}`,
  'zip-of-zips': n => {
    let zip = zipOf([{ name: '0.bin', bytes: Buffer.alloc(n(100_000_000)) }])
    for (let level = 0; level < 6; level++) {
      const inner = zip
      zip = zipOf(Array.from({ length: 16 }, (_, at) => ({ name: `${at}.zip`, bytes: inner })))
    }
    return attached('zip-of-zips', 'application/zip', 'bomb.zip', zip)
  },
  'zip-of-names': n =>
    attached(
      'zip-of-names',
      'application/zip',
      'names.zip',
      zipOf(Array.from({ length: n(60_000) }, (_, at) => ({ name: `${at}.exe`, bytes: Buffer.alloc(0) }))),
    ),
  'dmarc-gzip': n =>
    attached(
      'dmarc-gzip',
      'application/gzip',
      'internet.test!home.test!1!2.xml.gz',
      gzipSync(Buffer.alloc(n(500_000_000), '<a>')),
    ),
  'long-field': n => fields('long-field', `X-Long: ${'a'.repeat(n(990_000))}\r\n`),
  'long-folded': n => fields('long-folded', `X-Long: a\r\n${' a\r\n'.repeat(n(240_000))}`),
  'long-subject': n => fields('long-subject', `Subject: ${'長'.repeat(n(150_000))}\r\n`),
  'many-fields': n => fields('many-fields', 'A: b\r\n'.repeat(n(100_000))),
  'many-received': n =>
    fields('many-received', 'Received: from a by b; Mon, 23 Nov 2026 02:00:00 +0000\r\n'.repeat(n(15_000))),
  'many-signatures': n =>
    fields(
      'many-signatures',
      repeat(
        n(6_000),
        at => `DKIM-Signature: v=1; a=rsa-sha256; d=d${at}.test; s=s; h=from; bh=AAAA; b=AAAA; c=relaxed/relaxed\r\n`,
      ),
    ),
  'many-results': n => fields('many-results', 'Authentication-Results: mx.home.test; spf=pass\r\n'.repeat(n(18_000))),
  'many-arc': n =>
    fields(
      'many-arc',
      repeat(
        n(4_000),
        at =>
          `ARC-Seal: i=${at % 50}; cv=none; a=rsa-sha256; d=a.test; s=s; t=1; b=AAAA\r\nARC-Message-Signature: i=${at % 50}; a=rsa-sha256; d=a.test; s=s; h=from; bh=A; b=A\r\nARC-Authentication-Results: i=${at % 50}; a.test; spf=pass\r\n`,
      ),
    ),
  'many-to': n =>
    fields('many-to', `To: ${Array.from({ length: n(50_000) }, (_, at) => `a${at}@b.test`).join(',\r\n ')}\r\n`),
  'many-names': n =>
    fields(
      'many-names',
      `Cc: ${Array.from({ length: n(20_000) }, (_, at) => `=?utf-8?q?n=E3=81=82${at}?= <a${at}@b.test>`).join(',\r\n ')}\r\n`,
    ),
  groups: n => fields('groups', `Cc: ${'g:;,\r\n '.repeat(n(120_000))}\r\n`),
  'open-groups': n => fields('open-groups', `Cc: ${'g:'.repeat(n(400_000))}\r\n`),
  comments: n => fields('comments', `Cc: ${'('.repeat(n(480_000))}${')'.repeat(n(480_000))} a@b.test\r\n`),
  'open-comments': n =>
    fields('open-comments', `From: ${'('.repeat(n(900_000))}\r\nDate: ${'('.repeat(n(60_000))}\r\n`),
  quotes: n => fields('quotes', `From: ${'"\\"'.repeat(n(300_000))}\r\n`),
  angles: n => fields('angles', `From: ${'<'.repeat(n(450_000))}${'@'.repeat(n(450_000))}\r\n`),
  dotted: n => fields('dotted', `From: ${'a.'.repeat(n(450_000))}@b.test\r\n`),
  references: n => fields('references', `References: ${repeat(n(60_000), at => `<${at}@x>\r\n `)}<z@x>\r\n`),
  'references-open': n =>
    fields('references-open', `References: ${'<'.repeat(n(900_000))}\r\nIn-Reply-To: ${'<a'.repeat(n(20_000))}\r\n`),
  words: n => fields('words', `Subject: ${'=?utf-8?q?a?=\r\n '.repeat(n(60_000))}\r\n`),
  'words-iso': n => fields('words-iso', `Subject: ${'=?iso-2022-jp?b?GyRCJCIbKEI=?=\r\n '.repeat(n(30_000))}\r\n`),
  'words-open': n => fields('words-open', `Subject: ${'=?utf-8?q?'.repeat(n(90_000))}\r\n`),
  'words-marks': n => fields('words-marks', `Subject: ${'=?'.repeat(n(450_000))}\r\n`),
  parameters: n => `${head('parameters', `Content-Type: text/plain${repeat(n(80_000), at => `;\r\n p${at}=a`)}`)}x\r\n`,
  continuations: n =>
    `${head('continuations', text, `Content-Disposition: attachment${repeat(n(50_000), at => `;\r\n filename*${at}*=%41`)}`)}x\r\n`,
  'continuations-far': n =>
    `${head('continuations-far', text, `Content-Disposition: attachment${repeat(n(30_000), at => `;\r\n filename*${at * 7919}=A`)}`)}x\r\n`,
  base64: n =>
    `${head('base64', 'Content-Type: text/html', 'Content-Transfer-Encoding: base64')}${base64(Buffer.alloc(n(12_000_000), '<b>'))}\r\n`,
  'base64-junk': n =>
    `${head('base64-junk', text, 'Content-Transfer-Encoding: base64')}${`${'=A-'.repeat(300)}\r\n`.repeat(n(10_000))}`,
  quoted: n => `${head('quoted', text, 'Content-Transfer-Encoding: quoted-printable')}${'=\r\n'.repeat(n(3_000_000))}`,
  'quoted-blank': n =>
    `${head('quoted-blank', text, 'Content-Transfer-Encoding: quoted-printable')}${' '.repeat(n(5_000_000))}x\r\n`,
  escapes: n =>
    `${head('escapes', 'Content-Type: text/plain; charset=iso-2022-jp')}${`${'\x1b$B\x1b(B'.repeat(100)}\r\n`.repeat(n(10_000))}`,
  'utf-7': n =>
    `${head('utf-7', 'Content-Type: text/plain; charset=utf-7')}${`${'+-+AGE-'.repeat(100)}\r\n`.repeat(n(10_000))}`,
  'no-charset': n =>
    `${head('no-charset', 'Content-Type: text/plain')}${`${'\xa4\xa2\x82\xa0'.repeat(200)}\r\n`.repeat(n(8_000))}`,
  'one-line': n => `${head('one-line', text)}${'a'.repeat(n(10_000_000))}\r\n`,
  lines: n => `${head('lines', text)}${'\r\n'.repeat(n(5_000_000))}`,
  spaces: n => `${head('spaces', text)}${' '.repeat(n(5_000_000))}x\r\n`,
  'no-words': n =>
    `${head('no-words', text)}${'漢'.repeat(n(1)).length}${repeat(n(300_000), at => `w${at.toString(36)} `)}\r\n`,
  'html-links': n =>
    html(
      'html-links',
      repeat(n(100_000), at => `<a href="https://h${at}.test/${at}">http://bank.test/</a>\r\n`),
    ),
  'html-deep': n => html('html-deep', `${'<div>'.repeat(n(400_000))}x`),
  'html-tables': n => html('html-tables', '<table><tr><td>'.repeat(n(150_000))),
  'html-open': n => html('html-open', '<a '.repeat(n(600_000))),
  'html-attributes': n => html('html-attributes', `<a ${repeat(n(150_000), at => `a${at}=b `)}>x</a>`),
  'html-quotes': n => html('html-quotes', `<a href="${'<"'.repeat(n(500_000))}`),
  'html-comments': n => html('html-comments', '<!--'.repeat(n(500_000))),
  'html-scripts': n => html('html-scripts', '<script>'.repeat(n(300_000))),
  'html-styles': n => html('html-styles', '<style>a{'.repeat(n(300_000))),
  'html-entities': n => html('html-entities', `${'&'.repeat(n(800_000))}${'&amp;&#x1f600;&lt'.repeat(n(50_000))}`),
  urls: n => `${head('urls', text)}${repeat(n(100_000), at => `http://${at}.a.b.c.d.e.test/?u=${at}\r\n`)}`,
  'urls-open': n => `${head('urls-open', text)}${'http://'.repeat(n(600_000))}\r\n`,
  'url-dots': n => `${head('url-dots', text)}http://${'a.'.repeat(n(2_000_000))}test/\r\n`,
  ats: n => `${head('ats', text)}${'a@'.repeat(n(2_000_000))}\r\n`,
  uuencode: n => `${head('uuencode', text)}${'begin 644 a.exe\r\n'.repeat(n(200_000))}`,
  'delivered-to': n => fields('delivered-to', 'Delivered-To: kei@example.org\r\n'.repeat(n(20_000))),
  'received-spf': n =>
    fields('received-spf', 'X-Hikyaku-Junk: no\r\nReceived-SPF: pass\r\nReturn-Path: <a@b>\r\n'.repeat(n(14_000))),
}

function html(subject: string, body: string): string {
  return `${head(subject, 'Content-Type: text/html; charset=utf-8')}<html><body>${body.replaceAll(/.{900}/g, '$&\r\n')}\r\n`
}

function attached(subject: string, type: string, name: string, bytes: Buffer): string {
  const file = `Content-Type: ${type}; name="${name}"\r\nContent-Disposition: attachment; filename="${name}"\r\nContent-Transfer-Encoding: base64\r\n\r\n${base64(bytes)}`
  return multipart(subject, [`${text}\r\n\r\nSee there.`, file])
}

/** A zip archive (APPNOTE 4.3) of these files. */
function zipOf(files: readonly { readonly name: string; readonly bytes: Buffer }[]): Buffer {
  const packed = new Map<Buffer, readonly [Buffer, number]>()
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const { name, bytes } of files) {
    const [data, sum] = packed.get(bytes) ?? [deflateRawSync(bytes, { level: 9 }), crc32(bytes)]
    packed.set(bytes, [data, sum])
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE(8, 4)
    common.writeUInt32LE(sum, 10)
    common.writeUInt32LE(data.length, 14)
    common.writeUInt32LE(bytes.length, 18)
    common.writeUInt16LE(name.length, 22)
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, Buffer.from(name), data])
    const rest = Buffer.alloc(14)
    rest.writeUInt32LE(offset, 10)
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), common, rest, Buffer.from(name)]))
    parts.push(local)
    offset += local.length
  }
  const central = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(files.length & 0xffff, 8)
  end.writeUInt16LE(files.length & 0xffff, 10)
  end.writeUInt32LE(central.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...parts, central, end])
}
