/** SMTP (mx, submission) and LMTP servers: in each state of a session, and every transaction is settled once. */
import type { SmtpProfile } from '#mail/receiving.ts'
import { serveSmtp } from '#protocols/smtp/server.ts'
import { smtpBench } from '#protocols/smtp/smtp.testbed.ts'
import { dialogue } from './dialogue.ts'
import { mutated, type Words } from './mutate.ts'
import { spoken } from './seeds.ts'
import { type Play, type Target, watching } from './target.ts'

const words: Words = [
  '\r\n',
  '\n',
  '\r',
  '.',
  '\r\n.\r\n',
  '\r\n.\n',
  '\n.\r\n',
  '\r\n..\r\n',
  '\0',
  'EHLO x\r\n',
  'LHLO x\r\n',
  'DATA\r\n',
  'BDAT 5\r\n',
  'BDAT 0 LAST\r\n',
  'BDAT 99999999999\r\n',
  'RSET\r\n',
  'STARTTLS\r\n',
  'AUTH PLAIN\r\n',
  'AUTH SCRAM-SHA-256 =\r\n',
  'XHIKYAKU HELLO origin=front boot=1\r\n',
  'XHIKYAKU SETTLE front.1.1 hanako@home.test front.1.2 a+2Bb@home.test\r\n',
  'XHIKYAKU TELL 1 LAST W10=\r\n',
  'XCLIENT NAME=a.test ADDR=IPV6:2001:db8::1 HELO=a+2Eb\r\n',
  'PROXY TCP4 192.0.2.1 198.51.100.1 4321 25\r\n',
  ' LOGIN=[UNAVAILABLE] PORT=99999',
  'Hikyaku-Delivery: v1\r\n e30\r\n AA\r\n',
  'MAIL FROM:<>\r\n',
  'RCPT TO:<hanako@home.test>\r\n',
  ' SIZE=99999999999999999999',
  ' BODY=BINARYMIME',
  ' SMTPUTF8',
  ' ORCPT=rfc822;a+2Bb',
  ' NOTIFY=NEVER,SUCCESS',
  Buffer.alloc(40, 0xff),
  Buffer.alloc(5000, 0x78),
]
const mail = ['MAIL FROM:<a@example.org>', 'RCPT TO:<hanako@home.test>']
const plainLogin = 'AUTH PLAIN AGhhbmFrb0Bob21lLnRlc3QAc2VjcmV0'
const gatewayLogin = `AUTH PLAIN ${Buffer.from('\0front\0secret').toString('base64')}`
const letter = 'Subject: seed\r\n\r\nText\r\n.\r\n'

function states(profile: SmtpProfile): Readonly<Record<string, readonly string[]>> {
  const hello = [profile === 'lmtp' ? 'LHLO x' : 'EHLO x', ...(profile === 'submission' ? [plainLogin] : [])]
  const from = profile === 'submission' ? ['MAIL FROM:<hanako@home.test>', 'RCPT TO:<a@example.org>'] : mail
  return {
    greeted: [],
    hello: [profile === 'lmtp' ? 'LHLO x' : 'EHLO x'],
    ready: hello,
    ...(profile !== 'mx' && { 'in AUTH': [hello[0] ?? '', 'AUTH LOGIN'] }),
    sender: [...hello, ...from.slice(0, 1)],
    recipient: [...hello, ...from],
    data: [...hello, ...from, 'DATA'],
    'after BDAT': [...hello, ...from, 'BDAT 8\r\nA: b\r\n'],
    ...(profile === 'lmtp' && {
      gateway: ['LHLO x', gatewayLogin],
      'gateway, settling': ['LHLO x', gatewayLogin, 'XHIKYAKU HELLO origin=front boot=1'],
    }),
    'after a message': [...hello, ...from, 'DATA', letter.slice(0, -2)],
  }
}

export const smtpServers: readonly Target[] = (['mx', 'submission', 'lmtp'] as const).map(profile => ({
  name: profile,
  async run(fuzz) {
    const watch = watching()
    await using bench = await smtpBench(profile, {
      maxMessageBytes: 20_000,
      plaintextLogins: true,
      log: watch.log,
      isTrustedProxy: () => true,
      timeouts: { commandMs: 500, dataMs: 500 },
      ...(profile === 'lmtp' && {
        peers: { certificates: new Map(), passwords: new Map([['front', 'secret']]), allowUnauthenticated: true },
      }),
    })
    let begun = 0
    const { begin } = bench.receiver
    bench.receiver.begin = (...args) => {
      begun++
      return begin(...args)
    }
    const seeds = spoken('smtp', 'C')
    const client = { clientAddress: '192.0.2.1', clientPort: 4321, localPort: 25 }
    const stop = new AbortController()
    const plays = Object.entries(states(profile)).map(
      ([state, prelude]): Play => ({
        state,
        async play(random) {
          const input = mutated(seeds, words, random)
          const serve = (connection: Parameters<typeof serveSmtp>[0]) =>
            serveSmtp(connection, { ...bench.options, client }, stop.signal)
          const wrong = await dialogue(serve, prelude, input, random, watch.buffers)
          bench.receiver.taken.length = 0
          bench.receiver.settledNews.length = 0
          bench.receiver.hellos.length = 0
          const unsettled = begun - bench.receiver.outcomes.length
          begun = bench.receiver.outcomes.length = 0
          return wrong ?? (unsettled === 0 ? undefined : `${unsettled} transactions were not settled once`)
        },
      }),
    )
    await fuzz(plays, watch)
  },
}))
