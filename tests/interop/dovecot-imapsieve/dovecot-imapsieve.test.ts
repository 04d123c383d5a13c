// The same scripts for the same IMAP commands, on Dovecot's imap_sieve and on ours: the same flags and the same copies. See README.md.
import assert from 'node:assert/strict'
import { chownSync, mkdirSync, writeFileSync } from 'node:fs'
import { connect as netConnect } from 'node:net'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import test, { after, before, describe } from 'node:test'
import { utf8 } from '#base/bytes.ts'
import { testAccount, testAddress, testPassword, withImap } from '#protocols/imap/imap.testbed.ts'
import { LineClient } from '#protocols/imap/line-client.testbed.ts'
import { missing } from '../../support/debian.ts'
import { freePorts } from '../../support/peers.ts'
import { type Dovecot, startDovecot } from '../dovecot/dovecot.ts'

const skip = (await missing('dovecot')) ?? (await missing('pigeonhole'))
const nobody = 65_534

type Case = {
  readonly name: string
  readonly script: string
  /** Where both answer otherwise, and why */
  readonly differs?: { readonly ours: readonly string[]; readonly why: string }
}

const need =
  'require ["imapsieve", "environment", "fileinto", "copy", "imap4flags", "variables", "mailbox", "editheader"];\n'
const cases: readonly Case[] = [
  { name: 'nothing', script: '' },
  { name: 'keep', script: 'keep;' },
  { name: 'discard', script: 'if environment "imap.cause" "APPEND" { discard; }' },
  { name: 'fileinto', script: 'if environment "imap.cause" "APPEND" { fileinto :create "Other"; }' },
  { name: 'fileinto :copy', script: 'if environment "imap.cause" "APPEND" { fileinto :copy :create "Other"; }' },
  { name: 'fileinto and keep', script: 'if environment "imap.cause" "APPEND" { keep; fileinto :create "Other"; }' },
  { name: 'into its own mailbox', script: 'if environment "imap.cause" "APPEND" { fileinto "INBOX"; }' },
  { name: 'addflag', script: 'if environment "imap.cause" "APPEND" { addflag "\\\\Answered"; }' },
  { name: 'keep :flags', script: 'if environment "imap.cause" "APPEND" { keep :flags "\\\\Answered"; }' },
  {
    name: 'changed flags',
    script: 'if environment :contains "imap.changedflags" "\\\\Flagged" { fileinto :copy :create "Other"; }',
  },
  {
    name: 'flags that it has',
    script: 'if allof (environment "imap.cause" "FLAG", hasflag "\\\\Flagged") { addflag "\\\\Draft"; }',
  },
  {
    name: 'copied',
    script: 'if allof (environment "imap.cause" "COPY", environment "imap.mailbox" "Target") { addflag "$Copied"; }',
    differs: {
      ours: ['INBOX', 'then', 'INBOX $Copied \\Flagged', 'Target $Copied \\Flagged', 'Other: 0'],
      why: 'a copy is the same email here: its keywords show in each place (RFC 8621 §4.1.1)',
    },
  },
  {
    name: 'who and where',
    script:
      'if environment :matches ["location", "phase", "imap.user", "imap.mailbox"] "*" { if not environment "imap.mailbox" "" { addflag "$Where"; } }',
  },
  {
    name: 'an edit of what stays',
    script: 'addheader "X-A" "b";',
    differs: {
      ours: ['INBOX', 'then', 'INBOX \\Flagged', 'Target \\Flagged', 'Other: 0'],
      why: 'there an edited message takes the place of the one that is kept; a message in a mailbox does not change here (RFC 9051 §2.3.1.1)',
    },
  },
]

