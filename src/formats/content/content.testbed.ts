/** What the tests of examining messages share. */
import { utf8 } from '#base/bytes.ts'
import type { Examination } from './evidence.ts'
import { examine } from './examine.ts'

export const receivedAt = Date.parse('2026-11-27T03:00:00Z')

export function examined(text: string): Examination {
  const shorteners = new Set(['bit.example'])
  return examine(utf8(text.replaceAll(/\r?\n/g, '\r\n')), { receivedAt, shorteners, seed: 7 })
}

export function codesOf(text: string): readonly string[] {
  return examined(text).evidence.map(({ code }) => code)
}

export const goodHeader = `From: Aki <aki@internet.test>
To: hanako@home.test
Subject: Lunch
Date: Fri, 27 Nov 2026 02:00:00 +0000
Message-ID: <1@internet.test>
MIME-Version: 1.0
`

export function htmlLetter(html: string): string {
  return `${goodHeader}Content-Type: text/html; charset=utf-8\n\n${html}\n`
}

export function withAttachment(name: string, content: Uint8Array, type = 'application/octet-stream'): string {
  const body = Buffer.from(content).toString('base64').replaceAll(/.{76}/g, '$&\n')
  return `${goodHeader}Content-Type: multipart/mixed; boundary=b

--b

See the attachment, please.
--b
Content-Type: ${type}
Content-Disposition: attachment; filename="${name}"
Content-Transfer-Encoding: base64

${body}
--b--
`
}

export type ZipEntry = {
  readonly name: string
  readonly content?: Uint8Array
  readonly encrypted?: boolean
  /** What the entry says of itself, when that is a lie */
  readonly unfolded?: number
  readonly method?: number
}

/** A zip with a central directory; contents are stored, or as they are given with `method` 8. */
export function zipOf(entries: readonly ZipEntry[]): Uint8Array {
  const pieces: Buffer[] = []
  const directory: Buffer[] = []
  let at = 0
  for (const { name, content = new Uint8Array(0), encrypted = false, unfolded, method = 0 } of entries) {
    const file = Buffer.alloc(30)
    file.writeUInt32LE(0x04034b50, 0)
    const flags = encrypted ? 1 : 0
    file.writeUInt16LE(flags, 6)
    file.writeUInt16LE(method, 8)
    file.writeUInt32LE(content.length, 18)
    file.writeUInt32LE(unfolded ?? content.length, 22)
    file.writeUInt16LE(Buffer.byteLength(name), 26)
    const central = Buffer.alloc(46)
    central.writeUInt32LE(0x02014b50, 0)
    central.writeUInt16LE(flags, 8)
    central.writeUInt16LE(method, 10)
    central.writeUInt32LE(content.length, 20)
    central.writeUInt32LE(unfolded ?? content.length, 24)
    central.writeUInt16LE(Buffer.byteLength(name), 28)
    central.writeUInt32LE(at, 42)
    const piece = Buffer.concat([file, Buffer.from(name), content])
    pieces.push(piece)
    directory.push(central, Buffer.from(name))
    at += piece.length
  }
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt32LE(Buffer.concat(directory).length, 12)
  end.writeUInt32LE(at, 16)
  return Buffer.concat([...pieces, ...directory, end])
}
