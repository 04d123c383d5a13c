// Which actions go together, what happens when a script fails, and that every script ends.
import assert from 'node:assert/strict'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import test from 'node:test'
import { compiled } from './compiled.ts'
import { memorySource, type MessageSource } from '#formats/message-source.ts'
import { bytesOf, fileLetter, type Letter, summary, type Surroundings, usualMailboxes } from './sieve.testbed.ts'

const text = 'From: taro@example.org\nTo: hanako@home.test\nSubject: x\nMessage-ID: <1@example.org>\n\nHello\n'

const rows: readonly (readonly [string, string, readonly string[], Partial<Letter>?, Surroundings?])[] = [
  ['no script at all', '', ['keep']],
  ['implicit keep takes flags', 'require "imap4flags"; addflag "a";', ['keep a']],
  [
    'the same mailbox once, with all flags',
    'require ["fileinto", "imap4flags"]; fileinto :flags "a" "x"; fileinto :flags "b" "x";',
    ['fileinto x a b'],
  ],
  ['INBOX is the inbox, however it is written', 'require "fileinto"; fileinto "inbox"; keep;', ['keep']],
  [
    'a name as IMAP writes it is the mailbox that is meant (Roundcube)',
    'require "fileinto"; fileinto "&j,dg0TDhMPww6w-";',
    ['fileinto 迷惑メール'],
  ],
  ['and is itself where nothing is meant', 'require "fileinto"; fileinto "&ZcWITA-";', ['fileinto &ZcWITA-']],
  [
    'and is itself where a mailbox is called so',
    'require "fileinto"; fileinto "&j,dg0TDhMPww6w-";',
    ['fileinto &j,dg0TDhMPww6w-'],
    {},
    { mailboxes: [...usualMailboxes, { name: '&j,dg0TDhMPww6w-', mailboxId: 'M9', role: undefined }] },
  ],
  [
    'a test asks for it likewise',
    'require ["fileinto", "mailbox"]; if mailboxexists "&j,dg0TDhMPww6w-" { fileinto "Lists"; }',
    ['fileinto Lists'],
  ],
  ['keep after discard', 'discard; keep;', ['keep']],
  ['redirect to oneself keeps', 'redirect "Yamada@home.test";', ['keep']],
  [
    'redirect to oneself under another detail keeps',
    'redirect "hanako+a@home.test"; redirect "Yamada+b@home.test";',
    ['keep'],
    { to: 'hanako+c@home.test' },
  ],
  [
    'redirect where it has been under another detail keeps',
    'redirect "x+2@example.net";',
    ['keep'],
    { text: `Delivered-To: x+1@example.net\n${text}` },
  ],
  [
    'redirect where it has been keeps, also where ASCII cannot write it',
    'redirect "花子@example.net";',
    ['keep'],
    { text: `Delivered-To: 花子@example.net\n${text}` },
  ],
  [
    'what tells where it has been stays',
    'require ["editheader", "variables"]; set "f" "delivered-to"; deleteheader "${f}"; redirect "x@example.net";',
    ['keep', 'problem main 1:62'],
    { text: `Delivered-To: x@example.net\n${text}` },
  ],
  [
    'redirect where it has been keeps',
    'redirect "x@example.net";',
    ['keep'],
    { text: `Delivered-To: x@example.net\n${text}` },
  ],
  [
    'redirect of what has travelled too far keeps',
    'redirect "x@example.net";',
    ['keep'],
    { text: 'Received: by x\n'.repeat(25) + text },
  ],
  ['junk is kept, not redirected', 'redirect "x@example.net";', ['keep'], { content: { verdict: 'junk' } }],
  [
    'too many notifications',
    `require "enotify"; ${Array.from({ length: 9 }, (_, n) => `notify "mailto:p${n}@example.net";`).join(' ')}`,
    ['keep', 'problem main 1:276'],
  ],
  [
    'too many redirects',
    'redirect "a@example.net"; redirect "b@example.net"; redirect "c@example.net"; redirect "d@example.net"; redirect "e@example.net";',
    ['keep', 'problem main 1:105'],
  ],
  [
    'an unknown list',
    'require "extlists"; if header :list "subject" "tag:none" { discard; }',
    ['keep', 'problem main 1:21'],
  ],
  [
    'an empty list redirects to nobody',
    'require "extlists"; redirect :list "tag:a";',
    ['keep'],
    {},
    { lists: { 'tag:a': [] } },
  ],
  [
    'nothing of what came before a failure is done',
    'require ["fileinto", "variables"]; fileinto "a"; redirect "b@example.net"; set "x" "no address"; redirect "${x}";',
    ['keep', 'problem main 1:98'],
  ],
  ['reject and fileinto', 'require ["reject", "fileinto"]; reject "no"; fileinto "a";', ['keep', 'problem main 1:33']],
  [
    'reject and discard go together',
    'require ["reject"]; discard; reject "no";',
    ['reply to taro@example.org', 'reject: no'],
  ],
  ['vacation twice', 'require "vacation"; vacation "a"; vacation "b";', ['keep', 'problem main 1:35']],
  ['a script that is wrong', 'keep; nonsense;', ['keep', 'problem main 1:7']],
  [
    'a regular expression of a variable',
    'require ["regex", "variables"]; set "r" "("; if header :regex "subject" "${r}" { discard; }',
    ['keep', 'problem main 1:46'],
  ],
  ['error', 'require "ihave"; error "out of order";', ['keep', 'problem main 1:18']],
  [
    'a mailbox named by a variable',
    'require ["fileinto", "variables"]; fileinto "${none}";',
    ['keep', 'problem main 1:36'],
  ],
  ['an included script that is missing', 'require "include"; include "none";', ['keep', 'problem main 1:20']],
  ['an included script that may be missing', 'require "include"; include :optional "none"; discard;', []],
  [
    'an included script that is wrong',
    'require "include"; include "bad";',
    ['keep', 'problem main 1:20'],
    {},
    { personal: { bad: 'keep' } },
  ],
  [
    'a failure in an included script has its name',
    'require "include"; include "a";',
    ['keep', 'problem a 2:1'],
    {},
    { personal: { a: 'require "ihave";\nerror "x";' } },
  ],
  [
    'stop in an included script ends all',
    'require "include"; include "a"; discard;',
    ['keep'],
    {},
    { personal: { a: 'stop;' } },
  ],
  [
    'return in an included script ends that',
    'require "include"; include "a"; discard;',
    [],
    {},
    { personal: { a: 'require "include"; return; redirect "x@example.net";' } },
  ],
  ['return in the main script ends all', 'require "include"; return; discard;', ['keep']],
  [
    'once',
    'require ["include", "fileinto"]; include :once "a"; include :once "a";',
    ['fileinto 1'],
    {},
    {
      personal: {
        a: 'require ["fileinto", "variables", "include"]; set "global.n" "1${global.n}"; fileinto "${global.n}";',
      },
    },
  ],
  [
    'twice',
    'require ["include", "fileinto"]; include "a"; include "a";',
    ['fileinto 1', 'fileinto 11'],
    {},
    {
      personal: {
        a: 'require ["fileinto", "variables", "include"]; set "global.n" "1${global.n}"; fileinto "${global.n}";',
      },
    },
  ],
  [
    'variables are the script’s own',
    'require ["include", "variables", "fileinto"]; set "a" "x"; include "a"; fileinto "<${a}>";',
    ['fileinto <>', 'fileinto <x>'],
    {},
    { personal: { a: 'require ["variables", "fileinto"]; fileinto "<${a}>"; set "a" "y";' } },
  ],
  [
    'a cycle',
    'require "include"; include "a";',
    ['keep', 'problem b 1:20'],
    {},
    { personal: { a: 'require "include"; include "b";', b: 'require "include"; include "a";' } },
  ],
  ['itself', 'require "include"; include "main";', ['keep', 'problem main 1:20']],
  [
    'no envelope for IMAP',
    'require "envelope"; if envelope "from" "x" { }',
    ['fileinto Lists', 'problem main 1:21'],
    { event: { cause: 'FLAG', mailbox: 'Lists', changedFlags: ['a'], flags: [], user: 'u', email: 'u@home.test' } },
  ],
  [
    'no vacation for IMAP',
    'require "vacation"; vacation "x";',
    ['fileinto Lists', 'problem main 1:21'],
    { event: { cause: 'FLAG', mailbox: 'Lists', changedFlags: [], flags: [], user: 'u', email: 'u@home.test' } },
  ],
  [
    'keep with flags for IMAP',
    'require ["imap4flags", "environment", "imapsieve"]; if environment :contains "imap.changedflags" "a" { addflag "seen-a"; }',
    ['fileinto Lists seen-a'],
    {
      event: { cause: 'FLAG', mailbox: 'Lists', changedFlags: ['a', 'b'], flags: [], user: 'u', email: 'u@home.test' },
    },
  ],
]

