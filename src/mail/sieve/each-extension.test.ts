// Each extension decides something: with its require and its words the result is one, without the require it is a mistake, and with those
// words left out another.
import assert from 'node:assert/strict'
import test from 'node:test'
import { checkScript } from '#formats/sieve/check.ts'
import { extensions } from '#formats/sieve/extensions.ts'
import type { Filed } from '../filing.ts'
import { fileLetter, type Letter, summary, type Surroundings } from './sieve.testbed.ts'

type Row = {
  readonly extension: string
  /** Behind its require */
  readonly script: string
  /** The same without what the extension gives; 'keep;' when not said */
  readonly without?: string
  readonly needs?: readonly string[]
  readonly result: readonly string[]
  readonly otherwise?: readonly string[]
  readonly letter?: Partial<Letter>
  readonly around?: Surroundings
  /** The same letter has come before */
  readonly afterOne?: true
}

const plain = `Return-Path: <taro@example.org>
Delivered-To: hanako@home.test
Received: from mx.example.org by mail.home.test; Fri, 27 Nov 2026 15:00:00 +0900
Received: from old.example.org by mx.example.org; Thu, 26 Nov 2026 10:00:00 +0900
From: Taro <taro+work@example.org>
To: Hanako <hanako@home.test>
Cc: a@example.org, b@example.org
Subject: Meeting [urgent] 42
Date: Fri, 27 Nov 2026 14:59:00 +0900
Message-ID: <one@example.org>
X-Ünicode: ignored
X-Name: ÉCOLE
Priority: 0012

Hello Hanako, the offer costs 100 yen.
`
const mixed = `From: taro@example.org
To: hanako@home.test
Subject: =?utf-8?B?6KuL5rGC5pu4?=
Message-ID: <two@example.org>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain; charset=utf-8

Words
--b
Content-Type: application/zip
Content-Disposition: attachment; filename="bill.zip"
Content-Transfer-Encoding: base64

UEsDBAo=
--b--
`
const noKeep = ['keep']

