// The same letters by IMAP: PREVIEW and SEARCH read them with the same decoder.
import assert from 'node:assert/strict'
import type { Duplex } from 'node:stream'
import test from 'node:test'
import { utf8 } from '#base/bytes.ts'
import { memorySource } from '#formats/message-source.ts'
import { isRefusal } from '#mail/account.ts'
import { testAccount, testAddress, testPassword, withImap } from '#protocols/imap/imap.testbed.ts'
import { decodingCases, letterOf } from './cases.ts'

const cases = decodingCases()

test('IMAP: SEARCH finds every text, PREVIEW shows it, with an index and without', { timeout: 120_000 }, async () => {
  await withImap(async bed => {
    const account = await bed.accounts.account(testAccount)
    const inbox = await account.mailboxNamed('INBOX')
    assert.ok(inbox)
    const placed = await account.append(
      inbox.id,
      cases.map((each, number) => ({
        message: memorySource(letterOf(each, number)),
        flags: { mode: 'add', system: 0, keywords: [] } as const,
        internalDate: Date.parse('2026-11-27T09:30:00Z'),
      })),
    )
    assert.ok(!isRefusal(placed))
    using client = new Client(bed.connect())
    await client.ask(`LOGIN ${testAddress} ${testPassword}`)
    await client.ask('SELECT INBOX')
    await searchAll(client)
    await bed.accounts.indexed(testAccount)
    await searchAll(client)
    await previewAll(client)
  })
})

/** What is to be looked for, and by which key; undefined where a case is about something else */
function asked({ path, text }: (typeof cases)[number]): { readonly key: string; readonly needle: string } | undefined {
  const [line = ''] = text.split(/[\r\n\ufffd<]/)
  if (line.trim() === '') return undefined
  const needle = line.slice(0, 40)
  switch (path) {
    case 'body':
      return { key: 'BODY', needle }
    case 'html':
      return { key: 'BODY', needle: '会議' }
    case 'flowed':
      return { key: 'BODY', needle: line.replace(/^>+ /, '') }
    case 'subject':
      return { key: 'SUBJECT', needle }
    case 'from':
      return { key: 'FROM', needle }
    case 'attachment':
    case 'uuencode':
      return undefined
  }
}

async function searchAll(client: Client): Promise<void> {
  const missed: string[] = []
  for (const [number, each] of cases.entries()) {
    const wanted = asked(each)
    if (!wanted) continue
    const answer = await client.ask(`SEARCH CHARSET UTF-8 ${wanted.key} `, wanted.needle)
    const found = /^\* SEARCH ?(.*)$/m.exec(answer)?.[1]?.trim().split(' ').map(Number)
    if (!found?.includes(number + 1)) missed.push(`${each.path}: ${each.name}`)
  }
  assert.deepEqual(missed, [])
}

async function previewAll(client: Client): Promise<void> {
  const answer = await client.ask('FETCH 1:* PREVIEW')
  const previews = new Map(
    [...answer.matchAll(/^\* (\d+) FETCH \(PREVIEW (?:"(.*)"|\{\d+\}\r\n(.*))\)/gm)].map(
      ([, number, quoted, literal]) => [Number(number), (quoted ?? literal ?? '').replaceAll(/\\(.)/g, '$1')] as const,
    ),
  )
  const wrong: string[] = []
  for (const [number, { name, path, text }] of cases.entries()) {
    if (path !== 'body') continue
    const wanted =
      text
        .split(/[\r\n\ufffd]/)[0]
        ?.trim()
        .slice(0, 40) ?? ''
    const got = previews.get(number + 1)
    if (!got?.startsWith(wanted)) wrong.push(`${name}: ${got}`)
  }
  assert.deepEqual(wrong, [])
}

class Client implements Disposable {
  readonly #stream: Duplex
  #text = ''
  #tag = 0
  #wake: () => void = () => undefined

  constructor(stream: Duplex) {
    this.#stream = stream
    const decoder = new TextDecoder()
    stream.on('data', (chunk: Buffer) => {
      this.#text += decoder.decode(chunk, { stream: true })
      this.#wake()
    })
  }

  async ask(command: string, literal?: string): Promise<string> {
    const tag = `t${++this.#tag}`
    this.#text = ''
    const rest = literal === undefined ? '' : `{${utf8(literal).length}+}\r\n${literal}`
    this.#stream.write(`${tag} ${command}${rest}\r\n`)
    while (!new RegExp(`^${tag} (OK|NO|BAD)`, 'm').test(this.#text))
      await new Promise<void>(resolve => (this.#wake = resolve))
    assert.match(this.#text, new RegExp(`^${tag} OK`, 'm'))
    return this.#text
  }

  [Symbol.dispose](): void {
    this.#stream.destroy()
  }
}
