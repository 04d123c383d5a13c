/** Everything that somebody who is signed in has before them. */
import { computed, effect, type ReadonlySignal, type Signal, signal, untracked } from '@preact/signals'
import type { QueryProblem } from '#formats/search/query/problems.ts'
import type { Id, Mailbox, Session } from '#protocols/jmap/wire.ts'
import { type Client, clientFor, openClient } from '../jmap/client.ts'
import type { SignedIn } from '../jmap/sign-in.ts'
import { Actions } from './actions.ts'
import type { Away } from './away.ts'
import { keepLink } from './link.ts'
import { Conversation, Letters } from './conversation.ts'
import { Emails } from './emails.ts'
import { type KnownLabel, Labels, type StandardLabel } from './labels/labels.ts'
import { Mailboxes } from './mailboxes.ts'
import { type ListQuery, MessageList } from './message-list.ts'
import { Notices } from './notices.ts'
import { go, type Route, route } from './route.ts'
import { readSearch } from './search.ts'
import { Selection } from './selection.ts'
import { standIn } from './stand-in.ts'
import { Sync } from './sync.ts'
import { TrustedSenders } from './trusted-senders.ts'

export type Mail = {
  readonly user: SignedIn
  readonly client: Client
  readonly emails: Emails
  readonly letters: Letters
  readonly mailboxes: Mailboxes
  readonly notices: Notices
  readonly actions: Actions
  readonly sync: Sync
  readonly selection: Selection
  readonly trusted: TrustedSenders
  readonly labels: Labels
  /** False: the server cannot be reached, and it is tried again */
  readonly isLinked: Signal<boolean>
  /** What is kept for when it is; undefined: nothing, or not yet */
  readonly away: Signal<Away | undefined>
  /** The mailbox that is looked at; undefined in a search, and where there is none of that name */
  readonly mailbox: ReadonlySignal<Mailbox | undefined>
  readonly list: ReadonlySignal<MessageList | undefined>
  /** What is wrong with the words that are searched for */
  readonly searchProblem: Signal<QueryProblem | undefined>
  readonly conversation: Signal<Conversation | undefined>
  /** For parts that come later */
  readonly news: Set<HearNews>
  /** What has to be done before somebody signs out */
  readonly beforeLeaving: Set<() => Promise<void>>
  close(): void
}

/** States that the server tells; without, when it is there again and may have told some that we missed */
export type HearNews = (states: Readonly<Record<string, string>> | undefined) => void

/** What depends on the page's language */
export type PageWords = { readonly standardLabels: () => Readonly<Record<StandardLabel, string>> }

export type Opening = PageWords & {
  readonly onSignedOut: () => void
  /** Somebody else is signed in by now */
  readonly onStranger: () => void
  /** Nobody answers: what the server said of itself when it was last there */
  readonly kept?: Session
}

export async function openMail(user: SignedIn, opening: Opening): Promise<Mail> {
  const { kept } = opening
  const online = kept ? clientFor(kept, opening) : await openClient(opening)
  const isLinked = signal(kept === undefined)
  const away = signal<Away | undefined>(undefined)
  const stand = standIn(online, { isLinked, away })
  const { client } = stand
  const emails = new Emails()
  const mailboxes = new Mailboxes()
  const notices = new Notices()
  const letters = new Letters(client, emails)
  const sync = new Sync(client, emails, mailboxes)
  const trusted = new TrustedSenders(client)
  const end = new AbortController()
  const mailbox = computed(() => mailboxAt(mailboxes, route.value))
  const bringAway = async () => {
    const { openAway } = await import('./offline/offline.ts')
    const opened = await openAway({
      client: online,
      user,
      mailboxes,
      isLinked: () => isLinked.peek(),
      open: recentOf(mailbox, end.signal),
      onEnding: (entry, ending) => ending !== 'taken-back' && notices.ended(entry, ending),
    })
    if (end.signal.aborted) opened?.close()
    else away.value = opened
    if (isLinked.peek()) opened?.linked().catch(() => undefined)
  }
  if (kept) await bringAway()
  const labels = new Labels(client, opening.standardLabels)
  labels.load().catch(() => undefined)
  const begun = trusted.load().catch(() => undefined)
  await Promise.all([sync.begin(), begun])
  if (!kept) bringAway().catch(() => undefined)
  const selection = new Selection()
  const searchProblem = signal<QueryProblem | undefined>(undefined)
  const conversation = signal<Conversation | undefined>(undefined)
  const news = new Set<HearNews>()
  const hear: HearNews = states => {
    if (states) trusted.hear(states)
    if (states) labels.hear(states)
    for (const one of news) one(states)
  }
  const ends = [
    () => end.abort(),
    () => away.peek()?.close(),
    keepList({ client, emails, mailboxes, labels, sync, selection, mailbox, searchProblem }),
    keepConversation({ client, emails, letters, conversation }),
  ]
  keepLink({ ...opening, client: online, user, away, isLinked, sync, hear, conversation, stand }, end.signal)
  return {
    user,
    client,
    emails,
    letters,
    mailboxes,
    notices,
    actions: new Actions(client, {
      emails,
      mailboxes,
      sync,
      notices,
      keeping: { away: () => away.peek(), isLinked: () => isLinked.peek() },
    }),
    sync,
    selection,
    trusted,
    labels,
    news,
    isLinked,
    away,
    mailbox,
    list: sync.list,
    searchProblem,
    conversation,
    beforeLeaving: new Set(),
    close: () => {
      for (const one of ends) one()
    },
  }
}

