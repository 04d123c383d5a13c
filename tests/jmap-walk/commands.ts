/** What is done at random: each command knows what it does to the model. It goes by IMAP, by JMAP, or a letter is delivered. */
import type { Random } from '../support/random.ts'
import type { ImapClient } from './imap-client.ts'
import type { Ask } from './jmap-client.ts'
import type { Model } from './model.ts'
import type { Places } from './story.ts'

export type Command = {
  readonly text: string
  /** False: it was refused */
  run(): Promise<boolean>
  /** What it does when it is not refused */
  effect(model: Model): void
}

export type Ground = {
  readonly random: Random
  readonly places: Places
  readonly imap: ImapClient
  readonly ask: Ask
  upload(letter: string): Promise<string>
  deliver(letter: string): Promise<void>
  /** Some are equal in subject and ids: they make threads */
  letter(): string
}

export const flagNames = ['\\seen', '\\flagged', '\\deleted', '\\draft', 'work', '\\seen', '\\flagged'] as const
const boxes = ['Box 1', 'Box 2', 'Box 3', 'Box 1/Below', 'Box 2/Below'] as const
const isOwn = (name: string) => name.startsWith('Box ')

export function planCommand(ground: Ground): Command {
  const { random } = ground
  for (;;) {
    const command = random.pick(makers)(ground)
    if (command) return command
  }
}

type Maker = (ground: Ground) => Command | undefined

function somePlace({ places, random }: Ground) {
  const all = [...places].flatMap(([mailbox, { messages }]) => messages.map(message => ({ mailbox, ...message })))
  return all.length === 0 ? undefined : random.pick(all)
}

function someMailbox({ places, random }: Ground): string {
  return random.pick([...places.keys()])
}

const store: Maker = ground => {
  const one = somePlace(ground)
  const flag = ground.random.pick(flagNames)
  const on = ground.random.integer(3) > 0
  return (
    one && {
      text: `IMAP STORE ${one.mailbox} ${one.uid} ${on ? '+' : '-'}${flag}`,
      run: () => inMailbox(ground, one.mailbox, `UID STORE ${one.uid} ${on ? '+' : '-'}FLAGS (${flag})`),
      effect: model => model.store(one.mailbox, one.uid, flag, on),
    }
  )
}

async function inMailbox({ imap }: Ground, mailbox: string, command: string): Promise<boolean> {
  if (!(await imap.select(mailbox))) return false
  // a session does nothing to messages that it was not told of
  const isOpen = (await imap.ask('NOOP')) !== undefined && (await imap.select(mailbox))
  return isOpen && (await imap.ask(command)) !== undefined
}

const transfer: Maker = ground => {
  const one = somePlace(ground)
  const to = someMailbox(ground)
  const word = ground.random.pick(['COPY', 'MOVE'] as const)
  return (
    one && {
      text: `IMAP ${word} ${one.mailbox} ${one.uid} ${to}`,
      run: () => inMailbox(ground, one.mailbox, `UID ${word} ${one.uid} "${to}"`),
      effect: model => (word === 'COPY' ? model.copy(one.mailbox, one.uid, to) : model.move(one.mailbox, one.uid, to)),
    }
  )
}

const expunge: Maker = ground => {
  const mailbox = someMailbox(ground)
  return {
    text: `IMAP EXPUNGE ${mailbox}`,
    run: () => inMailbox(ground, mailbox, 'EXPUNGE'),
    effect: model => model.expunge(mailbox),
  }
}

const append: Maker = ground => {
  const mailbox = someMailbox(ground)
  const flags = ground.random.integer(2) === 0 ? ['\\seen'] : ['\\flagged', 'work']
  const letter = ground.letter()
  return {
    text: `IMAP APPEND ${mailbox} (${flags.join(' ')})`,
    run: async () =>
      (await ground.imap.ask(`APPEND "${mailbox}" (${flags.join(' ')}) {${letter.length}+}\r\n${letter}`)) !==
      undefined,
    effect: model => model.append([mailbox], flags),
  }
}

const create: Maker = ground => {
  const name = ground.random.pick(boxes)
  return {
    text: `IMAP CREATE ${name}`,
    run: async () => (await ground.imap.ask(`CREATE "${name}"`)) !== undefined,
    effect: model => model.create(name),
  }
}

const rename: Maker = ground => {
  const [from, to] = [ground.random.pick(boxes), ground.random.pick(boxes)]
  return {
    text: `IMAP RENAME ${from} ${to}`,
    run: async () => (await ground.imap.ask(`RENAME "${from}" "${to}"`)) !== undefined,
    effect: model => model.rename(from, to),
  }
}

const remove: Maker = ground => {
  const name = ground.random.pick(boxes)
  return {
    text: `IMAP DELETE ${name}`,
    run: async () => (await ground.imap.ask(`DELETE "${name}"`)) !== undefined,
    effect: model => model.remove(name),
  }
}

/** An email that JMAP shows */
function someEmail(ground: Ground): { readonly email: string; readonly mailboxes: readonly string[] } | undefined {
  const shown = [...ground.places].flatMap(([name, { messages }]) =>
    messages.filter(({ flags }) => !flags.includes('\\deleted')).map(({ email }) => ({ email, name })),
  )
  if (shown.length === 0) return undefined
  const { email } = ground.random.pick(shown)
  return { email, mailboxes: shown.filter(one => one.email === email).map(({ name }) => name) }
}

