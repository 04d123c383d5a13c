import assert from 'node:assert/strict'
import test from 'node:test'
import { smtpReply } from '#formats/smtp-reply.ts'
import { LearnedRecipients } from './learned-recipients.ts'
import { domainsOnly } from './static-recipient-list.ts'

const yes = smtpReply(250, '2.1.5', 'OK')

test('what home said yes to is known while it is away; what it refused since is not', () => {
  const learned = new LearnedRecipients()
  const list = domainsOnly(() => ['home.test'], learned)
  assert.deepEqual(list.look('hanako@home.test'), { kind: 'unknown', fresh: false })
  learned.heard('Hanako@HOME.test', yes)
  assert.deepEqual(list.look('hanako@home.test'), { kind: 'known' })
  learned.heard('hanako@home.test', smtpReply(451, '4.3.0', 'Later'))
  assert.deepEqual(list.look('hanako@home.test'), { kind: 'known' })
  learned.heard('hanako@home.test', smtpReply(550, '5.1.1', 'No such user'))
  assert.deepEqual(list.look('hanako@home.test'), { kind: 'unknown', fresh: false })
})

test('a domain that is not ours stays so, whatever home says of it', () => {
  const learned = new LearnedRecipients()
  learned.heard('aki@internet.test', yes)
  assert.deepEqual(domainsOnly(() => ['home.test'], learned).look('aki@internet.test'), {
    kind: 'not-ours',
    fresh: true,
  })
})

test('the number that is remembered is bounded, the oldest goes first', () => {
  const learned = new LearnedRecipients()
  for (let at = 0; at <= 20_000; at++) learned.heard(`user${at}@home.test`, yes)
  assert.equal(learned.has('user0@home.test'), false)
  assert.equal(learned.has('user1@home.test'), true)
})