for (const [what, script, result, letter, around] of rows)
  test(what, async () => {
    const filed = await fileLetter(script === '' ? undefined : script, { text, ...letter }, around)
    assert.deepEqual(summary(filed), result)
    if (filed.problem) assert.match(filed.problem.text.ja, /[ぁ-ん]/)
  })

test('what no action asked for is marked so; what keep asked for is not', async () => {
  assert.equal((await fileLetter('stop;', { text })).placements[0]?.implicit, true)
  assert.equal((await fileLetter('keep;', { text })).placements[0]?.implicit, undefined)
  assert.equal(
    (await fileLetter('redirect "x@example.net";', { text, content: { verdict: 'junk' } })).placements[0]?.implicit,
    true,
  )
})

test('a surrounding that fails keeps the message and is told', async () => {
  const errors: unknown[] = []
  const around = {
    failed: (error: unknown) => errors.push(error),
    lists: new Proxy(
      {},
      {
        get: () => {
          throw new Error('database is gone')
        },
      },
    ),
  }
  const filed = await fileLetter('require "extlists"; if header :list "subject" "tag:a" { discard; }', { text }, around)
  assert.deepEqual(summary(filed), ['keep', 'problem main 1:1'])
  assert.match(String(errors), /database is gone/)
})

const doubling = `require "variables"; set "a" "${'x'.repeat(1000)}"; ${'set "a" "${a}${a}${a}${a}"; '.repeat(1500)}`
const pattern = 'a?'.repeat(200) + 'a'.repeat(200)
const bombs: readonly (readonly [string, string, Partial<Letter>?, Surroundings?])[] = [
  ['variables that double', doubling],
  [
    '(a+)+$',
    'require "regex"; if header :regex "subject" "^(a+)+$" { discard; }',
    { text: `Subject: ${'a'.repeat(100_000)}!\n\n` },
  ],
  [
    '(a|a|a)*',
    'require "regex"; if header :regex "subject" "^((a|a|a)*)*$" { discard; }',
    { text: `Subject: ${'a'.repeat(100_000)}!\n\n` },
  ],
  [
    'a?…a',
    `require "regex"; if header :regex "subject" "^${pattern}$" { discard; }`,
    { text: `Subject: ${'a'.repeat(5000)}\n\n` },
  ],
  [
    'nested repeats',
    'require "regex"; if header :regex "subject" "((a{1,9}){1,9}){1,9}b" { discard; }',
    { text: `Subject: ${'a'.repeat(50_000)}\n\n` },
  ],
  [
    'many wildcards',
    `if header :matches "subject" "${'*a'.repeat(2000)}*b" { discard; }`,
    { text: `Subject: ${'a'.repeat(100_000)}\n\n` },
  ],
  [
    'one long wildcard',
    `if header :matches "subject" "*${'a'.repeat(20_000)}b*" { discard; }`,
    { text: `Subject: ${'a'.repeat(60_000)}\n\n` },
  ],
  [
    'keys × values',
    `if header :contains "x" [${Array.from({ length: 5000 }, (_, index) => `"k${index}"`).join(',')}] { discard; }`,
    { text: `${`X: ${'y'.repeat(50)}\n`.repeat(9000)}\n` },
  ],
  [
    'many tests of the body',
    `require "body"; ${'if body :contains "zzz" { discard; }'.repeat(1500)}`,
    { text: `Subject: x\n\n${'words '.repeat(150_000)}` },
  ],
  [
    'deeply nested parts',
    'require ["foreverypart", "mime"]; foreverypart { foreverypart { foreverypart { foreverypart { if header :mime :anychild "x" "y" { discard; } } } } }',
    { text: nestedParts(90) },
  ],
  [
    'ten thousand parts',
    'require ["foreverypart", "mime"]; foreverypart { if header :mime "x" "y" { discard; } }',
    { text: manyParts(10_000) },
  ],
  [
    'include fans',
    'require "include"; include "a";',
    {},
    {
      personal: Object.fromEntries(
        'abcdefghi'
          .split('')
          .map((name, index, all) => [name, `require "include"; ${`include "${all[index + 1] ?? 'z'}"; `.repeat(30)}`]),
      ),
    },
  ],
  ['many edits', `require "editheader"; ${'addheader "X-A" "b"; '.repeat(3000)}`],
  [
    'many actions',
    `require "fileinto"; ${Array.from({ length: 2000 }, (_, index) => `fileinto "m${index}"; `).join('')}`,
  ],
  [
    'many flags',
    `require "imap4flags"; addflag "${Array.from({ length: 5000 }, (_, index) => `f${index}`).join(' ')}";`,
  ],
  [
    'many variables',
    `require "variables"; ${Array.from({ length: 3000 }, (_, index) => `set "v${index}" "x"; `).join('')}`,
  ],
]

