/** The POP3 server on a real store, in each state of a session. */
import type { Authenticator } from '#mail/auth.ts'
import { address, letterOf, password, withPop3 } from '#protocols/pop3/pop3.testbed.ts'
import { servePop3 } from '#protocols/pop3/server.ts'
import { dialogue } from './dialogue.ts'
import { mutated, type Words } from './mutate.ts'
import type { Random } from '../support/random.ts'
import { spoken } from './seeds.ts'
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
const login = [`USER ${address}`, `PASS ${password}`]
const states: Readonly<Record<string, readonly string[]>> = {
  greeted: [],
  'after USER': login.slice(0, 1),
  'in AUTH': ['AUTH PLAIN'],
  'logged in': login,
  'after RETR': [...login, 'RETR 1'],
}

export const pop3Server: Target = {
  name: 'pop3',
  async run(fuzz) {
    const watch = watching()
    await withPop3(
      async bed => {
        const seeds = spoken('pop3', 'C')
        const options = { ...bed.options, authenticator: unthrottled(bed.options.authenticator) }
        const plays = Object.entries(states).map(([state, prelude]) => ({
          state,
          async play(random: Random) {
            if ((await bed.inboxSize()) < 3) for (const octets of [120, 200, 5_000]) await bed.deliver(letterOf(octets))
            const input = mutated(seeds, words, random)
            const serve = (connection: Parameters<typeof servePop3>[0]) =>
              servePop3(connection, { clientAddress: '127.0.0.1' }, options, bed.stop.signal)
            return await dialogue(serve, prelude, input, random, watch.buffers)
          },
        }))
        await fuzz(plays, watch)
      },
      { log: watch.log },
    )
  },
}

/** Wrong passwords are not counted, or the throttle would shut the states behind a login. */
function unthrottled({ password: check, scram, scramReady }: Authenticator): Authenticator {
  return {
    scram,
    scramReady,
    async password(name, given, attempt) {
      return given === password ? await check(name, given, attempt) : { kind: 'refused', reason: 'wrong-password' }
    },
  }
}
