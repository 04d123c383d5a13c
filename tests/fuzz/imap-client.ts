/** Our IMAP client against a server that talks nonsense at one step of a session, and is good up to it. */
import { duplexPair, type Duplex } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { memorySource } from '#formats/message-source.ts'
import { Connection } from '#net/connection.ts'
import { Deflated } from '#net/deflated.ts'
import { ImapClient } from '#protocols/imap/client/client.ts'
import { ImapFailure } from '#protocols/imap/client/failure.ts'
import { star } from '#protocols/imap/syntax/sequence-set.ts'
import { maxBufferedBytes, pieces } from './dialogue.ts'
import { changed, type Words } from './mutate.ts'
import type { Random } from '../support/random.ts'
import { spoken } from './seeds.ts'
import { type Target, type Watch, watching } from './target.ts'

const words: Words = [
  '* OK ',
  '* BYE ',
  '* CAPABILITY IMAP4rev1 LITERAL+ AUTH=PLAIN AUTH=SCRAM-SHA-256 SASL-IR COMPRESS=DEFLATE\r\n',
  '* VANISHED (EARLIER) 1:4294967295\r\n',
  '* ESEARCH (TAG "h3") UID ALL 1,2,3:9 COUNT 9\r\n',
  '* LIST (\\HasChildren) "/" "a/&AGE-"\r\n',
  '* 1 FETCH (ENVELOPE ((((NIL))))\r\n',
  '[COPYUID 1 1:5 6,7] ',
  '* 1 FETCH (UID 1 BODY[] {5}\r\nabcde)\r\n',
  '{99999999999}\r\n',
  '{0}\r\n',
  '+ go\r\n',
  '+ cj1hLHM9YWFhYSxpPTQwOTY=\r\n',
  'h1 OK done\r\n',
  'h2 OK done\r\n',
  'h3 NO no\r\n',
  'h4 OK done\r\n',
  '\r\n',
  '\n',
  '\0',
  '* 4294967296 EXISTS\r\n',
  '* 1 FETCH (BODYSTRUCTURE ((((((((((((((((((((((((((((((((\r\n',
  '* THREAD ((1)(2))\r\n',
  '* METADATA "" (/shared/comment {3}\r\nabc)\r\n',
  '* OK [MODIFIED 1:4294967295] more\r\n',
  '* PREAUTH in already\r\n',
  Buffer.alloc(30, 0xff),
  Buffer.alloc(9000, 0x28),
]

type Step = {
  /** What a good server says: a list where it waits for the client between its elements */
  readonly said: readonly string[]
  readonly ask: (client: ImapClient) => Promise<unknown>
  readonly thenCompress?: boolean
}

const letter = memorySource(Buffer.from('From: hanako@home.test\r\nSubject: out\r\n\r\nText\r\n'))
const all = [{ first: 1, last: star }] as const
const body = { item: 'BODY[]', section: { part: [], text: { kind: 'ALL' } }, peek: true, partial: undefined } as const
const idleMs = 4
const challenge = Buffer.from('r=abc,s=c2FsdHNhbHQ=,i=4096').toString('base64')

