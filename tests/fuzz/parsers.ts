/** Every parser that reads what others wrote: it never throws, and what it understood it can write and read again. */
import { isIP } from 'node:net'
import { isDeepStrictEqual } from 'node:util'
import { parseConfig } from '#config/load.ts'
import {
  canonicalAddress,
  parseAddress,
  printAddress,
  printStrictAddress,
  splitSubaddress,
} from '#formats/address/address.ts'
import { canonicalDomain, literalAddress } from '#formats/address/domain.ts'
import { maxAddressOctets } from '#formats/address/limits.ts'
import { examine } from '#formats/content/examine.ts'
import { maxTokens } from '#formats/content/limits.ts'
import { decodeText, decodeUnlabelled } from '#formats/charset/decode.ts'
import { detectCharset } from '#formats/charset/detect.ts'
import { parseDeliveryStatus } from '#formats/dsn/parse-status.ts'
import { printDeliveryStatus } from '#formats/dsn/print-status.ts'
import { mailboxesOf, parseAddressList } from '#formats/message/address-list.ts'
import { parseContentType, parseDisposition, parseLanguages } from '#formats/message/content.ts'
import { parseDate, printDate } from '#formats/message/date.ts'
import { describeMessage } from '#formats/message/describe.ts'
import { decodeWords } from '#formats/message/encoded-word.ts'
import { cut, forgedResults } from '#formats/message/forged.ts'
import { parseHeader, unfold } from '#formats/message/header.ts'
import { inspectForSubmission } from '#formats/message/inspect-submission.ts'
import { parseMessageIds } from '#formats/message/message-id.ts'
import { decodeParameters, fileName } from '#formats/message/parameters.ts'
import { textOf } from '#formats/message/text-of.ts'
import { decodeTransfer } from '#formats/message/transfer.ts'
import { heloRemark } from '#mail/checks/helo.ts'
import { printJunkField, readJunkField } from '#mail/content/field.ts'
import { evidenceWeights } from '#mail/content/weights.ts'
import { methodResult } from '#mail/authenticity/arc/results.ts'
import { arcSets } from '#mail/authenticity/arc/sets.ts'
import { parsePublicKey } from '#mail/authenticity/dkim/public-key.ts'
import { parseSignature } from '#mail/authenticity/dkim/signature.ts'
import { signedHeader } from '#mail/authenticity/dkim/signed-header.ts'
import { parseDmarcRecord } from '#mail/authenticity/dmarc/record.ts'
import { parseIp } from '#mail/authenticity/spf/ip.ts'
import { parseMacroString } from '#mail/authenticity/spf/macro.ts'
import { parseSpfRecord } from '#mail/authenticity/spf/record.ts'
import { parseTagList } from '#mail/authenticity/tag-list.ts'
import { parsePasswdFile } from '#mail/directory/passwd-file.ts'
import { openFacts, signFacts } from '#mail/facts.ts'
import type { DeliveryId } from '#mail/ids.ts'
import { readListContent } from '#mail/recipient-list-file.ts'
import { readProxyHeader } from '#net/proxy-header.ts'
import { parseClamdReply } from '#protocols/clamd/reply.ts'
import { Framer } from '#protocols/imap/syntax/framing.ts'
import { decodeMailboxName, encodeMailboxName } from '#formats/mailbox-name.ts'
import { parseRequest as parseImapRequest } from '#protocols/imap/syntax/parse-request.ts'
import { printRequest as printImapRequest } from '#protocols/imap/syntax/print-request.ts'
import { parseRequest as parsePop3Request } from '#protocols/pop3/syntax/request.ts'
import { parseAnswer } from '#protocols/rspamd/answer.ts'
import { parseClientFinal, parseClientFirst, parseServerFirst } from '#protocols/sasl/syntax/scram.ts'
import { parseCommand } from '#protocols/smtp/syntax/command.ts'
import { readClientClaim } from '#protocols/smtp/syntax/xclient.ts'
import { ReplyReader } from '#protocols/smtp/syntax/reply.ts'
import { changed, type Words } from './mutate.ts'
import { configurations, letters, spoken } from './seeds.ts'
import { type Target, watching } from './target.ts'

/** 192.0.2.1, version 2, with a TLV behind */
const proxyBlock = Buffer.from('0d0a0d0a000d0a515549540a2111000fc0000201c633640110e10019040000', 'hex')

