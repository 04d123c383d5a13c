// The examples of RFC 7352 §3.1 and §5: each script sees the same letter twice.
import assert from 'node:assert/strict'
import test from 'node:test'
import { fileLetter, summary } from './sieve.testbed.ts'

const duplicates: readonly (readonly [string, string, readonly string[], readonly string[]])[] = [
  [
    '§5.1',
    'require ["duplicate", "fileinto", "mailbox"];\nif duplicate {\n  fileinto :create "Trash/Duplicate";\n}',
    ['keep'],
    ['fileinto Trash/Duplicate create'],
  ],
  ['§3.1', 'require "duplicate";\nif duplicate :header "message-id" {\n  discard;\n}', ['keep'], []],
  [
    '§3.1',
    'require ["duplicate", "variables"];\nif header :matches "message-id" "*" {\n  if duplicate :uniqueid "${0}" {\n    discard;\n  }\n}',
    ['keep'],
    [],
  ],
  [
    '§5.2',
    'require ["duplicate", "fileinto", "imap4flags", "variables"];\nif header :matches "subject" "ALERT: *" {\n  if duplicate :seconds 60 :uniqueid "${1}" {\n    setflag "\\\\seen";\n  }\n  fileinto "Alerts";\n}',
    ['fileinto Alerts'],
    ['fileinto Alerts \\seen'],
  ],
  [
    '§5.4',
    'require ["duplicate", "imap4flags"];\nif duplicate :header "X-Event-ID" :handle "notifier" {\n  discard;\n}\nif allof (\n  duplicate :header "X-Ticket-ID" :handle "support",\n  address "to" "support@example.com",\n  header :contains "subject" "fileserver")\n{\n  setflag "\\\\seen";\n}',
    ['keep'],
    [],
  ],
]
const alert =
  'Message-ID: <alert.1@example.org>\nX-Event-ID: 7\nX-Ticket-ID: 8\nTo: support@example.com\nSubject: ALERT: fileserver is full\n\n'

for (const [section, script, first, second] of duplicates)
  test(`RFC 7352 ${section} ${script.slice(0, 60)}`, async () => {
    const once = await fileLetter(script, { text: alert })
    assert.deepEqual(summary(once), first)
    const again = await fileLetter(script, { text: alert }, { remembered: once.remember })
    assert.deepEqual(summary(again), second)
    // when it is forgotten, the letter is a new one
    const later = Math.max(...once.remember.map(({ until }) => until)) + 1
    assert.deepEqual(
      summary(await fileLetter(script, { text: alert }, { remembered: once.remember, now: later })),
      first,
    )
  })