const rows: readonly Row[] = [
  { extension: 'fileinto', script: 'fileinto "Lists";', result: ['fileinto Lists'] },
  { extension: 'reject', script: 'reject "no thanks";', result: ['reply to taro@example.org', 'reject: no thanks'] },
  { extension: 'ereject', script: 'ereject "no thanks";', result: ['reply to taro@example.org', 'ereject: no thanks'] },
  { extension: 'envelope', script: 'if envelope "from" "taro@example.org" { discard; }', result: [] },
  {
    extension: 'envelope-dsn',
    needs: ['envelope'],
    script: 'if envelope "ret" "HDRS" { discard; }',
    without: 'if envelope "from" "HDRS" { discard; }',
    letter: { envelope: { dsnReturn: 'HDRS' } },
    result: [],
  },
  {
    extension: 'redirect-dsn',
    script: 'redirect :notify "NEVER" :ret "FULL" "jiro@example.net";',
    without: 'redirect "jiro@example.net";',
    result: ['redirect jiro@example.net NEVER FULL'],
    otherwise: ['redirect jiro@example.net'],
  },
  { extension: 'body', script: 'if body :contains "100 yen" { discard; }', result: [] },
  {
    extension: 'copy',
    script: 'redirect :copy "jiro@example.net";',
    without: 'redirect "jiro@example.net";',
    result: ['keep', 'redirect jiro@example.net'],
    otherwise: ['redirect jiro@example.net'],
  },
  { extension: 'relational', script: 'if address :count "ge" "Cc" "2" { discard; }', result: [] },
  { extension: 'date', script: 'if date "Date" "weekday" "5" { discard; }', result: [] },
  {
    extension: 'index',
    needs: ['date'],
    script: 'if date :index 2 "Received" "day" "26" { discard; }',
    without: 'if date "Received" "day" "26" { discard; }',
    result: [],
  },
  {
    extension: 'duplicate',
    script: 'if duplicate :uniqueid "x" { discard; }',
    result: [],
    afterOne: true,
  },
  {
    extension: 'variables',
    script: 'if header :matches "Subject" "* [*] *" { set "who" "${2}"; } redirect "${who}@example.net";',
    without: 'redirect "2@example.net";',
    result: ['redirect urgent@example.net'],
    otherwise: ['redirect 2@example.net'],
  },
  { extension: 'editheader', script: 'addheader "X-Seen" "yes";', result: ['keep edited'] },
  {
    extension: 'foreverypart',
    needs: ['mime'],
    script: 'foreverypart { if header :mime :contains "Content-Disposition" "bill.zip" { discard; } }',
    without: 'if header :mime :contains "Content-Disposition" "bill.zip" { discard; }',
    letter: { text: mixed },
    result: [],
  },
  {
    extension: 'mime',
    script: 'if header :mime :anychild :param "filename" "Content-Disposition" "bill.zip" { discard; }',
    without: 'if header "Content-Disposition" "bill.zip" { discard; }',
    letter: { text: mixed },
    result: [],
  },
  { extension: 'replace', script: 'replace "gone";', result: ['keep edited'] },
  { extension: 'enclose', script: 'enclose "see below";', result: ['keep edited'] },
  {
    extension: 'extracttext',
    needs: ['foreverypart', 'variables'],
    script: 'foreverypart { extracttext "t"; if string "${t}" "Words" { discard; } }',
    without: 'foreverypart { if string "${t}" "Words" { discard; } }',
    letter: { text: mixed },
    result: [],
  },
  {
    extension: 'subaddress',
    script: 'if address :detail "From" "work" { discard; }',
    without: 'if address :localpart "From" "work" { discard; }',
    result: [],
  },
  { extension: 'vacation', script: 'vacation "away";', result: ['keep', 'reply to taro@example.org'] },
  {
    extension: 'vacation-seconds',
    needs: ['vacation'],
    script: 'vacation :seconds 0 "away";',
    without: 'vacation :days 7 "away";',
    result: ['keep', 'reply to taro@example.org'],
    otherwise: ['keep'],
    afterOne: true,
  },
  {
    extension: 'fcc',
    needs: ['vacation'],
    script: 'vacation :fcc "Archive" "away";',
    without: 'vacation "away";',
    result: ['keep', 'reply to taro@example.org', 'copy fileinto Archive \\Seen'],
    otherwise: ['keep', 'reply to taro@example.org'],
  },
  {
    extension: 'mailbox',
    needs: ['fileinto'],
    script: 'fileinto :create "New";',
    without: 'fileinto "New";',
    result: ['fileinto New create'],
    otherwise: ['fileinto New'],
  },
  {
    extension: 'mboxmetadata',
    script: 'if metadata "Lists" "/private/comment" "mine" { discard; }',
    result: [],
    around: { metadata: { 'Lists /private/comment': 'mine' } },
  },
  {
    extension: 'servermetadata',
    script: 'if servermetadata "/shared/admin" "x" { discard; }',
    result: [],
    around: { metadata: { ' /shared/admin': 'x' } },
  },
  {
    extension: 'mailboxid',
    needs: ['fileinto'],
    script: 'fileinto :mailboxid "M4" "Else";',
    without: 'fileinto "Else";',
    result: ['fileinto M4 or Else'],
    otherwise: ['fileinto Else'],
  },
  {
    extension: 'special-use',
    needs: ['fileinto'],
    script: 'fileinto :specialuse "\\\\Junk" "Spam";',
    without: 'fileinto "Spam";',
    result: ['fileinto role junk'],
    otherwise: ['fileinto Spam'],
  },
  { extension: 'imap4flags', script: 'addflag "\\\\Flagged";', result: ['keep \\Flagged'] },
  {
    extension: 'include',
    script: 'include "other";',
    around: { personal: { other: 'discard;' } },
    result: [],
  },
  { extension: 'regex', script: 'if header :regex "Subject" "[[:digit:]]{2}$" { discard; }', result: [] },
  {
    extension: 'spamtest',
    needs: ['relational', 'comparator-i;ascii-numeric'],
    script: 'if spamtest :value "ge" :comparator "i;ascii-numeric" "5" { discard; }',
    letter: { content: { spamtest: 8 } },
    result: [],
  },
  {
    extension: 'spamtestplus',
    needs: ['relational', 'comparator-i;ascii-numeric'],
    script: 'if spamtest :percent :value "ge" :comparator "i;ascii-numeric" "70" { discard; }',
    letter: { content: { spamtest: 8 } },
    result: [],
  },
  {
    extension: 'virustest',
    needs: ['relational', 'comparator-i;ascii-numeric'],
    script: 'if virustest :value "eq" :comparator "i;ascii-numeric" "5" { discard; }',
    letter: { content: { virustest: 5 } },
    result: [],
  },
  {
    extension: 'enotify',
    script: 'notify "mailto:phone@example.net";',
    result: ['keep', 'notify to phone@example.net'],
  },
  { extension: 'environment', script: 'if environment "host" "mail.home.test" { discard; }', result: [] },
  {
    extension: 'ihave',
    script: 'if ihave "fileinto" { fileinto "Lists"; }',
    result: ['fileinto Lists'],
  },
  {
    extension: 'encoded-character',
    script: 'redirect "${unicode:6A}iro@example.net";',
    without: 'redirect "xiro@example.net";',
    result: ['redirect jiro@example.net'],
    otherwise: ['redirect xiro@example.net'],
  },
  {
    extension: 'extlists',
    script: 'if header :list "Subject" "tag:home.test,2026:words" { discard; }',
    around: { lists: { 'tag:home.test,2026:words': ['Meeting [urgent] 42'] } },
    result: [],
  },
  {
    extension: 'imapsieve',
    needs: ['environment'],
    script: 'if environment "imap.cause" "COPY" { discard; }',
    letter: {
      event: {
        cause: 'COPY',
        mailbox: 'Lists',
        changedFlags: [],
        flags: [],
        user: 'hanako',
        email: 'hanako@home.test',
      },
    },
    without: 'if environment "imap.reason" "COPY" { discard; }',
    result: [],
    otherwise: ['fileinto Lists'],
  },
  {
    extension: 'comparator-i;ascii-numeric',
    script: 'if header :comparator "i;ascii-numeric" "Priority" "12" { discard; }',
    without: 'if header "Priority" "12" { discard; }',
    result: [],
  },
  {
    extension: 'comparator-i;unicode-casemap',
    script: 'if header :comparator "i;unicode-casemap" "X-Name" "école" { discard; }',
    without: 'if header "X-Name" "école" { discard; }',
    result: [],
  },
  {
    extension: 'comparator-i;octet',
    script: 'if not header :comparator "i;octet" :contains "Subject" "meeting" { discard; }',
    without: 'if not header :contains "Subject" "meeting" { discard; }',
    result: [],
  },
  {
    extension: 'comparator-i;ascii-casemap',
    script: 'if header :comparator "i;ascii-casemap" :contains "Subject" "meeting" { discard; }',
    without: 'if header :comparator "i;octet" :contains "Subject" "meeting" { discard; }',
    result: [],
  },
]