/** No header is longer than what is there, and what is said of an address is one. */
function proxyHeader(input: Buffer): string | undefined {
  const read = readProxyHeader(input)
  if (read.kind === 'header' && read.length > input.length) return 'A header is longer than its octets'
  const source = read.kind === 'header' ? read.source : undefined
  return source && (isIP(source.address) === 0 || source.port > 65_535) ? `No address: ${source.address}` : undefined
}

/** Nothing that could end a line or a field comes in by a claim. */
function clientClaim(input: Buffer): string | undefined {
  const text = JSON.stringify(readClientClaim(input.toString('utf8')) ?? {})
  return /\\[rnu]|[^ -~]/.test(text) ? `A claim with controls: ${text}` : undefined
}

type Parser = {
  readonly state: string
  readonly seeds: readonly Uint8Array[]
  readonly words?: Words
  /** What is wrong with what came out, if anything is */
  readonly parse: (input: Buffer) => string | undefined | void
}

const bytes = (...texts: readonly string[]) => texts.map(text => Buffer.from(text))
const mailWords: Words = [
  '=?utf-8?B?44GC?=',
  '=?iso-2022-jp?B?GyRCJCIbKEI=?=',
  '=?x?Q?=00=?=',
  '\x1b$B',
  '\x1b(B',
  'Content-Type: multipart/mixed; boundary="b"\r\n',
  'Content-Type: message/rfc822\r\n',
  'Content-Transfer-Encoding: base64\r\n',
  '--b\r\n',
  '--b--\r\n',
  '\r\n\r\n',
  "filename*0*=utf-8''%E3%81",
  'filename*9999999=x',
  '(((((((((((((((((((((',
  '"\\',
  '<@a,@b:c@d>',
  ';;;,,,:',
  'group: a@b, c;',
  Buffer.alloc(2000, 0x28),
  Buffer.alloc(100, 0xe3),
]
const key = new Uint8Array(32).fill(7)
const facts = signFacts(
  {
    attempt: { id: 'front.1.1' as DeliveryId, mayBeRepeat: false, gone: [] } as never,
    clientAddress: '192.0.2.1',
    helo: 'mx.example.org',
    tls: undefined,
    receivedAt: 1_790_000_000_000,
    held: false,
  },
  { recipients: ['hanako@home.test'], hash: new Uint8Array(32), sizeBytes: 3 },
  key,
)
const status = bytes(
  'Reporting-MTA: dns; mx.home.test\r\nArrival-Date: Mon, 7 Feb 1994 21:52:25 -0800\r\n\r\nOriginal-Recipient: rfc822;a@b.example\r\nFinal-Recipient: rfc822; a@b.example\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 no\r\n',
  'Reporting-MTA: dns; x\r\n\r\nFinal-Recipient: utf-8; \\x{3042}@b.example\r\nAction: delayed\r\nStatus: 4.0.0\r\n',
)

