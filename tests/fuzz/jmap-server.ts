/** The JMAP server on a real store: its API by bodies that are nearly JMAP, and its door by octets that are nearly HTTP. */
import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { letter } from '#mail/accounts.testbed.ts'
import { authorization, type JmapBed, password, withJmap } from '#protocols/jmap/jmap.testbed.ts'
import type { Random } from '../support/random.ts'
import type { State, Step } from './hostile-session.ts'
import { jmapProtocol } from './jmap-replies.ts'
import { mutated, type Words } from './mutate.ts'
import { sessionPlays, unthrottled } from './session-plays.ts'
import { type Target, watching } from './target.ts'

/** What JSON and JMAP trip over, a word a line */
const jsonWords: Words = [
  ...String.raw`
{
}
[
]
,
:
"
null
true
-1
1e999
0.5
9007199254740993
""
"\ud800"
"\u0000"
"__proto__":
"#ids":
"#k"
"ids":null
"*"
"properties":[]
{"resultOf":"0","name":"Email/query","path":"/ids"}
{"resultOf":"0","name":"Email/get","path":"/list/*/*/*"}
"Email/get"
"Email/set"
"Email/query"
"Email/queryChanges"
"Mailbox/set"
"Mailbox/changes"
"Thread/get"
"Email/parse"
"Email/import"
"Blob/get"
"Blob/upload"
"SearchSnippet/get"
{"operator":"NOT","conditions":[
{"property":"subject"}
"mailboxIds/M1":null
"keywords/$seen":true
"header:Subject:asAddresses:all"
"header:X:asDate"
"bodyValues":{"1":{"value":"x"}}
"L1-1"
"U1"
"2026-11-27T00:00:00Z"
"maxChanges":1
"position":-9
"anchor":"E1"
"collapseThreads":true`
    .trim()
    .split('\n'),
  Buffer.alloc(60, 0xff),
  Buffer.alloc(3_000, '['),
  Buffer.from(`{"a":`.repeat(300)),
]
const httpWords: Words = [
  ...String.raw`
Content-Length: 5
Content-Length: -1
Content-Length: 99999999999999999999
Expect: 100-continue
Transfer-Encoding: chunked
FFFFFFFFFFFFFFFF
Connection: close
Origin: https://evil.test
Range: bytes=0-0,5-
Authorization: Basic !
Host:
Content-Type: text/plain
/jmap/api
/jmap/session
/jmap/upload/
/jmap/download/
/jmap/eventsource?types=*
/%2e%2e/
 HTTP/1.0`
    .trim()
    .split('\n')
    .map(word => `${word}\r\n`),
  '\n',
  '\r',
  '\0',
  '\r\n\r\n',
  ' HTTP/1.1\r\n',
  'HEAD ',
  '5\r\nabcde\r\n0\r\n\r\n',
  `Authorization: ${authorization}\r\n`,
  Buffer.alloc(40, 0xff),
  Buffer.alloc(9_000, 0x78),
]

export const jmapServer: Target = {
  name: 'jmap',
  weight: 2,
  async run(fuzz) {
    const watch = watching()
    await withJmap(
      async bed => {
        bed.quota.limitBytes = 8_000_000
        const ids = await fill(bed)
        const bodies = bodiesOf(bed, ids)
        const requests = [...bodies.map(body => post('/jmap/api', body)), ...otherRequests(bed)]
        const serve = (connection: Parameters<typeof bed.serve>[0]) =>
          bed.serve(connection, { clientAddress: '127.0.0.1' }, bed.stop.signal)
        const input = (random: Random) => {
          if (random.integer(4) === 0) return mutated(requests, httpWords, random)
          // the length is right, whatever the body is: it gets to where it is read
          return post('/jmap/api', mutated([random.pick(bodies)], jsonWords, random))
        }
        await fuzz(sessionPlays(states, { serve, protocol: jmapProtocol, watch }, input), watch)
      },
      { log: watch.log, checkedBy: own => unthrottled(own, password) },
    )
  },
}

function head(line: string, more: readonly string[] = []): string {
  const fields = ['Host: home.test', `Authorization: ${authorization}`, ...more]
  return `${line} HTTP/1.1\r\n${fields.join('\r\n')}\r\n\r\n`
}

