/** The POP3 server on a real store, in each state of a session. */
import { address, letterOf, password, withPop3 } from '#protocols/pop3/pop3.testbed.ts'
import { servePop3 } from '#protocols/pop3/server.ts'
import { type State, type Step } from './hostile-session.ts'
import { pop3Protocol } from './pop3-replies.ts'
import { mutated, type Words } from './mutate.ts'
import { spoken } from './seeds.ts'
import { sessionPlays, unthrottled } from './session-plays.ts'
import { type Target, watching } from './target.ts'

const words: Words = [
  '\r\n',
  '\n',
  '\r',
  '\0',
  'USER ',
  'PASS ',
  'RETR 1\r\n',
  'TOP 1 0\r\n',
  'TOP 1 99999999999\r\n',
  'UIDL\r\n',
  'LIST 2\r\n',
  'RSET\r\n',
  'CAPA\r\n',
  'STLS\r\n',
  'UTF8\r\n',
  'LANG ja\r\n',
  'LANG ',
  'AUTH\r\n',
  'AUTH PLAIN\r\n',
  'AUTH PLAIN =\r\n',
  '*\r\n',
  'APOP a b\r\n',
  'QUIT\r\n',
  Buffer.alloc(40, 0xff),
  Buffer.alloc(13_000, 0x78),
]
const ok = (line: string): Step => ({ send: `${line}\r\n`, until: /^\+OK.*\r\n/m })
const long = (line: string): Step => ({ send: `${line}\r\n`, until: /^\+OK[^]*?\r\n\.\r\n/m })
const ask = (line: string): Step => ({ send: `${line}\r\n`, until: /^\+ .*\r\n/m })
const plain = Buffer.from(`\0${address}\0${password}`).toString('base64')
const login = [ok(`USER ${address}`), ok(`PASS ${password}`)]
const states: Readonly<Record<string, State>> = {
  greeted: { prelude: [], finish: long('CAPA') },
  'after USER': { prelude: login.slice(0, 1), finish: ok(`PASS ${password}`) },
  'in AUTH': { prelude: [ask('AUTH PLAIN')], finish: ok(plain) },
  'in AUTH, second step': {
    prelude: [ask('AUTH SCRAM-SHA-256'), ask(Buffer.from(`n,,n=${address},r=abcdefgh`).toString('base64'))],
    finish: { send: '*\r\n', until: /^-ERR.*\r\n/m },
  },
  UTF8: { prelude: [ok('UTF8')], finish: ok(`USER ${address}`) },
  'LANG ja': { prelude: [ok('LANG ja'), ok('UTF8')] },
  'logged in': { prelude: login, finish: ok('STAT') },
  'logged in, UTF8, LANG ja': { prelude: [ok('UTF8'), ok('LANG ja'), ...login], finish: long('UIDL') },
  'logged in by AUTH': { prelude: [ok(`AUTH PLAIN ${plain}`)], finish: ok('NOOP') },
  'after RETR': { prelude: [...login, long('RETR 1')], finish: ok('DELE 1') },
  'after DELE': { prelude: [...login, ok('DELE 1')], finish: ok('RSET') },
  'in UPDATE': { prelude: [...login, ok('DELE 1'), ok('QUIT')] },
}

export const pop3Server: Target = {
  name: 'pop3',
  weight: 2,
  async run(fuzz) {
    const watch = watching()
    await withPop3(
      async bed => {
        const seeds = spoken('pop3', 'C')
        const authenticator = unthrottled(bed.options.authenticator, password)
        const options = { ...bed.options, authenticator }
        const serve = (connection: Parameters<typeof servePop3>[0]) =>
          servePop3(connection, { clientAddress: '127.0.0.1' }, options, bed.stop.signal)
        const bench = { serve, protocol: pop3Protocol, watch }
        const before = async () => {
          if ((await bed.inboxSize()) < 3) for (const octets of [120, 200, 5_000]) await bed.deliver(letterOf(octets))
        }
        const plays = sessionPlays(states, bench, random => mutated(seeds, words, random), before)
        await fuzz(plays, watch)
      },
      { log: watch.log },
    )
  },
}