/** RFC 5228 §2.7.3: these two may be used without require; imapsieve's words are those of environment */
const withoutRequire = new Set(['comparator-i;octet', 'comparator-i;ascii-casemap', 'imapsieve'])
const limits = { maxScriptBytes: 65_536 }

test('no extension is left out', () => {
  assert.deepEqual(rows.map(row => row.extension).toSorted(), [...extensions])
})

for (const {
  extension,
  script,
  needs = [],
  without = 'keep;',
  result,
  otherwise = noKeep,
  letter,
  around,
  afterOne,
} of rows)
  test(extension, async () => {
    const requiring = (names: readonly string[]) => (names.length === 0 ? '' : `require ${JSON.stringify(names)};\n`)
    const mail = { text: plain, ...letter }
    const withIt = requiring([extension, ...needs]) + script
    assert.deepEqual(checkScript(withIt, limits), [])
    assert.deepEqual(summary(await run(withIt, mail, around, afterOne)), result)

    const unasked = requiring(needs) + script
    assert.equal(checkScript(unasked, limits).length > 0, !withoutRequire.has(extension))

    const other = requiring([extension, ...needs]) + without
    assert.deepEqual(summary(await run(other, mail, around, afterOne)), otherwise)
  })

async function run(script: string, letter: Letter, around: Surroundings = {}, afterOne = false): Promise<Filed> {
  const before = afterOne ? (await fileLetter(script, letter, around)).remember : []
  return fileLetter(script, letter, { ...around, remembered: before })
}
