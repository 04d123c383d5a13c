// The short form of `npm run fuzz`. The same inputs each time, as many as 30 s hold: a change is judged by what went well before it; `npm run fuzz` looks
// for others.
import assert from 'node:assert/strict'
import test from 'node:test'
import { wrongReplies } from './imap-replies.ts'
import { wrongResponses } from './jmap-replies.ts'
import { LoopGauge } from './loop-gauge.ts'
import { fuzz, sentence } from './run.ts'

test('hostile input in every state, 30 s', { timeout: 180_000 }, async t => {
  const result = await fuzz({ seconds: 30, seed: 271127 })
  t.diagnostic(sentence(result))
  assert.deepEqual(result.findings, [])
  assert.equal(result.grew, false, sentence(result))
  assert.ok(result.inputs > 10 * result.states)
})

const asked = Buffer.from('a1 NOOP\r\n')
const replies: readonly (readonly [said: string, wrong: RegExp | undefined])[] = [
  ['* 1 EXISTS\r\n* 1 FETCH (UID 5 BODY[1.MIME]<0> {2}\r\n)( PREVIEW NIL)\r\na1 OK done\r\n', undefined],
  [
    '* STATUS a (MAILBOXID (M1) MESSAGES 0)\r\n* ESEARCH (TAG "x") UID PARTIAL (1:3 NIL) COUNT 0\r\na1 OK [MODIFIED 1] ',
    undefined,
  ],
  ['a1 OK done\r\na1 OK done\r\n', /answered 2 times/],
  ['a2 OK done\r\n', /asked 0 times/],
  ['* 1 FETCH (UID 0)\r\n', /above 0/],
  ['* 1 FETCH (BODY[] {3}\r\nabcd)\r\n', /expected/],
  ['* LIST () "/" a b\r\n', /expected/],
  ['a1 NO [SERVERBUG] An error\r\n', /fault/],
  ['* METADATA INBOX (comment "x")\r\n', /entry/],
  ['* GENERATED\r\n', /a response we know/],
]
test('a command without an answer is missed', () => {
  const sent = Buffer.from('a1 NOOP\r\n\r\na2 CHECK\r\n(\r\nq9 LOGOUT\r\n')
  const said = (answers: string) => Buffer.from(`* OK hello\r\n${answers}* BYE bye\r\nq9 OK bye\r\n`)
  assert.equal(wrongReplies(said('a1 OK done\r\na2 OK done\r\n* BAD no tag\r\n'), sent), undefined)
  assert.match(wrongReplies(said('a1 OK done\r\n* BAD no tag\r\n'), sent) ?? '', /^3 answers to 4 commands/)
})

for (const [said, wrong] of replies)
  test(`replies are judged: ${JSON.stringify(said)}`, () => {
    const found = wrongReplies(Buffer.from(said), asked)
    if (wrong) assert.match(found ?? '', wrong)
    else assert.equal(found, undefined)
  })

const http = (head: string, body: string) =>
  Buffer.from(`HTTP/1.1 ${head}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
const responses: readonly (readonly [said: Buffer, wrong: RegExp | undefined])[] = [
  [http('200 OK', '{"methodResponses":[["Core/echo",{},"a"],["error",{"type":"notRequest"},"b"]]}'), undefined],
  [http('400 Bad Request', '{"type":"urn:ietf:params:jmap:error:notJSON"}'), undefined],
  [http('200 OK', '{"methodResponses":[["error",{"type":"serverFail"},"b"]]}'), /fault of ours/],
  [http('200 OK', '{"methodResponses":[["error",{},"b"]]}'), /without a type/],
  [http('200 OK', '{"methodResponses":[["Core/echo",{}]]}'), /no response of a method/],
  [http('500 Oops', '{}'), /fault of ours/],
  [Buffer.concat([http('200 OK', '{}'), Buffer.from('rubbish\r\n\r\n')]), /no response/],
  [http('404 Not Found', '{}'), /no problem details/],
]
for (const [said, wrong] of responses)
  test(`JMAP's responses are judged: ${JSON.stringify(said.toString().slice(9))}`, () => {
    const found = wrongResponses(said)
    if (wrong) assert.match(found ?? '', wrong)
    else assert.equal(found, undefined)
  })

test('a loop that is held is measured', () => {
  const gauge = new LoopGauge()
  gauge.start()
  const until = process.threadCpuUsage().user + 80_000
  while (process.threadCpuUsage().user < until);
  gauge.stop()
  const longestMs = gauge.takeLongestMs()
  assert.ok(longestMs >= 70, `${longestMs} ms`)
  assert.equal(gauge.takeLongestMs(), 0)
})