function parsers(): readonly Parser[] {
  const eml = letters()
  const headers = eml.map(letter => letter.subarray(0, Math.max(0, letter.indexOf('\r\n\r\n'))))
  return [
    {
      state: 'addresses',
      seeds: bytes(
        'a@b.example',
        '"odd local"@b.example',
        'a..b.@docomo.ne.jp',
        '例@例え.jp',
        'a@[192.0.2.1]',
        'a+b@b.example',
        'a@[IPv6:2001:db8::1]',
      ),
      parse: address,
    },
    {
      state: 'address lists',
      seeds: [
        ...bytes(
          'A <a@b.example>, "B, C" <d@e.example>',
          'g: a@b.example, c@d.example;',
          'a@b (comment (nested)), <@r:c@d>',
        ),
        ...headers,
      ],
      parse: addressList,
    },
    { state: 'header fields', seeds: headers, parse: header },
    { state: 'MIME', seeds: eml, parse: mime },
    { state: 'charsets', seeds: eml, parse: charset },
    { state: 'content', seeds: [...eml, ...hostileContent], parse: content },
    { state: 'junk verdicts', seeds: junkFields, parse: junkField },
    {
      state: 'answers of scanners',
      seeds: bytes('stream: Eicar FOUND', 'stream: OK', '{"action":"reject","score":1,"symbols":{"A":{"score":2}}}'),
      parse: scannerAnswer,
    },
    {
      state: 'dates',
      seeds: bytes('Mon, 7 Feb 1994 21:52:25 -0800', '1 Jan 70 00:00 GMT (x)', 'Thu, 31 Dec 2037 23:59:60 +1400'),
      parse: date,
    },
    { state: 'DSN', seeds: status, parse: deliveryStatus },
    {
      state: 'facts field',
      seeds: [facts, facts.subarray(0, 60), Buffer.from('Hikyaku-Delivery: v1\r\n e30\r\n AA\r\n')],
      parse: input => void openFacts(input, key),
    },
    {
      state: 'config',
      seeds: configurations(),
      words: [
        '${env:HOME}',
        '${file:x}',
        '$X',
        '{{x}}',
        '&a',
        '*a',
        '!!js/function',
        '<<: *a',
        '- ',
        '? ',
        '|',
        '[[[[[[[[[',
        '{a: ',
      ],
      parse: input => void parseConfig(input.toString('utf8'), { path: '/nowhere/hikyaku.yaml', env: {} }),
    },
    {
      state: 'passwd-file',
      seeds: bytes(
        'hanako@home.test:{PLAIN}x::::::userdb_quota_rule=*:storage=1G\n',
        'a@home.test:{SHA512-CRYPT}$6$salt$hash:1:1:Name,,,:/home:/bin/sh:nologin\n',
        'b:{ARGON2ID}$argon2id$v=19$m=65536,t=3,p=1$c2FsdA$aGFzaA\n',
        'c:{SSHA.HEX}00\n',
      ),
      words: [
        '{',
        '}',
        '$',
        ':',
        '{SHA512-CRYPT.b64}',
        '$6$rounds=99999999999$',
        '$argon2id$v=19$m=4294967295,t=4294967295,p=1$',
        '{PBKDF2}$1$a$999999999$',
      ],
      parse: input => void parsePasswdFile(input),
    },
    {
      state: 'recipient list',
      seeds: bytes(
        '{"version":1,"writtenAt":1790000000000,"names":"plain","domains":[{"name":"home.test","separators":"+","catchAll":false}],"recipients":{"a@home.test":"known"}}',
      ),
      words: ['"__proto__":', 'null', '[]', '{}', '1e999'],
      parse: input => void readListContent(input.toString('utf8')),
    },
    { state: 'SMTP commands', seeds: spoken('smtp', 'C'), parse: input => void parseCommand(input) },
    {
      state: 'PROXY headers',
      seeds: [...bytes('PROXY TCP4 192.0.2.1 198.51.100.1 4321 25\r\n', 'PROXY UNKNOWN\r\n'), proxyBlock],
      words: ['PROXY ', 'TCP6', 'UNKNOWN', '\r\n', '\0', '\r\n\r\n\0\r\nQUIT\n', '::1'],
      parse: proxyHeader,
    },
    {
      state: 'XCLIENT',
      seeds: bytes('NAME=a.test ADDR=IPV6:2001:db8::1 PORT=25 HELO=a+2Etest', 'ADDR=[UNAVAILABLE] PROTO=SMTP'),
      words: ['NAME=', 'ADDR=', 'IPV6:', '[TEMPUNAVAIL]', '+0D', '+0A', ' '],
      parse: clientClaim,
    },
    {
      state: 'HELO',
      seeds: bytes('mx.internet.test', '[192.0.2.1]', '[IPv6:2001:db8::1]', '192.0.2.1', '日本語.test'),
      words: ['[', ']', '.', ':', 'IPv6:'],
      parse: input => void heloRemark(input.toString('utf8'), '192.0.2.1', name => name === 'mx.home.test'),
    },
    { state: 'SMTP replies', seeds: spoken('smtp', 'S'), parse: replies },
    {
      state: 'IMAP requests',
      seeds: spoken('imap', 'C'),
      words: ['(', ')', '"', '{3}', '*', 'NOT ', 'OR ', 'BODY[', '1:*', '$'],
      parse: imapRequest,
    },
    {
      state: 'IMAP mailbox names',
      seeds: bytes('&MEI-', 'INBOX', '&-', 'a&AAA-b', '&2AA-', 'メール'),
      words: ['&', '-', '&-', '/', ','],
      parse: mailboxName,
    },
    {
      state: 'SPF records',
      seeds: bytes(
        'v=spf1 include:_spf.example.org a:mail.example.org/24//64 mx ip4:192.0.2.0/24 ip6:2001:db8::/32 -all',
        'v=spf1 exists:%{ir}.%{v}._spf.%{d2} redirect=x.example.org exp=e.%{o}',
      ),
      words: ['%{', '}', '%%', '/', '//', ':', '=', ' ', 'r-', 'ip6:'],
      parse: spfRecord,
    },
    {
      state: 'DKIM and DMARC tags',
      seeds: bytes(
        'v=1; a=rsa-sha256; c=relaxed/simple; d=example.org; s=k; h=from:to; bh=AA==; b=AA==; l=3; t=1; x=2; i=@example.org',
        'v=DKIM1; k=ed25519; t=y:s; h=sha256; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=',
        'v=DMARC1; p=reject; sp=none; np=quarantine; psd=n; t=y; rua=mailto:d@example.org',
      ),
      words: [';', '=', ':', 'b=', 'p=', ' ', '\r\n '],
      parse: tags,
    },
    {
      state: 'chains and results',
      seeds: bytes(
        'ARC-Seal: i=1; a=rsa-sha256; cv=none; d=list.test; s=k; b=AA==\r\nARC-Message-Signature: i=1; a=rsa-sha256; d=list.test; s=k; h=from; bh=AA==; b=AA==\r\nARC-Authentication-Results: i=1; list.test; dmarc=pass (p=none) header.from="a;b"\r\nFrom: a@b.test\r\n\r\n',
      ),
      words: ['i=1', 'i=2', ';', '(', ')', '"', '\\', '\r\n'],
      parse: chain,
    },
    { state: 'POP3 requests', seeds: spoken('pop3', 'C'), parse: input => void parsePop3Request(input) },
    {
      state: 'SCRAM',
      seeds: bytes(
        'n,,n=user,r=nonce',
        'y,a=b,n==2C,r=x',
        'p=tls-exporter,,n=u,r=n',
        'c=biws,r=nonce,p=cHJvb2Y=',
        'r=nonce,s=c2FsdA==,i=4096',
      ),
      words: [',', '=', 'm=x', 'p=', 'i=99999999999'],
      parse: scram,
    },
  ]
}