function post(target: string, body: Uint8Array): Buffer {
  const fields = ['Content-Type: application/json', `Content-Length: ${body.length}`]
  return Buffer.concat([Buffer.from(head(`POST ${target}`, fields)), body])
}

const using = ['urn:ietf:params:jmap:core', 'urn:ietf:params:jmap:mail']
const echo = Buffer.from(JSON.stringify({ using, methodCalls: [['Core/echo', { a: 1 }, 'x']] }))
const said = (octets: Buffer): Step => ({ send: octets.toString('latin1'), until: /HTTP\/1\.1 200/ })
const alive = said(Buffer.from(head('GET /jmap/session')))
const begun = post('/jmap/api', echo).toString('latin1')

const states: Readonly<Record<string, State>> = {
  fresh: { prelude: [], finish: alive },
  'after a request': { prelude: [said(post('/jmap/api', echo))], finish: alive },
  'in a header': { prelude: [{ send: begun.slice(0, 60) }], finish: said(Buffer.from(begun.slice(60))) },
  'in a body': { prelude: [{ send: begun.slice(0, -20) }], finish: said(Buffer.from(begun.slice(-20))) },
  'behind a request that was not heard': { prelude: [{ send: begun }], finish: alive },
}

/** Mailboxes and letters, some in threads, for what the transcripts name. */
async function fill({ account, accounts }: JmapBed): Promise<number> {
  const opened = await accounts.account(account)
  const inbox = await opened.mailboxNamed('INBOX')
  if (!inbox) throw new Error('There is no inbox')
  await opened.createMailbox('Plans/2026')
  const flags = { mode: 'add', system: 0, keywords: ['work'] } as const
  const letters = Array.from({ length: 30 }, (_, number) => ({
    message: letter(`Topic ${number % 4}`),
    flags,
    internalDate: number * 1000,
  }))
  await opened.append(inbox.id, letters)
  return letters.length
}

/** What clients say in the transcripts; names of what they were told become ids that are there. */
function bodiesOf({ accountId }: JmapBed, letters: number): readonly Buffer[] {
  const folder = path.join(import.meta.dirname, '../../src/protocols/jmap/transcripts')
  const files = globSync('*.txt', { cwd: folder }).sort()
  let number = 0
  const idFor = (name: string) => {
    number++
    if (name === 'accountId') return accountId
    if (/state/i.test(name)) return '1.1'
    if (/blob/i.test(name)) return `L${1 + (number % letters)}`
    if (/thread/i.test(name)) return `T${1 + (number % letters)}`
    return /box|inbox|sent|drafts|trash|junk|archive/i.test(name)
      ? `M${1 + (number % 7)}`
      : `E${1 + (number % letters)}`
  }
  return files.flatMap(file => {
    const steps = readFileSync(path.join(folder, file), 'utf8').matchAll(/^C:\s*\n([\s\S]*?)(?=^S:|^@|^#)/gm)
    return Array.from(steps, ([, text = '']) =>
      text.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => idFor(name)).trim(),
    )
      .filter(text => text.startsWith('['))
      .map(calls => Buffer.from(`{"using":${JSON.stringify(allOf)},"methodCalls":${calls}}`))
  })
}

/** Without submission: a letter that is sent takes its time */
const allOf = [...using, ...['blob', 'quota', 'vacationresponse'].map(name => `urn:ietf:params:jmap:${name}`)]

function otherRequests({ accountId }: JmapBed): readonly Buffer[] {
  const text = Buffer.from('From: a@internet.test\r\nSubject: x\r\n\r\nx\r\n')
  return [
    Buffer.from(head('GET /jmap/session')),
    Buffer.from(head('GET /.well-known/jmap')),
    Buffer.from(head('OPTIONS /jmap/api', ['Origin: https://other.test', 'Access-Control-Request-Method: POST'])),
    Buffer.from(head(`GET /jmap/download/${accountId}/L1/a.eml?type=text/plain`, ['Range: bytes=0-9'])),
    Buffer.from(head(`GET /jmap/download/${accountId}/L1-1/a.eml?type=text/plain`)),
    Buffer.from(head('GET /jmap/eventsource?types=Email&closeafter=state&ping=1')),
    post(`/jmap/upload/${accountId}/`, text),
  ]
}
