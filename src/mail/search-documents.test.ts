// Text of attached documents: found once it has been read, gone with its letter, read again by an index that is built anew.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { docxOf, pdfOf } from '#formats/documents/documents.testbed.ts'
import { memorySource } from '#formats/message-source.ts'
import { match, noMatch, undecided } from '#formats/search/segment.ts'
import type { TextTerm } from '#formats/search/term.ts'
import { Database } from '#store/sqlite.ts'
import { deletedFlag, isRefusal } from './account.ts'
import { accountId, testOptions, withAccounts } from './accounts.testbed.ts'
import { openAccounts, type OpenAccounts } from './accounts.ts'
import type { EmailId, Uid } from './ids.ts'

const id = accountId(7)
const body = (text: string): TextTerm => ({ in: 'body', text })

type Attached = { readonly type: string; readonly name: string; readonly octets: Uint8Array }

function letterWith(text: string, attached: readonly Attached[]): Uint8Array {
  const parts = attached.map(
    ({ type, name, octets }) =>
      `--b\r\nContent-Type: ${type}\r\nContent-Disposition: attachment; filename="${name}"\r\nContent-Transfer-Encoding: base64\r\n\r\n${Buffer.from(
        octets,
      )
        .toString('base64')
        .replaceAll(/(.{76})/g, '$1\r\n')}\r\n`,
  )
  const head =
    'From: a@internet.test\r\nSubject: s\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n'
  return Buffer.from(
    `${head}--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n${text}\r\n${parts.join('')}--b--\r\n`,
  )
}

const pdf = (...pages: string[]): Attached => ({ type: 'application/pdf', name: 'a.pdf', octets: pdfOf(pages) })
const docx = (text: string): Attached => ({
  type: 'application/octet-stream',
  name: '資料.docx',
  octets: docxOf([text]),
})

async function add(accounts: OpenAccounts, ...letters: Uint8Array[]): Promise<readonly EmailId[]> {
  const account = await accounts.account(id)
  const inbox = await account.mailboxNamed('INBOX')
  assert.ok(inbox)
  const flags = { mode: 'add', system: 0, keywords: [] } as const
  const messages = letters.map(bytes => ({ message: memorySource(bytes), flags, internalDate: 0 }))
  const placed = await account.append(inbox.id, messages)
  if (isRefusal(placed)) assert.fail(placed.refused)
  return placed.map(one => one.emailId)
}

/** By the index, and where it leaves something open by reading: as every search does it */
async function found(accounts: OpenAccounts, text: string, emails: readonly EmailId[]): Promise<readonly boolean[]> {
  const account = await accounts.account(id)
  const [column] = await account.narrow([body(text)], Float64Array.from(emails))
  const [read] = await account.readTerms([body(text)], Float64Array.from(emails))
  return emails.map((_, index) => {
    const state = column?.[index]
    if (state !== undecided) assert.equal(state, read?.[index], `${text}: the index and the letter agree`)
    return (state === undecided ? read?.[index] : state) === match
  })
}

test('words of PDF and office files are found in their letters', () =>
  withAccounts(async accounts => {
    await accounts.createAccount(id, 'en')
    const emails = await add(
      accounts,
      letterWith('plain', [pdf('Quarterly zyxbudget', '株式会社の見積書')]),
      letterWith('会議', [docx('議事録の下書き'), pdf('second zyxfile')]),
      letterWith('nothing', []),
    )
    await accounts.indexed(id)
    assert.deepEqual(accounts.searchLag, { accounts: 0, emails: 0, documents: 0 })
    const answers = [
      ['zyxbudget', [true, false, false]],
      ['積', [true, false, false]],
      ['の見積', [true, false, false]],
      ['議事録の下', [false, true, false]],
      ['zyxfile', [false, true, false]],
      ['議', [false, true, false]],
      ['plain', [true, false, false]],
      ['nowhere', [false, false, false]],
      ['資料.docx', [false, true, false]],
    ] as const
    for (const [text, wanted] of answers) assert.deepEqual(await found(accounts, text, emails), wanted, text)
    const [column] = await (await accounts.account(id)).narrow([body('積')], Float64Array.from(emails))
    assert.deepEqual([...(column ?? [])], [match, noMatch, noMatch])
  }))

