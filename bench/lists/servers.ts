// The servers whose lists are compared: each is started, filled with the same letters and stopped by its hook.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { imapParty, jmapParty, type Party } from './party.ts'

const bench = join(import.meta.dirname, '..')
export const peers = process.env['PEERS'] ?? '/tmp/peers-of-hikyaku'
const shift = Number(process.env['SHIFT'] ?? 0)
const ours = Number(process.env['PORTS_AT'] ?? 12_700)

/**
 * Where JMAP is asked. A loopback address of its own, so that a route can say that our kernel acknowledges every packet at once:
 * Cyrus holds its last packet back until then (Nagle), and 40 ms of waiting would hide its own work.
 */
export const address = '127.0.0.2'

export type Server = {
  readonly name: 'ours' | 'cyrus' | 'dovecot'
  readonly imap: number
  /** As IMAP and JMAP want them; Dovecot's second one is searched by dovecot-fts-xapian */
  readonly users: readonly string[]
  readonly fill: (letters: number) => void
}

const env = {
  ...process.env,
  PEERS: peers,
  SHAPE: 'jmap',
  STORE: process.env['STORE'] ?? 'mdbox',
  FTS: 'xapian',
  LETTERS: '--inbox 1',
  HTTP_ADDRESS: address,
}

export const servers: readonly Server[] = [
  {
    name: 'ours',
    imap: ours + 43,
    users: ['u60@example.test'],
    fill: letters => hook('ours', 'fill', 'u60', String(letters), '4096'),
  },
  {
    name: 'cyrus',
    imap: 12_243 + shift,
    users: ['u60'],
    fill: letters => hook('cyrus', 'gen', 'u60', String(letters), '4096'),
  },
  {
    name: 'dovecot',
    imap: 12_143 + shift,
    users: ['u60@example.test', 'u61@example.test'],
    fill: letters => {
      for (const user of ['u60', 'u61']) hook('dovecot', 'gen', user, String(letters), '4096')
    },
  },
]

/** Fills an empty server; flags come by IMAP, then indexes are built as a night would have done. */
export async function fill(server: Server, letters: number): Promise<void> {
  for (const act of ['stop', 'reset', 'start']) hook(server.name, act)
  server.fill(letters)
  for (const user of server.users) imap(server, user, flagging(letters))
  if (server.name === 'cyrus') hook('cyrus', 'index', 'u60')
  if (server.name === 'dovecot') hook('dovecot', 'index', 'u61')
  if (server.name === 'ours') await indexed()
}

/** Ours indexes by itself, behind the letters. */
async function indexed(): Promise<void> {
  for (let seconds = 0; seconds < 600; seconds++) {
    await setTimeout(1000)
    const metrics = await (await fetch(`http://127.0.0.1:${ours + 65}/metrics`)).text()
    if (/^hikyaku_search_lag_messages 0$/m.test(metrics)) return
  }
  throw new Error('Not indexed within ten minutes')
}

export function hook(name: Server['name'], ...args: readonly string[]): void {
  const done = spawnSync(join(bench, `${name}.sh`), args, { env, stdio: ['ignore', 2, 2] })
  if (done.status !== 0) throw new Error(`${name}.sh ${args.join(' ')} ended with ${done.status}`)
}

/** One letter in ten is unread, one in twenty flagged. */
function flagging(letters: number): string {
  const every = (step: number) => Array.from({ length: Math.floor(letters / step) }, (_, index) => step * (index + 1))
  const store = (numbers: readonly number[], what: string) =>
    Array.from({ length: Math.ceil(numbers.length / 200) }, (_, piece) => {
      const set = numbers.slice(200 * piece, 200 * (piece + 1)).join(',')
      return `cmd f STORE ${set} ${what}\n`
    }).join('')
  const seen = 'cmd s SELECT INBOX\ncmd f STORE 1:* +FLAGS.SILENT (\\Seen)\n'
  return seen + store(every(10), '-FLAGS.SILENT (\\Seen)') + store(every(20), '+FLAGS.SILENT (\\Flagged)')
}

/** One more letter, number `next`, the newest */
export function deliver(server: Server, user: string, next: number): void {
  imap(server, user, `multiappend x INBOX 1 4096 ${next}\n`)
}

function imap({ imap: port }: Server, user: string, input: string): void {
  const [, number = '', domain = ''] = /^u(\d+)(.*)$/.exec(user) ?? []
  const args = ['imap', '--port', String(port), '--u', number, '--user', `u%ld${domain}`, '--inbox', '1']
  const done = spawnSync(join(peers, 'bin', 'mb'), args, { input, encoding: 'utf8' })
  if (done.status !== 0) throw new Error(`${user} at ${port}: ${done.stderr}`)
}

export type Asked = Party & { readonly server: Server; readonly user: string }

/** Everybody who is asked, in the order of the columns; ours first, by either protocol. */
export async function parties(letters: number): Promise<readonly Asked[]> {
  const asked: Asked[] = []
  for (const server of servers) {
    const { name, imap: port, users } = server
    for (const [at, user] of users.entries()) {
      const place = { name: at === 0 ? `${name}-imap` : `${name}.xapian-imap`, user, letters }
      const http = `http://${address}:${name === 'ours' ? ours + 80 : 12_280 + shift}`
      if (name !== 'dovecot')
        asked.push({ ...(await jmapParty({ ...place, name: `${name}-jmap` }, http)), server, user })
      if (name !== 'cyrus') asked.push({ ...(await imapParty(place, port)), server, user })
    }
  }
  return asked
}
