/** What there is in an account: by IMAP in places, by JMAP in emails; and what the one has to look like in the other. RFC 8621 §2 to §4 */
import type { JsonObject } from '#protocols/jmap/wire.ts'
import type { ImapClient, Message } from './imap-client.ts'

/** Mailbox name → what lies in it */
export type Places = ReadonlyMap<string, { readonly id: string; readonly messages: readonly Message[] }>

export type Story = {
  readonly Mailbox: ReadonlyMap<string, JsonObject>
  readonly Email: ReadonlyMap<string, JsonObject>
  readonly Thread: ReadonlyMap<string, JsonObject>
}
export type Kind = keyof Story
export const kinds: readonly Kind[] = ['Mailbox', 'Email', 'Thread']

export const storyProperties: Readonly<Record<Kind, readonly string[]>> = {
  Mailbox: ['name', 'parentId', 'totalEmails', 'unreadEmails', 'totalThreads', 'unreadThreads'],
  Email: ['mailboxIds', 'keywords', 'threadId'],
  Thread: ['emailIds'],
}

/** Nobody changes anything meanwhile. */
export async function lookByImap(client: ImapClient): Promise<Places> {
  const places = new Map<string, { id: string; messages: readonly Message[] }>()
  for (const [name, id] of await client.mailboxes()) {
    const messages = await client.look(name)
    if (messages) places.set(name, { id, messages })
  }
  return places
}

type Email = { readonly thread: string; readonly mailboxes: Set<string>; readonly keywords: readonly string[] }

/** `trash`: name of the mailbox with this role. Threads list their emails in no order here: dates are not what this is about. */
export function storyOf(places: Places, trash: string): Story {
  const emails = new Map<string, Email>()
  for (const { id, messages } of places.values())
    for (const { email, flags, thread } of messages) {
      if (flags.includes('\\deleted')) continue
      const keywords = flags.map(flag => flag.replace(/^\\/, '$'))
      const known = emails.get(email) ?? { thread, mailboxes: new Set<string>(), keywords }
      known.mailboxes.add(id)
      emails.set(email, known)
    }
  const threads = Map.groupBy(emails, ([, { thread }]) => thread)
  const trashId = places.get(trash)?.id
  return {
    Mailbox: new Map([...places].map(([name, { id }]) => [id, mailboxStory(name, id, { places, emails, trashId })])),
    Email: new Map(
      [...emails].map(([id, { keywords, mailboxes, thread }]) => [
        id,
        { id, threadId: thread, mailboxIds: flagsOf([...mailboxes]), keywords: flagsOf(keywords) },
      ]),
    ),
    Thread: new Map([...threads].map(([id, own]) => [id, { id, emailIds: own.map(([email]) => email).sort() }])),
  }
}

function flagsOf(names: readonly string[]): JsonObject {
  return Object.fromEntries(names.toSorted().map(name => [name, true]))
}

type All = {
  readonly places: Places
  readonly emails: ReadonlyMap<string, Email>
  readonly trashId: string | undefined
}

function mailboxStory(path: string, id: string, { emails, places, trashId }: All): JsonObject {
  const own = [...emails.values()].filter(({ mailboxes }) => mailboxes.has(id))
  const isUnread = ({ keywords }: Email) => !keywords.includes('$seen') && !keywords.includes('$draft')
  const threads = new Set(own.map(({ thread }) => thread))
  // what lies in the trash alone makes no thread unread elsewhere, and what lies elsewhere none in the trash
  const counts = ({ mailboxes }: Email) => [...mailboxes].some(one => (one === trashId) === (id === trashId))
  const unread = new Set([...emails.values()].filter(one => isUnread(one) && counts(one)).map(({ thread }) => thread))
  const parent = parentOf(path, places)
  return {
    id,
    name: parent === undefined ? path : path.slice(parent.length + 1),
    parentId: parent === undefined ? null : (places.get(parent)?.id ?? null),
    totalEmails: own.length,
    unreadEmails: own.filter(isUnread).length,
    totalThreads: threads.size,
    unreadThreads: [...threads].filter(thread => unread.has(thread)).length,
  }
}

function parentOf(path: string, places: Places): string | undefined {
  for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1))
    if (places.has(path.slice(0, slash))) return path.slice(0, slash)
  return undefined
}

/** As `storyOf` has it */
export function normal(kind: Kind, one: JsonObject): JsonObject {
  if (kind === 'Thread') return { ...one, emailIds: [...(one['emailIds'] as readonly string[])].sort() }
  if (kind !== 'Email') return one
  const sorted = (name: string) => flagsOf(Object.keys(one[name] as object))
  return { ...one, mailboxIds: sorted('mailboxIds'), keywords: sorted('keywords') }
}