test('the text follows by itself, its lag is told, and a letter is found by its own words meanwhile', () =>
  withAccounts(async accounts => {
    await accounts.createAccount(id, 'en')
    const emails = await add(accounts, letterWith('ownword', [pdf('zyxlate')]))
    const deadline = performance.now() + 20_000
    let lag = 0
    while (!(await found(accounts, 'zyxlate', emails))[0] && performance.now() < deadline) {
      lag = Math.max(lag, accounts.searchLag.documents)
      assert.deepEqual(await found(accounts, 'ownword', emails), [true])
      await new Promise(resolve => setTimeout(resolve, 50))
    }
    assert.deepEqual(await found(accounts, 'zyxlate', emails), [true])
    assert.equal(lag, 1)
  }))

test('damaged documents have no text and hold nothing up; what is removed leaves nothing behind', () =>
  withAccounts(async (accounts, folder) => {
    await accounts.createAccount(id, 'en')
    const broken: Attached = { type: 'application/pdf', name: 'b.pdf', octets: Buffer.from('%PDF-1.7\ngarbage') }
    const emails = await add(
      accounts,
      letterWith('one', [broken, pdf('zyxafter')]),
      letterWith('two', [pdf('zyxsecret')]),
      letterWith('three', [pdf('zyxthird')]),
    )
    await accounts.indexed(id)
    assert.deepEqual(await found(accounts, 'zyxafter', emails), [true, false, false])
    const account = await accounts.account(id)
    const inbox = await account.mailboxNamed('INBOX')
    assert.ok(inbox)
    await account.changeFlags(inbox.id, [2 as Uid], { mode: 'add', system: deletedFlag, keywords: [] })
    await account.expunge(inbox.id)
    await accounts.indexed(id)
    using database = new Database(join(folder, id, 'search.db'), { durability: 'NORMAL', readOnly: true })
    const rows = database.prepare('SELECT email FROM document').all() as { email: number }[]
    assert.deepEqual(
      rows.map(({ email }) => email),
      [emails[0], emails[2]],
    )
    assert.deepEqual(await found(accounts, 'zyxthird', [emails[0] ?? 0, emails[2] ?? 0] as EmailId[]), [false, true])
  }))

test('a new index reads them again; one that was cut off goes on after the next start', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hikyaku-documents-'))
  try {
    let emails: readonly EmailId[] = []
    {
      await using accounts = await openAccounts(testOptions(folder, { writerThreads: 1 }))
      await accounts.createAccount(id, 'en')
      emails = await add(accounts, letterWith('x', [pdf('zyxone')]), letterWith('y', [pdf('zyxtwo')]))
      await accounts.indexed(id)
    }
    await rm(join(folder, id, 'search.db'))
    await using accounts = await openAccounts(testOptions(folder, { writerThreads: 1 }))
    await accounts.account(id)
    assert.deepEqual(await found(accounts, 'zyxtwo', emails), [false, false])
    await accounts.indexed(id)
    assert.deepEqual(await found(accounts, 'zyxtwo', emails), [false, true])
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 10 })
  }
})

test('many documents: segments are merged and agree with reading', { timeout: 120_000 }, () =>
  withAccounts(async accounts => {
    await accounts.createAccount(id, 'en')
    const emails: EmailId[] = []
    for (let batch = 0; batch < 3; batch++) {
      const letters = Array.from({ length: 70 }, (_, index) =>
        letterWith(`own${batch}x${index}`, [docx(`common 会議 zyx${batch}y${index}z`)]),
      )
      // many at once would be placed behind the answer
      for (let from = 0; from < letters.length; from += 10)
        emails.push(...(await add(accounts, ...letters.slice(from, from + 10))))
      await accounts.indexed(id)
    }
    for (const [batch, index] of [
      [0, 0],
      [1, 69],
      [2, 33],
    ] as const) {
      const hits = await found(accounts, `zyx${batch}y${index}z`, emails)
      assert.deepEqual(
        hits.flatMap((hit, at) => (hit ? [at] : [])),
        [batch * 70 + index],
      )
    }
    assert.ok((await found(accounts, '会議', emails)).every(Boolean))
    assert.ok((await found(accounts, 'common', emails)).every(Boolean))
  }),
)
