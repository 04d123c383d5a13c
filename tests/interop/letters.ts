/** Letters that the peers carry, with octets that break when somebody re-codes, re-wraps or re-counts them. */
import { randomBytes } from 'node:crypto'

/** A name of its own, to find it again. */
export type TestLetter = { readonly mark: string; readonly bytes: Buffer }

let count = 0

function mark(): string {
  return `mark-${process.pid}-${++count}-${randomBytes(4).toString('hex')}`
}

function header(name: string, fields: readonly string[] = []): string {
  return [
    'From: Stranger <stranger@stranger.test>',
    'To: hanako@home.test',
    `Subject: ${name}`,
    `Message-ID: <${name}@stranger.test>`,
    'Date: Tue, 06 Jan 2026 09:30:00 +0900',
    'MIME-Version: 1.0',
    ...fields,
    '',
    '',
  ].join('\r\n')
}

/** ASCII, with lines of dots and trailing spaces. */
export function smallLetter(): TestLetter {
  const name = mark()
  return {
    mark: name,
    bytes: Buffer.from(`${header(name)}.\r\n..two\r\n...\r\ntrailing \t \r\n\r\nFrom here on\r\n.\r\n`),
  }
}

/** UTF-8 in an 8bit body. */
export function japaneseLetter(): TestLetter {
  const name = mark()
  const fields = ['Content-Type: text/plain; charset=utf-8', 'Content-Transfer-Encoding: 8bit']
  const text = '拝啓 花子様\r\n本日は晴天なり。「波ダッシュ〜」と絵文字🍣も。\r\n.\r\n敬具\r\n'
  return { mark: name, bytes: Buffer.from(header(name, fields) + text) }
}

/** About so many octets of base64 lines. */
export function largeLetter(sizeBytes: number): TestLetter {
  const name = mark()
  const fields = ['Content-Type: application/octet-stream', 'Content-Transfer-Encoding: base64']
  const lines = (
    randomBytes(Math.floor((sizeBytes * 57) / 78))
      .toString('base64')
      .match(/.{1,76}/g) ?? []
  ).join('\r\n')
  return { mark: name, bytes: Buffer.from(`${header(name, fields)}${lines}\r\n`) }
}

/** Raw UTF-8 in the header: needs SMTPUTF8. */
export function internationalLetter(): TestLetter {
  const name = mark()
  const bytes = header(name, ['Content-Type: text/plain; charset=utf-8']).replace('Stranger <', '見知らぬ人 <')
  return { mark: name, bytes: Buffer.from(`${bytes}やあ\r\n`) }
}

/** The letter with hanako's own address in From: our home refuses another's. */
export function fromHanako({ mark, bytes }: TestLetter): TestLetter {
  const stranger = '<stranger@stranger.test>'
  const at = bytes.indexOf(stranger)
  const rest = bytes.subarray(at + stranger.length)
  return { mark, bytes: Buffer.concat([bytes.subarray(0, at), Buffer.from('<hanako@home.test>'), rest]) }
}