for (const [what, script, letter, around] of bombs)
  test(`a bomb: ${what}`, async () => {
    const limits = { maxScriptBytes: 1024 * 1024 }
    compiled(script, limits.maxScriptBytes)
    const began = performance.now()
    const gauge = monitorEventLoopDelay({ resolution: 1 })
    gauge.enable()
    const filed = await fileLetter(script, { text, ...letter }, { ...around, limits })
    const took = performance.now() - began
    gauge.disable()
    // some ten milliseconds where nothing else runs
    assert.ok(gauge.max / 1e6 < 250, `held the loop for ${gauge.max / 1e6} ms`)
    // the message is there, once, whether the script came to its end or not
    assert.equal(filed.placements.length, 1)
    assert.ok(took < 4000, `${took} ms`)
  })

test('others run while a long script does', async () => {
  let ticks = 0
  const timer = setInterval(() => ticks++, 1)
  const script = `require "body"; ${'if body :contains "zzz" { discard; }'.repeat(1500)}`
  await fileLetter(
    script,
    { text: `Subject: x\n\n${'words '.repeat(100_000)}` },
    { limits: { maxScriptBytes: 1024 * 1024 } },
  )
  clearInterval(timer)
  assert.ok(ticks >= 3, `${ticks} ticks`)
})