function address(input: Buffer): string | undefined {
  const text = input.toString('utf8')
  void [canonicalAddress(text), canonicalDomain(text), literalAddress(text), splitSubaddress(text, '+')]
  const parsed = parseAddress(text)
  if (!parsed) return undefined
  // quotation marks may bring it over the limit of a path
  const fitting = [printAddress(parsed), printStrictAddress(parsed)].filter(
    printed => Buffer.byteLength(printed) <= maxAddressOctets,
  )
  for (const printed of fitting)
    if (!isDeepStrictEqual(parseAddress(printed), parsed))
      return `${JSON.stringify(text)} became ${JSON.stringify(printed)}`
  return undefined
}

function spfRecord(input: Buffer): void {
  const text = input.toString('latin1')
  void [parseSpfRecord(text), parseMacroString(text, true), parseIp(text)]
}

function tags(input: Buffer): string | undefined {
  const text = input.toString('latin1')
  void [parseSignature(text), parseSignature(text, 'arc'), parsePublicKey(text), parseDmarcRecord(text)]
  const found = parseTagList(text)
  const printed = found && [...found].map(([name, value]) => `${name}=${value}`).join(';')
  return printed === undefined || isDeepStrictEqual(parseTagList(printed), found) ? undefined : 'tags read otherwise'
}

function chain(input: Buffer): void {
  const header = signedHeader(input.toString('latin1'), parseHeader(input, Infinity))
  void arcSets(header)
  void methodResult(header.text, 'dmarc')
}

function addressList(input: Buffer): void {
  mailboxesOf(parseAddressList(input))
}

function header(input: Buffer): void {
  for (const field of parseHeader(input)) {
    const value = unfold(input, field)
    void [decodeWords(value), parseMessageIds(value, 100), parseLanguages(value), parseDate(value)]
    const type = parseContentType(value)
    const disposition = parseDisposition(value)
    void [decodeParameters(type?.parameters ?? []), fileName(disposition?.parameters, type?.parameters)]
  }
}

function mime(input: Buffer): string | undefined {
  void [describeMessage(input), textOf(input), inspectForSubmission(input)]
  const rest = cut(input, forgedResults(input, 'home.test'))
  return forgedResults(rest, 'home.test').length === 0 ? undefined : 'a forged field is left'
}

function charset(input: Buffer): void {
  const detected = detectCharset(input)
  void [decodeUnlabelled(input), decodeText(input, typeof detected === 'string' ? detected : 'iso-2022-jp')]
  for (const label of ['utf-7', 'cp50221', 'shift_jis', 'euc-jp', 'x-unknown']) decodeText(input, label)
  for (const encoding of ['base64', 'quoted-printable', 'x-unknown']) decodeTransfer(input, encoding)
}

