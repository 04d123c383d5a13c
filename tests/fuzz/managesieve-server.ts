/** The ManageSieve server on a real store, in each state of a session. */
import { address, password, withManageSieve } from '#protocols/managesieve/managesieve.testbed.ts'
import { serveManageSieve } from '#protocols/managesieve/server.ts'
import { type State, type Step } from './hostile-session.ts'
import { manageSieveProtocol } from './managesieve-replies.ts'
import { mutated, type Words } from './mutate.ts'
import { spoken } from './seeds.ts'
import { sessionPlays, unthrottled } from './session-plays.ts'
import { type Target, watching } from './target.ts'

const words: Words = [
  '\r\n',
  '\n',
  '\r',
  '\0',
  '"',
  '\\',
  '{3+}\r\n',
  '{0+}\r\n',
  '{3}\r\n',
  '{99999999999+}\r\n',
  '{4294967295+}\r\n',
  '{20000+}\r\n',
  'CAPABILITY\r\n',
  'NOOP "x"\r\n',
  'LISTSCRIPTS\r\n',
  'PUTSCRIPT "a" {5+}\r\nkeep;\r\n',
  'CHECKSCRIPT "if true { keep; }"\r\n',
  'CHECKSCRIPT {20000+}\r\n',
  'SETACTIVE "a"\r\n',
  'SETACTIVE ""\r\n',
  'GETSCRIPT "a"\r\n',
  'HAVESPACE "a" 4294967296\r\n',
  'RENAMESCRIPT "a" "b"\r\n',
  'DELETESCRIPT "a"\r\n',
  'AUTHENTICATE "PLAIN"\r\n',
  'AUTHENTICATE "PLAIN" ""\r\n',
  '"*"\r\n',
  'UNAUTHENTICATE\r\n',
  'STARTTLS\r\n',
  'LOGOUT\r\n',
  Buffer.alloc(40, 0xff),
  Buffer.alloc(9_000, 0x78),
]
const ok = (line: string): Step => ({ send: `${line}\r\n`, until: /^OK.*\r\n/m })
const ask = (line: string): Step => ({ send: `${line}\r\n`, until: /^".*"\r\n/m })
const plain = Buffer.from(`\0${address}\0${password}`).toString('base64')
const login = ok(`AUTHENTICATE "PLAIN" "${plain}"`)
const put = ok('PUTSCRIPT "main" {14+}\r\nkeep; # active')
const states: Readonly<Record<string, State>> = {
  greeted: { prelude: [], finish: ok('CAPABILITY') },
  'in AUTHENTICATE': { prelude: [ask('AUTHENTICATE "PLAIN"')], finish: ok(`"${plain}"`) },
  'in AUTHENTICATE, second step': {
    prelude: [
      ask('AUTHENTICATE "SCRAM-SHA-256"'),
      ask(`"${Buffer.from(`n,,n=${address},r=abcdefgh`).toString('base64')}"`),
    ],
    finish: { send: '"*"\r\n', until: /^NO.*\r\n/m },
  },
  'logged in': { prelude: [login], finish: ok('LISTSCRIPTS') },
  'with an active script': { prelude: [login, put, ok('SETACTIVE "main"')], finish: ok('NOOP') },
  'in a literal': {
    prelude: [login, { send: 'PUTSCRIPT "open" {5+}\r\nke' }],
    finish: { send: 'ep;\r\n', until: /^OK.*\r\n/m },
  },
  'after UNAUTHENTICATE': { prelude: [login, ok('UNAUTHENTICATE')], finish: login },
}

export const manageSieveServer: Target = {
  name: 'managesieve',
  weight: 1,
  async run(fuzz) {
    const watch = watching()
    await withManageSieve(
      async bed => {
        const seeds = spoken('managesieve', 'C')
        const authenticator = unthrottled(bed.options.authenticator, password)
        const options = { ...bed.options, authenticator }
        const serve = (connection: Parameters<typeof serveManageSieve>[0]) =>
          serveManageSieve(connection, { clientAddress: '127.0.0.1' }, options, bed.stop.signal)
        const bench = { serve, protocol: manageSieveProtocol, watch }
        const plays = sessionPlays(states, bench, random => mutated(seeds, words, random))
        await fuzz(plays, watch)
      },
      { log: watch.log },
    )
  },
}