/** In this order; `T` stands for the tag of the command. */
const steps: Readonly<Record<string, Step>> = {
  greeting: { said: ['* OK hello\r\n'], ask: () => Promise.resolve() },
  CAPABILITY: {
    said: ['* CAPABILITY IMAP4rev1 LITERAL- ESEARCH SASL-IR UIDPLUS CONDSTORE\r\nT OK can\r\n'],
    ask: client => client.capability(),
  },
  LOGIN: {
    said: ['T OK [CAPABILITY IMAP4rev1 ESEARCH UIDPLUS ENABLE QRESYNC COMPRESS=DEFLATE] in\r\n'],
    ask: client => client.login('hanako@home.test', 'secret'),
  },
  ENABLE: { said: ['* ENABLED QRESYNC\r\nT OK done\r\n'], ask: client => client.enable('QRESYNC') },
  LIST: {
    said: ['* LIST (\\HasNoChildren) "/" INBOX\r\n* LIST () "/" {4}\r\na&-b\r\nT OK done\r\n'],
    ask: client => client.list(),
  },
  STATUS: {
    said: ['* STATUS INBOX (MESSAGES 3 UIDNEXT 4)\r\nT OK done\r\n'],
    ask: client => client.status('INBOX', ['MESSAGES', 'UIDNEXT']),
  },
  SELECT: {
    said: [
      '* 3 EXISTS\r\n* FLAGS (\\Seen x)\r\n* OK [UIDVALIDITY 1] valid\r\n* OK [HIGHESTMODSEQ 9] h\r\n* VANISHED (EARLIER) 4:9\r\n* 1 FETCH (UID 1 FLAGS () MODSEQ (5))\r\nT OK [READ-WRITE] in\r\n',
    ],
    ask: client => client.select('INBOX', { resync: { uidValidity: 1, modSeq: 3 } }),
  },
  FETCH: {
    said: [
      '* 1 FETCH (UID 1 FLAGS (\\Seen) BODY[] {3}\r\nabc)\r\n* 2 FETCH (UID 2 ENVELOPE (NIL "s" ((NIL NIL "a" "b")) NIL NIL NIL NIL NIL NIL "<i>") BODYSTRUCTURE ("TEXT" "PLAIN" NIL NIL NIL "7BIT" 3 1))\r\nT OK got\r\n',
    ],
    ask: client => client.fetch(all, [body]),
  },
  SEARCH: {
    said: ['* ESEARCH (TAG "T") UID MIN 1 MAX 3 ALL 1:3 COUNT 3\r\nT OK found\r\n'],
    ask: client => client.search({ key: 'ALL' }),
  },
  STORE: {
    said: ['* 1 FETCH (UID 1 FLAGS (\\Seen) MODSEQ (12))\r\nT OK [MODIFIED 2:3] stored\r\n'],
    ask: client => client.store(all, 'add', ['\\Seen'], { unchangedSince: 9 }),
  },
  APPEND: { said: ['+ go\r\n', 'T OK [APPENDUID 1 4] appended\r\n'], ask: client => client.append('Sent', letter) },
  MOVE: {
    said: ['* OK [COPYUID 1 1:2 5:6] moved\r\n* VANISHED 1:2\r\nT OK done\r\n'],
    ask: client => client.move(all, 'Archive'),
  },
  IDLE: {
    said: ['+ idling\r\n* 4 EXISTS\r\n', 'T OK done\r\n'],
    ask: client => client.idle({ onResponse: () => undefined, stop: AbortSignal.timeout(idleMs) }),
  },
  COMPRESS: { said: ['T OK now\r\n'], ask: client => client.compress(), thenCompress: true },
  'COPY, compressed': {
    said: ['T OK [COPYUID 1 1:2 7:8] copied\r\n'],
    ask: client => client.copy(all, 'Archive'),
  },
  LOGOUT: { said: ['* BYE bye\r\nT OK out\r\n'], ask: client => client.logout() },
}
/** Instead of CAPABILITY and LOGIN */
const scram: Readonly<Record<string, Step>> = {
  greeting: {
    said: ['* OK [CAPABILITY IMAP4rev1 AUTH=SCRAM-SHA-256] hello\r\n'],
    ask: () => Promise.resolve(),
  },
  AUTHENTICATE: {
    said: ['+ \r\n', `+ ${challenge}\r\n`, 'T NO no\r\n'],
    ask: client => client.login('hanako@home.test', 'secret'),
  },
}

export const imapClient: Target = {
  name: 'imap client',
  weight: 2,
  async run(fuzz) {
    const watch = watching()
    const seeds = [
      ...Object.values(steps).flatMap(({ said }) => said.map(text => Buffer.from(text))),
      ...spoken('imap', 'S'),
    ]
    const hostile = (all: Readonly<Record<string, Step>>, name: string) => {
      let isReached = false
      const play = async (random: Random) => {
        if (isReached) return await session(all, watch, { name, seeds, random })
        isReached = true
        return await session(all, watch)
      }
      return { state: name, play }
    }
    const plays = [
      ...Object.keys(steps).map(name => hostile(steps, name)),
      ...Object.keys(scram).map(name => hostile(scram, name)),
    ]
    await fuzz(plays, watch)
  },
}