// It kept the letter and told its owner that the script had failed: whoever stopped the server unfiled mail with that.
test('a run that is aborted decides nothing: the letter comes again', async () => {
  const { createSieveFiler } = await import('./filer.ts')
  const { messageOf, testPorts } = await import('./sieve.testbed.ts')
  const script = `require "body"; ${'if body :contains "zzz" { discard; }'.repeat(1500)}`
  const filer = createSieveFiler(testPorts({}, script), { failed() {}, passedOver() {} })
  const letter = messageOf({ text: `Subject: x\n\n${'words '.repeat(100_000)}` })
  const over = new Error('the server stops')
  await assert.rejects(filer(letter, AbortSignal.abort(over)), over)
  const stop = new AbortController()
  const running = filer(letter, stop.signal)
  setImmediate(() => stop.abort(over))
  await assert.rejects(running, over)
  assert.deepEqual(summary(await filer(messageOf({ text: 'Subject: x\n\nshort' }), new AbortController().signal)), [
    'keep',
  ])
})

/** 40 MB that are nowhere whole: what lies behind the first part of it is passed on, not looked at. */
function largeSource(): MessageSource {
  const head = Buffer.from('From: a@example.org\r\nSubject: large\r\n\r\n')
  const chunk = Buffer.alloc(64 * 1024, 'large words\r\n')
  return {
    sizeBytes: head.length + 640 * chunk.length,
    place: { kind: 'stream' },
    async *open() {
      yield head
      for (let count = 0; count < 640; count++) yield chunk
    },
  }
}

