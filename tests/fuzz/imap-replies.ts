/**
 * What an IMAP server may say, strictly, for all extensions of ours: framing, the grammar of each response, and that no command
 * is answered twice. RFC 9051 §9 and the ABNF of each extension.
 */
import { readDate, readEnvelope, readStructure } from '../walk/fetch-response.ts'
import { parseResponse } from '../walk/response.ts'
import { parseRespText } from '../walk/response-code.ts'
import { Scanner } from '../walk/scanner.ts'

/** Read by the walk */
const ordinary = /^\* (?:\d+ (?:EXISTS|RECENT|EXPUNGE)|FLAGS|CAPABILITY|ENABLED|LIST|LSUB|OK|NO|BAD|BYE|PREAUTH)(?: |$)/
/** Any ASTRING-CHAR except "+"; `*` answers what had none. */
const tagged = /^([!#$&',\-./0-9:;<=>?@A-Z[\]^_`a-z|}~]+) (?:OK|NO|BAD) /

const lineBeginning = /(?<=^|\n)([!#$&',\-./0-9:;<=>?@A-Z[\]^_`a-z|}~]+)/g

/** What is wrong with it, if anything is. What was cut off at the end is not. */
export function wrongReplies(heard: Buffer, sent: Buffer): string | undefined {
  const answered = new Map<string, number>()
  try {
    for (const response of responses(heard.toString('latin1'))) {
      const tag = readResponse(response)
      if (tag !== undefined) answered.set(tag, (answered.get(tag) ?? 0) + 1)
    }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
  const asked = new Map<string, number>()
  for (const [, tag = ''] of sent.toString('latin1').matchAll(lineBeginning)) asked.set(tag, (asked.get(tag) ?? 0) + 1)
  for (const [tag, count] of answered) {
    const times = asked.get(tag) ?? 0
    if (count > times) return `${tag} was answered ${count} times, and asked ${times} times`
  }
  return unanswered(heard.toString('latin1'), sent.toString('latin1'))
}

/** A command may have more lines than one, or the connection changes under it. */
const manyLines = /\{\d+\+?\}\r?\n|IDLE|AUTHENTICATE|STARTTLS|COMPRESS|LOGOUT[^]*LOGOUT/i

/** Where each line is a command, each has an answer: up to `q9 LOGOUT`, which the answered one has sent last. */
function unanswered(heard: string, sent: string): string | undefined {
  if (manyLines.test(sent) || !/^q9 OK /m.test(heard)) return undefined
  const lines = sent.split('\n').slice(0, -1)
  const asked = lines.filter(line => line !== '\r').length
  let answers = 0
  for (const response of responses(heard)) if (tagged.test(response) || response.startsWith('* BAD ')) answers++
  return answers === asked
    ? undefined
    : `${answers} answers to ${asked} commands: ${JSON.stringify(sent.slice(-1_000))}`
}

/** Whole ones, without the last CRLF. */
function* responses(text: string): Generator<string> {
  let from = 0
  for (let at = 0; ; ) {
    const end = text.indexOf('\r\n', at)
    if (end < 0) return
    const literal = /\{(\d+)\}$/.exec(text.slice(Math.max(at, end - 20), end))
    at = end + 2 + Number(literal?.[1] ?? 0)
    if (literal) continue
    yield text.slice(from, end)
    from = at
  }
}

/** The tag, where there is one. */
function readResponse(response: string): string | undefined {
  const scan = new Scanner(response)
  if (response.includes('SERVERBUG')) scan.fail('no fault of ours')
  if (response.startsWith('+ ')) {
    scan.match(/\+ [^\r\n\0]*/y, 'text')
    return scan.end() as undefined
  }
  const tag = tagged.exec(response)
  if (tag) {
    scan.at = tag[0].length
    parseRespText(scan)
    scan.end()
    return tag[1]
  }
  if (ordinary.test(response)) parseResponse(response)
  else {
    scan.expect('* ')
    untagged(scan)
    scan.end()
  }
  return undefined
}

function untagged(scan: Scanner): void {
  const fetched = scan.tryMatch(/[1-9]\d* (?:UID)?FETCH /y)
  if (fetched) return void scan.list(() => fetchItem(scan))
  const name = scan.match(/[A-Z]+/y, 'the name of a response')
  switch (name) {
    case 'SEARCH':
    case 'SORT':
      return numbers(scan)
    case 'ESEARCH':
      return esearch(scan)
    case 'THREAD':
      if (scan.try(' '))
        do thread(scan)
        while (scan.peek('('))
      return
    case 'VANISHED':
      scan.sp()
      scan.try('(EARLIER) ')
      return set(scan)
    case 'NAMESPACE':
      for (let n = 0; n < 3; n++) {
        scan.sp()
        value(scan)
      }
      return
    case 'ID':
      scan.sp()
      return void (scan.try('NIL') || scan.list(() => scan.nstring()))
    case 'QUOTA':
      scan.sp()
      scan.astring()
      scan.sp()
      return void scan.list(() => scan.match(/[A-Z-]+ \d+ \d+/y, 'a quota resource'))
    case 'QUOTAROOT':
      scan.sp()
      scan.astring()
      while (scan.try(' ')) scan.astring()
      return
    case 'STATUS':
      return mailboxStatus(scan)
    case 'METADATA':
      return metadata(scan)
    default:
      return scan.fail('a response we know')
  }
}

function numbers(scan: Scanner): void {
  while (scan.try(' ')) {
    if (scan.tryMatch(/\(MODSEQ [1-9]\d*\)/y)) return
    scan.nzNumber()
  }
}

/** RFC 4731 §3.1, 5267 §4, 7377 §2.1, 9394 §3.1 */
function esearch(scan: Scanner): void {
  if (scan.try(' (TAG ')) {
    scan.string()
    if (scan.try(' MAILBOX ')) {
      scan.astring()
      scan.expect(' UIDVALIDITY ')
      scan.nzNumber()
    }
    scan.expect(')')
  }
  scan.try(' UID')
  while (scan.try(' ')) {
    const name = scan.match(/(?:MIN|MAX|COUNT|ALL|MODSEQ|PARTIAL|ADDTO|REMOVEFROM|RELEVANCY)(?= )/y, 'a return item')
    scan.sp()
    if (name === 'ALL') set(scan)
    else if (name === 'MODSEQ') scan.number64()
    else if (name === 'RELEVANCY') scan.list(() => scan.nzNumber())
    else if (name === 'PARTIAL') scan.match(/\(-?[1-9]\d*:-?[1-9]\d* (?:NIL|[\d:,]+)\)/y, 'a partial result')
    else if (name === 'ADDTO' || name === 'REMOVEFROM') scan.match(/\(\d+ [\d:,]+(?: \d+ [\d:,]+)*\)/y, 'positions')
    else scan.number()
  }
}

function thread(scan: Scanner): void {
  scan.expect('(')
  while (!scan.try(')')) {
    if (scan.peek('(')) thread(scan)
    else {
      scan.nzNumber()
      scan.try(' ')
    }
  }
}

function set(scan: Scanner): void {
  scan.match(/[1-9]\d{0,9}(?::[1-9]\d{0,9})?(?:,[1-9]\d{0,9}(?::[1-9]\d{0,9})?)*/y, 'a set')
}

/** Numbers, but MAILBOXID (RFC 8474 §4.3) and APPENDLIMIT (RFC 7889 §4) */
function mailboxStatus(scan: Scanner): void {
  scan.sp()
  scan.astring()
  scan.sp()
  scan.list(() => {
    const name = scan.atom()
    scan.sp()
    if (name === 'MAILBOXID') scan.match(/\([A-Za-z0-9_-]{1,255}\)/y, 'an object id')
    else if (name !== 'APPENDLIMIT' || !scan.try('NIL')) scan.number64()
  })
}

/** RFC 5464 §4.4: names and values, or the names of what has changed */
function metadata(scan: Scanner): void {
  scan.sp()
  scan.astring()
  scan.sp()
  if (!scan.peek('(')) {
    do scan.astring()
    while (scan.try(' '))
    return
  }
  scan.list(() => {
    const name = scan.astring()
    if (!name.startsWith('/')) scan.fail('the name of an entry')
    scan.sp()
    scan.nstring()
  })
}

function value(scan: Scanner): void {
  if (!scan.peek('(')) return void scan.nstring()
  scan.expect('(')
  while (!scan.try(')')) {
    value(scan)
    scan.try(' ')
  }
}

function fetchItem(scan: Scanner): void {
  const name = scan.match(/[A-Z0-9.]+/y, 'the name of a fetch item')
  if (scan.try('[')) return section(scan, name)
  scan.sp()
  switch (name) {
    case 'UID':
      return void scan.nzNumber()
    case 'RFC822.SIZE':
      return void scan.number()
    case 'FLAGS':
      return void scan.list(() => scan.flag())
    case 'MODSEQ':
      return void scan.match(/\([1-9]\d*\)/y, 'a mod-sequence')
    case 'INTERNALDATE':
      return void readDate(scan)
    case 'SAVEDATE':
      return void (scan.try('NIL') || readDate(scan))
    case 'ENVELOPE':
      return void readEnvelope(scan)
    case 'BODY':
    case 'BODYSTRUCTURE':
      return void readStructure(scan)
    case 'EMAILID':
      return void scan.match(/\([A-Za-z0-9_-]{1,255}\)/y, 'an object id')
    case 'THREADID':
      return void scan.match(/NIL|\([A-Za-z0-9_-]{1,255}\)/y, 'an object id')
    case 'PREVIEW':
    case 'RFC822':
    case 'RFC822.HEADER':
    case 'RFC822.TEXT':
      return void scan.nstring()
    default:
      scan.fail(`a fetch item we know instead of ${name}`)
  }
}

/** `BODY[1.HEADER.FIELDS (Subject "To")]<0> {12}…`, `BINARY[1]`, `BINARY.SIZE[1] 12` */
function section(scan: Scanner, name: string): void {
  if (!/^(?:BODY|BINARY|BINARY\.SIZE)$/.test(name)) scan.fail('BODY or BINARY before a section')
  scan.tryMatch(/[1-9]\d*(?:\.[1-9]\d*)*(?:\.(?=[A-Z]))?/y)
  const text = scan.tryMatch(/HEADER\.FIELDS(?:\.NOT)?|HEADER|TEXT|MIME/y)?.[0]
  if (text?.startsWith('HEADER.FIELDS')) {
    scan.sp()
    scan.list(() => scan.astring())
  }
  scan.expect(']')
  scan.tryMatch(/<\d+>/y)
  scan.sp()
  if (name === 'BINARY.SIZE') scan.number()
  else scan.nstring()
}