function date(input: Buffer): string | undefined {
  const ms = parseDate(input)
  if (ms === undefined) return undefined
  const again = parseDate(Buffer.from(printDate(ms)))
  return again === ms ? undefined : `${ms} became ${again}`
}

/** Zips, links and addresses in names */
const hostileContent = bytes(
  'From: "a@b.example" <c@d.example>\r\nContent-Type: text/html\r\n\r\n<a href="http://xn--80ak6aa92e.example@1.2.3.4/">https://b.example</a><img>',
  `Content-Type: application/zip; name="a.pdf.zip"\r\nContent-Transfer-Encoding: base64\r\n\r\n${Buffer.from('504b0304140001000800000000000000000005000000ffffffff050000006f2e7a6970', 'hex').toString('base64')}\r\n`,
)
const junkFields = bytes(
  'X-Hikyaku-Junk: yes score=7.4 from=5 spamtest=8 virustest=1\r\n\treason=like-junk:6.2:words=%E5%BD%93,junk=+12 reason=a:1\r\n',
  'X-Hikyaku-Junk: no score=-1 from=5 spamtest=1 virustest=5 virus=Eicar\r\n',
)

function content(input: Buffer): string | undefined {
  const { evidence, tokens } = examine(input, { receivedAt: 1_800_000_000_000, shorteners: new Set(), seed: 1 })
  const unknown = evidence.find(({ code }) => evidenceWeights[code] === undefined)
  if (unknown) return `evidence without a weight: ${unknown.code}`
  return tokens.length > maxTokens ? `${tokens.length} tokens` : undefined
}

function junkField(input: Buffer): string | undefined {
  const kept = readJunkField(input)
  const again = kept && readJunkField(printJunkField(kept))
  return isDeepStrictEqual(again, kept) ? undefined : `printed differently: ${JSON.stringify(kept)}`
}

function scannerAnswer(input: Buffer): void {
  const text = input.toString('utf8')
  parseClamdReply(text)
  try {
    parseAnswer(text)
  } catch {
    // says what is wrong with it; its caller counts the scanner as absent
  }
}

function deliveryStatus(input: Buffer): string | undefined {
  const parsed = parseDeliveryStatus(input)
  return parsed && parseDeliveryStatus(Buffer.from(printDeliveryStatus(parsed, true))) === undefined
    ? `what was printed cannot be read: ${JSON.stringify(parsed)}`
    : undefined
}

function replies(input: Buffer): void {
  const reader = new ReplyReader()
  for (const line of input.toString('latin1').split('\r\n'))
    if (reader.add(Buffer.from(line, 'latin1')) === 'problem') return
}

function imapRequest(input: Buffer): string | undefined {
  const line = input.subarray(0, Math.max(0, input.indexOf('\r\n')))
  const limits = { lineBytes: 100_000, literalBytes: 100_000, appendBytes: 100_000 }
  const step = new Framer().line(line, limits as never)
  if (step.kind !== 'request') return undefined
  // the length stands for a choice: the same input always fails or passes
  const dialect = { rev2: line.length % 3 === 1, utf8Accept: line.length % 3 === 2 }
  const parsed = parseImapRequest(step.request, dialect)
  if ('problem' in parsed) return undefined
  const print = (request: typeof parsed) => printImapRequest(request, { nonSynchronizing: false, dialect })
  const printed = print(parsed)
  const again = parseImapRequest(printed, dialect)
  return !('problem' in again) && isDeepStrictEqual(print(again), printed) ? undefined : `printed differently: ${line}`
}

function mailboxName(input: Buffer): string | undefined {
  const name = decodeMailboxName(input)
  if (name === undefined) return undefined
  const again = decodeMailboxName(Buffer.from(encodeMailboxName(name)))
  return again === name ? undefined : `${JSON.stringify(name)} became ${JSON.stringify(again)}`
}

function scram(input: Buffer): void {
  const text = input.toString('utf8')
  void [parseClientFirst(text), parseClientFinal(text), parseServerFirst(text)]
}

export const allParsers: Target = {
  name: 'parsers',
  run: fuzz =>
    fuzz(
      parsers().map(({ state, seeds, words = mailWords, parse }) => ({
        state,
        play: random => parse(changed(random.pick(seeds), seeds, words, random)) ?? undefined,
      })),
      watching(),
    ),
}