async function set(ask: Ask, type: 'Email' | 'Mailbox', given: Parameters<Ask>[1]): Promise<boolean> {
  const answer = await ask(`${type}/set`, given)
  return answer['notCreated'] === null && answer['notUpdated'] === null && answer['notDestroyed'] === null
}

const keyword: Maker = ground => {
  const one = someEmail(ground)
  const flag = ground.random.pick(['\\seen', '\\flagged', '\\draft', 'work'] as const)
  const on = ground.random.integer(3) > 0
  return (
    one && {
      text: `JMAP ${one.email} ${flag} ${on}`,
      run: () =>
        set(ground.ask, 'Email', { update: { [one.email]: { [`keywords/${flag.replace('\\', '$')}`]: on || null } } }),
      effect: model => model.keyword(one.email, flag, on),
    }
  )
}

const refile: Maker = ground => {
  const one = someEmail(ground)
  if (!one) return undefined
  const [first, second] = [someMailbox(ground), someMailbox(ground)]
  const wanted = [...new Set([first, second])]
  const ids = Object.fromEntries(wanted.map(name => [ground.places.get(name)?.id ?? '', true]))
  return {
    text: `JMAP ${one.email} into ${wanted.join(', ')}`,
    run: () => set(ground.ask, 'Email', { update: { [one.email]: { mailboxIds: ids } } }),
    effect: model => model.setMailboxes(one.email, wanted),
  }
}

const patchPlaces: Maker = ground => {
  const one = someEmail(ground)
  if (!one) return undefined
  const [into, out] = [someMailbox(ground), ground.random.pick(one.mailboxes)]
  if (into === out) return undefined
  const id = (name: string) => ground.places.get(name)?.id ?? ''
  return {
    text: `JMAP ${one.email} out of ${out} into ${into}`,
    run: () =>
      set(ground.ask, 'Email', {
        update: { [one.email]: { [`mailboxIds/${id(out)}`]: null, [`mailboxIds/${id(into)}`]: true } },
      }),
    effect: model => model.setMailboxes(one.email, [...model.shown(one.email).filter(name => name !== out), into]),
  }
}

const destroy: Maker = ground => {
  const one = someEmail(ground)
  return (
    one && {
      text: `JMAP destroys ${one.email}`,
      run: () => set(ground.ask, 'Email', { destroy: [one.email] }),
      effect: model => model.destroy(one.email),
    }
  )
}

const importLetter: Maker = ground => {
  const mailboxes = [...new Set([someMailbox(ground), someMailbox(ground)])]
  const letter = ground.letter()
  return {
    text: `JMAP imports into ${mailboxes.join(', ')}`,
    async run() {
      const blobId = await ground.upload(letter)
      const mailboxIds = Object.fromEntries(mailboxes.map(name => [ground.places.get(name)?.id ?? '', true]))
      const answer = await ground.ask('Email/import', {
        emails: { k: { blobId, mailboxIds, keywords: { work: true } } },
      })
      return answer['notCreated'] === null
    },
    effect: model => model.append(mailboxes, ['work']),
  }
}

const makeMailbox: Maker = ground => {
  const name = ground.random.pick(['Box 1', 'Box 2', 'Box 3'])
  return {
    text: `JMAP makes ${name}`,
    run: () => set(ground.ask, 'Mailbox', { create: { k: { name } } }),
    effect: model => model.create(name),
  }
}

const renameMailbox: Maker = ground => {
  const own = [...ground.places].filter(([name]) => isOwn(name) && !name.includes('/'))
  if (own.length === 0) return undefined
  const [from, { id }] = ground.random.pick(own)
  const to = ground.random.pick(['Box 1', 'Box 2', 'Box 3'])
  if (from === to) return undefined
  return {
    text: `JMAP calls ${from} ${to}`,
    run: () => set(ground.ask, 'Mailbox', { update: { [id]: { name: to } } }),
    effect: model => model.rename(from, to),
  }
}

const destroyMailbox: Maker = ground => {
  const own = [...ground.places].filter(([name]) => isOwn(name))
  if (own.length === 0) return undefined
  const [name, { id }] = ground.random.pick(own)
  return {
    text: `JMAP destroys the mailbox ${name}`,
    run: () => set(ground.ask, 'Mailbox', { destroy: [id], onDestroyRemoveEmails: true }),
    effect: model => model.remove(name),
  }
}

const deliver: Maker = ground => {
  const letter = ground.letter()
  return {
    text: 'a letter comes',
    async run() {
      await ground.deliver(letter)
      return true
    },
    effect: model => model.append(['INBOX'], []),
  }
}

const byImap = [store, store, transfer, transfer, expunge, append, create, rename, remove]
const byJmap = [
  keyword,
  keyword,
  refile,
  patchPlaces,
  destroy,
  importLetter,
  makeMailbox,
  renameMailbox,
  destroyMailbox,
]
/** There is always something to work with */
const letters = [deliver, deliver, append, importLetter]
const makers: readonly Maker[] = [...byImap, ...byJmap, ...letters]