/** Mailboxes that were looked at last, to be kept beside the inbox */
const maxRecent = 3

function recentOf(mailbox: ReadonlySignal<Mailbox | undefined>, signal: AbortSignal): () => readonly Id[] {
  let recent: readonly Id[] = []
  const stop = effect(() => {
    const id = mailbox.value?.id
    if (id !== undefined) recent = [id, ...recent.filter(one => one !== id)].slice(0, maxRecent)
  })
  signal.addEventListener('abort', stop, { once: true })
  return () => recent
}

function mailboxAt({ byId, byRole }: Mailboxes, { place, search }: Route): Mailbox | undefined {
  return search === undefined ? (byRole.value.get(place) ?? byId.value.get(place)) : undefined
}

/** The name of a mailbox in the address. */
export function placeOf({ id, role }: Mailbox): string {
  return role ?? id
}

type ListParts = Pick<
  Mail,
  'client' | 'emails' | 'mailboxes' | 'labels' | 'sync' | 'selection' | 'mailbox' | 'searchProblem'
>

/** The list is another one when the mailbox or the words are; its counts and its conversations may change. */
function keepList(parts: ListParts): () => void {
  const { client, emails, mailboxes, sync, selection, mailbox, searchProblem } = parts
  const mailboxId = computed(() => mailbox.value?.id)
  const search = computed(() => route.value.search)
  // a search by label is another one when the label is, or is known
  const labels = computed(() => (namesLabel.test(search.value ?? '') ? parts.labels.all.value : none))
  return effect(() => {
    const [id, words, known] = [mailboxId.value, search.value, labels.value]
    const found = untracked(() => queryFor(id, words, { mailboxes, labels: known }))
    const query = found && 'filter' in found ? found : undefined
    searchProblem.value = found && 'code' in found ? found : undefined
    if (!query) {
      sync.list.value = undefined
      if (words === undefined) go({ place: 'inbox', thread: undefined }, { replace: true })
      return
    }
    selection.clear()
    selection.cursor.value = -1
    const list = new MessageList(client, emails, query)
    sync.list.value = list
    untracked(() => list.want(0, 1)).catch(() => undefined)
  })
}

const none: readonly KnownLabel[] = []
const namesLabel = /(?:label|tag|ラベル|タグ)\s*[:：]/i

function queryFor(
  mailbox: Id | undefined,
  words: string | undefined,
  { mailboxes, labels }: { readonly mailboxes: Mailboxes; readonly labels: readonly KnownLabel[] },
): ListQuery | QueryProblem | undefined {
  if (words === undefined) return mailbox === undefined ? undefined : { filter: { inMailbox: mailbox }, mailbox }
  const read = readSearch(words, { mailboxes: mailboxes.all.value, labels }, Date.now())
  if (read.kind === 'problem') return read.problem
  return read.kind === 'filter' ? { filter: read.filter, mailbox: undefined } : undefined
}

type ConversationParts = Pick<Mail, 'client' | 'emails' | 'letters' | 'conversation'>

function keepConversation({ client, emails, letters, conversation }: ConversationParts): () => void {
  const thread = computed(() => route.value.thread)
  return effect(() => {
    const id = thread.value
    const next = id === undefined ? undefined : new Conversation(client, { emails, letters }, id)
    conversation.value = next
    untracked(() => next?.load())?.catch(() => undefined)
  })
}
