/** cases.txt, which make-cases.py writes, as letters: `octets` where the case says, all else plain. */
import { readFileSync } from 'node:fs'
import { concatBytes, utf8 } from '#base/bytes.ts'

export type DecodingPath = 'body' | 'html' | 'subject' | 'from' | 'attachment' | 'flowed' | 'uuencode'

export type DecodingCase = {
  readonly name: string
  readonly path: DecodingPath
  /** body: the charset said, '' for none, '-' for no Content-Type; flowed: DelSp */
  readonly detail: string
  readonly octets: Uint8Array
  readonly text: string
}

export function decodingCases(): readonly DecodingCase[] {
  const table = readFileSync(new URL('cases.txt', import.meta.url), 'utf8')
  return table
    .trimEnd()
    .split('\n')
    .map(line => {
      const [name = '', path = '', detail = '', octets = '', text = ''] = line.split('\t')
      return { name, path: path as DecodingPath, detail, octets: unescaped(octets), text: JSON.parse(text) as string }
    })
}

function unescaped(written: string): Uint8Array {
  const latin1 = written.replaceAll(/\\x([0-9a-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
  return Buffer.from(latin1, 'latin1')
}

/** `number` makes it a letter of its own. */
export function letterOf({ path, detail, octets }: DecodingCase, number: number): Uint8Array {
  const subject = path === 'subject' ? octets : utf8(`case ${number}`)
  const from = path === 'from' ? octets : utf8('plain@example.test')
  const head = [utf8('From: '), from, utf8('\r\nTo: u@example.test\r\nSubject: '), subject]
  return concatBytes([
    ...head,
    utf8(`\r\nMessage-ID: <${number}@example.test>\r\nMIME-Version: 1.0\r\n`),
    ...rest(path, detail, octets),
  ])
}

function rest(path: DecodingPath, detail: string, octets: Uint8Array): readonly Uint8Array[] {
  if (path === 'attachment')
    return [
      utf8(
        'Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ntext\r\n--b\r\nContent-Transfer-Encoding: 7bit\r\n',
      ),
      octets,
      utf8('\r\n\r\ncontent\r\n--b--\r\n'),
    ]
  if (path === 'subject' || path === 'from') return [utf8('\r\ntext\r\n')]
  // what is no line of text travels as base64
  const isCoded = octets.includes(0) || /\r(?!\n)|(?<!\r)\n/.test(Buffer.from(octets).toString('latin1'))
  const content = isCoded
    ? utf8(
        Buffer.from(octets)
          .toString('base64')
          .replaceAll(/(.{76})/g, '$1\r\n'),
      )
    : octets
  const encoding = `Content-Transfer-Encoding: ${isCoded ? 'base64' : '8bit'}\r\n\r\n`
  return [utf8(`${contentType(path, detail)}${encoding}`), content]
}

function contentType(path: DecodingPath, detail: string): string {
  switch (path) {
    case 'html':
      return `Content-Type: text/html${detail === '' ? '' : `; charset=${detail}`}\r\n`
    case 'flowed':
      return `Content-Type: text/plain; charset=utf-8; format=flowed; delsp=${detail}\r\n`
    case 'uuencode':
      return 'Content-Type: text/plain\r\n'
    case 'attachment':
    case 'body':
    case 'from':
    case 'subject':
      return detail === '-' ? '' : `Content-Type: text/plain${detail === '' ? '' : `; charset=${detail}`}\r\n`
  }
}