type Attack = { readonly name: string; readonly seeds: readonly Buffer[]; readonly random: Random }

/** All steps; the server says something else at the one that is attacked, and leaves soon after. */
async function session(
  all: Readonly<Record<string, Step>>,
  watch: Watch,
  attack?: Attack,
): Promise<string | undefined> {
  const [ours, theirs] = duplexPair()
  const server = new Server(theirs)
  const connection = new Connection(ours)
  let held = 0
  ours.on('data', () => (held = Math.max(held, connection.buffered.length)))
  watch.loop.start()
  let at = ''
  try {
    const [first, ...others] = Object.entries(all)
    if (!first) return 'there is no step'
    at = first[0]
    server.answer(first[1], attack?.name === at ? attack : undefined)
    const client = await ImapClient.open(connection)
    for (const [name, step] of others) {
      at = name
      server.answer(step, attack?.name === name ? attack : undefined)
      await step.ask(client)
    }
    return held > maxBufferedBytes ? `${held} octets were held for one peer` : undefined
  } catch (error) {
    if (!(error instanceof ImapFailure)) throw error
    if (held > maxBufferedBytes) return `${held} octets were held for one peer`
    const isOver = at === 'AUTHENTICATE' || attack !== undefined
    return isOver ? undefined : `the state is not reached: ${at}: ${error.message}`
  } finally {
    watch.loop.stop()
    watch.buffers.note(held)
    connection.destroy()
    theirs.destroy()
  }
}

/** Says the next part of its step each time the client has said something. */
class Server {
  readonly #plain: Duplex
  #stream: Duplex
  #step: Step | undefined
  #attack: Attack | undefined
  #part = 0
  #tag = ''

  constructor(stream: Duplex) {
    this.#plain = this.#stream = stream
    this.#listen()
  }

  answer(step: Step, attack: Attack | undefined): void {
    // COMPRESS was answered to the end
    if (this.#step?.thenCompress && this.#stream === this.#plain) {
      this.#plain.removeAllListeners('data').pause()
      this.#stream = new Deflated(this.#plain)
      this.#listen()
    }
    const isGreeting = this.#step === undefined
    this.#step = step
    this.#attack = attack
    this.#part = 0
    if (isGreeting) this.#say('')
  }

  #listen(): void {
    const stream = this.#stream
    stream.on('error', () => undefined).on('end', () => stream.end())
    stream.on('data', (chunk: Buffer) => this.#say(chunk.toString('latin1')))
  }

  #say(heard: string): void {
    const tag = /(?<=^|\n)h\d+(?= )/.exec(heard)?.[0]
    // the rest of what is answered already
    if (this.#part === 0 && heard !== '' && (tag === undefined || tag === this.#tag)) return
    this.#tag = tag ?? this.#tag
    const part = this.#step?.said[this.#part++]
    if (part === undefined) return
    const good = Buffer.from(part.replace(/^T(?= )/gm, this.#tag).replace('"T"', `"${this.#tag}"`))
    if (this.#attack) void this.#nonsense(good, this.#attack)
    else this.#stream.write(good)
  }

  async #nonsense(good: Buffer, { seeds, random }: Attack): Promise<void> {
    for (const piece of pieces(changed(good, seeds, words, random), random)) {
      if (this.#stream.destroyed || this.#stream.writableEnded) return
      this.#stream.write(piece)
      if (random.integer(2) === 0) await delay(0)
    }
    // whoever still waits does so for its deadline: the end comes first
    await delay(2 * idleMs)
    if (random.integer(3) === 0) this.#plain.destroy(new Error('reset'))
    else if (!this.#stream.destroyed) this.#stream.end()
  }
}
