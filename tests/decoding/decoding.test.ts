// Text in every charset and coding of cases.txt, read as people read it: by JMAP and by IMAP.
import assert from 'node:assert/strict'
import test from 'node:test'
import { memorySource } from '#formats/message-source.ts'
import { unflow } from '#formats/message/flowed.ts'
import { splitUuencoded } from '#formats/message/uuencode.ts'
import type { Account } from '#mail/account.ts'
import { isRefusal } from '#mail/account.ts'
import { printEmailId } from '#mail/object-ids.ts'
import { withJmap } from '#protocols/jmap/jmap.testbed.ts'
import type { Email } from '#protocols/jmap/wire.ts'
import { type DecodingCase, decodingCases, letterOf } from './cases.ts'

const cases = decodingCases()

async function fill(account: Account): Promise<readonly string[]> {
  const inbox = await account.mailboxNamed('INBOX')
  assert.ok(inbox)
  const messages = cases.map((each, number) => ({
    message: memorySource(letterOf(each, number)),
    flags: { mode: 'add', system: 0, keywords: [] } as const,
    internalDate: Date.parse('2026-11-27T09:30:00Z'),
  }))
  const placed = await account.append(inbox.id, messages)
  assert.ok(!isRefusal(placed))
  return placed.map(one => printEmailId(one.emailId))
}

test('there are enough cases, each with a name of its own', () => {
  assert.ok(cases.length >= 250)
  assert.equal(new Set(cases.map(({ name, path }) => `${path}: ${name}`)).size, cases.length)
})

test('JMAP: subject, from, body values and names of attachments', async () => {
  await withJmap(async bed => {
    const ids = await fill(await bed.accounts.account(bed.account))
    const found = new Map<string, Email>()
    for (let from = 0; from < ids.length; from += 100) {
      const answer = await bed.call('Email/get', {
        ids: ids.slice(from, from + 100),
        properties: ['id', 'subject', 'from', 'bodyValues', 'attachments', 'textBody'],
        fetchAllBodyValues: true,
      })
      for (const email of (answer as unknown as { list: readonly Email[] }).list) found.set(email.id ?? '', email)
    }
    const wrong = cases.flatMap((each, number) => {
      const email = found.get(ids[number] ?? '')
      const text = email && shown(each, email)
      return text === (each.path === 'uuencode' ? JSON.stringify(JSON.parse(each.text)) : each.text)
        ? []
        : [{ ...each, octets: Buffer.from(each.octets).toString('latin1'), got: text }]
    })
    assert.deepEqual(wrong, [])
  })
})

function shown({ path, detail }: DecodingCase, email: Email): string | undefined {
  const value = Object.values(email.bodyValues ?? {})[0]?.value ?? ''
  switch (path) {
    case 'subject':
      return email.subject ?? undefined
    case 'from':
      assert.equal(email.from?.[0]?.email, 'taro@example.test')
      return email.from[0].name ?? undefined
    case 'attachment':
      return email.attachments?.[0]?.name ?? undefined
    case 'flowed':
      return unflow(value, detail === 'yes')
    case 'uuencode': {
      const { text, files } = splitUuencoded(value)
      return JSON.stringify({
        text,
        files: files.map(({ name, octets }) => [name, Buffer.from(octets).toString('hex')]),
      })
    }
    case 'body':
    case 'html':
      return value.replaceAll(/(?<!\r)\n/g, '\r\n')
  }
}