describe('scripts of IMAP events', { skip, timeout: 120_000 }, () => {
  const scope = new AsyncDisposableStack()
  let dovecot: Dovecot
  let port: number
  before(async () => {
    const users = [...cases.map((_, index) => `user${index}:{PLAIN}himitsu::::::`), ''].join('\n')
    port = (await freePorts('imap')).imap
    dovecot = await startDovecot(scope, new URL('dovecot.conf', import.meta.url), { imap: port }, port, { users })
  })
  after(() => scope.disposeAsync())

  for (const [index, { differs, name, script }] of cases.entries())
    test(name, async () => {
      const theirs = await onDovecot(dovecot, port, `user${index}`, need + script)
      const ours = await onOurs(need + script)
      if (!differs) return assert.deepEqual(ours, theirs)
      assert.deepEqual(ours, differs.ours, differs.why)
      assert.notDeepEqual(ours, theirs, 'they agree now: no difference to explain')
    })
})

async function onDovecot({ folder }: Dovecot, port: number, user: string, script: string): Promise<readonly string[]> {
  const home = join(folder, 'mail', user)
  for (const path of [home, join(home, 'sieve')]) mkdirSync(path, { recursive: true })
  writeFileSync(join(home, 'sieve', 'events.sieve'), script)
  for (const path of [home, join(home, 'sieve'), join(home, 'sieve', 'events.sieve')]) chownSync(path, nobody, nobody)
  using client = new LineClient(netConnect(port, '127.0.0.1'))
  return await play(client, `${user} himitsu`, async () => {})
}

async function onOurs(script: string): Promise<readonly string[]> {
  let seen: readonly string[] = []
  await withImap(async bed => {
    await bed.accounts.scripts.put(testAccount, 'events', utf8(script))
    const stream: Duplex = bed.connect()
    using client = new LineClient(stream)
    seen = await play(client, `${testAddress} ${testPassword}`, () => bed.scriptsDone())
  })
  return seen
}

const letter = 'From: taro@example.org\r\nSubject: Meeting\r\n\r\nWords\r\n'

/** What the mailboxes hold in the end: each message's flags in names, without \Recent. */
async function play(client: LineClient, login: string, done: () => Promise<void>): Promise<readonly string[]> {
  let tag = 0
  const say = async (command: string): Promise<readonly string[]> => {
    const answer = await client.command(`t${++tag}`, command)
    assert.match(answer.at(-1) ?? '', new RegExp(`^t${tag} OK`), `${command}: ${answer.join('\n')}`)
    return answer
  }
  await client.line()
  await say(`LOGIN ${login}`)
  await say('CREATE Target')
  for (const mailbox of ['INBOX', 'Target']) await say(`SETMETADATA ${mailbox} (/shared/imapsieve/script "events")`)
  await say(`APPEND INBOX {${letter.length}+}\r\n${letter}`)
  await done()
  const appended = [...(await flagsIn(client, 'INBOX')), ...(await flagsIn(client, 'Other'))]
  await say('SELECT INBOX')
  await say('STORE 1 +FLAGS (\\Flagged)')
  await done()
  await say('COPY 1 Target')
  await done()
  const others = (await flagsIn(client, 'Other')).length
  return [
    ...appended,
    'then',
    ...(await flagsIn(client, 'INBOX')),
    ...(await flagsIn(client, 'Target')),
    `Other: ${others}`,
  ]
}

/** A line for each message, without \Recent; none where there is no such mailbox. */
async function flagsIn(client: LineClient, mailbox: string): Promise<readonly string[]> {
  const selected = await client.command('s', `SELECT ${mailbox}`)
  if (!selected.at(-1)?.startsWith('s OK ') || selected.includes('* 0 EXISTS')) return []
  const lines = await client.command('f', 'FETCH 1:* (FLAGS)')
  return lines.flatMap(line => {
    const flags = /^\* \d+ FETCH \(FLAGS \(([^)]*)\)/.exec(line)?.[1]?.split(' ')
    const names = flags?.filter(flag => flag !== '' && flag !== '\\Recent')
    return names ? [[mailbox, ...names.toSorted()].join(' ')] : []
  })
}