test('a large message is edited without being held', async () => {
  const source = largeSource()
  const script =
    'require ["editheader", "enclose", "body"]; if body :contains "large words" { addheader "X-A" "b"; enclose "see"; }'
  const filed = await fileLetter(script, { text: '', source })
  const stored = filed.placements[0]?.edited
  assert.ok(stored)
  assert.equal(stored.place.kind, 'stream')
  let size = 0
  let last = ''
  for await (const piece of stored.open()) {
    size += piece.length
    last = Buffer.from(piece.subarray(-60)).toString()
  }
  assert.equal(size, stored.sizeBytes)
  assert.match(last, /--=_enclosed_.*--\r\n$/)
})

for (const [what, fill] of [
  ['the end of a large part lies far behind what is held', 3 * 1024 * 1024],
  // the delimiter stands across the end of what is held
  ['the end of the part lies just there', 1024 * 1024 - 118 - 10],
] as const)
  test(`replace: ${what}`, async () => {
    const front = 'Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=out\r\n\r\n--out\r\n'
    const large = 'Content-Type: application/zip\r\n\r\n'
    const back = '\r\n--out\r\nContent-Type: text/plain\r\n\r\nwords behind it\r\n--out--\r\n'
    const script =
      'require ["foreverypart", "mime", "replace"]; foreverypart { if header :mime :subtype "content-type" "zip" { replace "gone"; } }'
    const entity = 'Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 7bit\r\n\r\ngone\r\n'
    // each place of the delimiter against the end of what is held
    for (let more = 0; more < (fill > 2e6 ? 1 : 12); more++) {
      const whole = Buffer.from(front + large + 'z'.repeat(fill + more) + back + 'x'.repeat(2 * 1024 * 1024))
      const source: MessageSource = {
        sizeBytes: whole.length,
        place: { kind: 'stream' },
        async *open() {
          for (let at = 0; at < whole.length; at += 65_536) yield whole.subarray(at, at + 65_536)
        },
      }
      const edited = (await fileLetter(script, { text: '', source })).placements[0]?.edited
      assert.ok(edited)
      const bytes = await bytesOf(edited)
      assert.equal(edited.sizeBytes, bytes.length)
      assert.equal(bytes.slice(0, bytes.indexOf('xxx')), front + entity + back)
    }
  })

test('a message that nothing changed is the very source', async () => {
  const source = memorySource(Buffer.from(text))
  const filed = await fileLetter('require "fileinto"; fileinto "a";', { text: '', source })
  assert.equal(filed.placements[0]?.edited, undefined)
  assert.equal(await bytesOf(source), text)
})

function nestedParts(depth: number): string {
  let body = 'end\n'
  for (let level = depth; level > 0; level--)
    body = `Content-Type: multipart/mixed; boundary=b${level}\n\n--b${level}\n${body}\n--b${level}--\n`
  return `Subject: x\nMIME-Version: 1.0\n${body}`
}

function manyParts(count: number): string {
  return `Subject: x\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n${'--b\n\nx\n'.repeat(count)}--b--\n`
}
