/** A client whose server is a list of emails in memory: it answers what the model asks, and changes what it is told to change. */
import type { Id, Invocation, JsonObject } from '#protocols/jmap/wire.ts'
import { Answers, Batch } from '../jmap/batch.ts'
import type { Client } from '../jmap/client.ts'
import { MethodFault } from '../jmap/fault.ts'
import { Actions } from './actions.ts'
import { type EmailPatch, type EmailRow, Emails, patched } from './emails.ts'
import { Mailboxes } from './mailboxes.ts'
import { MessageList } from './message-list.ts'
import { Notices } from './notices.ts'
import { Sync } from './sync.ts'

export type FakeServer = {
  /** The newest first, each in a thread of its own unless it says otherwise */
  emails: EmailRow[]
  /** Every request's method names */
  readonly asked: string[][]
  /** Requests wait for this one first */
  gate: Promise<void>
  /** Thrown instead of the next answer to a request that has this method */
  fault: { readonly method: string; readonly error: unknown } | undefined
  /** Ids in one answer of Email/query */
  maxQueryIds: number
  /** Something changed by another way */
  touch(): void
}

export const inbox = 'M1'
export const archive = 'M2'

export function email(id: number, given: Partial<EmailRow> = {}): EmailRow {
  return {
    id: `E${id}`,
    threadId: `T${id}`,
    mailboxIds: { [inbox]: true },
    keywords: {},
    from: [{ name: `Sender ${id}`, email: `s${id}@x.example` }],
    to: null,
    subject: `Subject ${id}`,
    receivedAt: new Date(Date.UTC(2026, 10, 27) - id * 60_000).toISOString(),
    preview: '',
    hasAttachment: false,
    size: 1,
    ...given,
  }
}

export function openBed(emails: EmailRow[]) {
  let state = 1
  const old = new Map<number, EmailRow[]>()
  const server: FakeServer = {
    emails,
    asked: [],
    gate: Promise.resolve(),
    fault: undefined,
    maxQueryIds: 10_000,
    touch: () => void state++,
  }
  const remember = () => old.set(state, [...server.emails])
  const limits = { maxObjectsInGet: 500, maxObjectsInSet: 500 }
  const client = {
    accountId: 'A1',
    limits,
    batch: () => new Batch('A1'),
    async send(batch: Batch) {
      server.asked.push(batch.calls.map(([name]) => name))
      await server.gate
      const { fault } = server
      if (fault && batch.calls.some(([name]) => name === fault.method)) {
        server.fault = undefined
        throw fault.error
      }
      remember()
      const responses: Invocation[] = []
      for (const [name, given, id] of batch.calls) responses.push(answer(name, resolved(given, responses), id))
      return new Answers(responses)
    },
  } as unknown as Client

  function answer(name: string, given: JsonObject, id: string): Invocation {
    try {
      return [name, methods(name, given) as JsonObject, id]
    } catch (error) {
      if (!(error instanceof MethodFault)) throw error
      return ['error', { type: error.type }, id]
    }
  }

  const inside = (all: readonly EmailRow[], { inMailbox }: { readonly inMailbox?: Id }, given: JsonObject) => {
    const found = all.filter(row => inMailbox === undefined || row.mailboxIds[inMailbox])
    return given['collapseThreads'] === true ? collapsed(found) : found.map(({ id }) => id)
  }

  function methods(name: string, given: JsonObject): object {
    const filter = (given['filter'] ?? {}) as { readonly inMailbox?: Id }
    switch (name) {
      case 'Mailbox/get':
        return {
          state: String(state),
          list: [mailbox(inbox, 'inbox', server.emails), mailbox(archive, 'archive', server.emails)],
        }
      case 'Email/query': {
        const all = inside(server.emails, filter, given)
        const at = given['position'] as number
        return {
          queryState: String(state),
          position: at,
          total: all.length,
          ids: all.slice(at, at + Math.min(given['limit'] as number, server.maxQueryIds)),
        }
      }
      case 'Email/queryChanges': {
        const since = old.get(Number(given['sinceQueryState']))
        if (!since) throw new MethodFault({ type: 'cannotCalculateChanges' })
        const [before, after] = [inside(since, filter, given), inside(server.emails, filter, given)]
        return {
          oldQueryState: given['sinceQueryState'],
          newQueryState: String(state),
          total: after.length,
          removed: before.filter(one => !after.includes(one)),
          added: after.flatMap((one, index) => (before.includes(one) ? [] : [{ id: one, index }])),
        }
      }
      case 'Email/get': {
        const wanted = (given['ids'] ?? []) as readonly Id[]
        if (wanted.length > limits.maxObjectsInGet) throw new MethodFault({ type: 'requestTooLarge' })
        return { state: String(state), list: server.emails.filter(row => wanted.includes(row.id)) }
      }
      case 'Email/changes': {
        const since = old.get(Number(given['sinceState'])) ?? []
        const gone = since.filter(row => !server.emails.some(one => one.id === row.id))
        const fresh = server.emails.filter(row => !since.some(one => one.id === row.id))
        const updated = server.emails.filter(row => since.some(one => one.id === row.id && one !== row))
        const names = (rows: readonly EmailRow[]) => rows.map(row => row.id)
        return {
          newState: String(state),
          hasMoreChanges: false,
          created: names(fresh),
          updated: names(updated),
          destroyed: names(gone),
        }
      }
      case 'Thread/get': {
        const threads = [...new Set((given['ids'] ?? []) as readonly Id[])]
        return {
          list: threads.map(thread => ({
            id: thread,
            emailIds: server.emails
              .filter(row => row.threadId === thread)
              .map(row => row.id)
              .reverse(),
          })),
        }
      }
      case 'Email/set': {
        const update = (given['update'] ?? {}) as Readonly<Record<Id, Readonly<Record<string, true | null>>>>
        server.emails = server.emails.map(row =>
          update[row.id] ? patched(row, unflattened(update[row.id] ?? {})) : row,
        )
        const destroy = (given['destroy'] ?? []) as readonly Id[]
        server.emails = server.emails.filter(row => !destroy.includes(row.id))
        state++
        remember()
        return { newState: String(state), updated: {}, notUpdated: null, notDestroyed: null }
      }
      default:
        throw new Error(`Nobody asks for ${name}`)
    }
  }

  const known = new Emails()
  const mailboxes = new Mailboxes()
  const notices = new Notices()
  const sync = new Sync(client, known, mailboxes)
  const list = new MessageList(client, known, { filter: { inMailbox: inbox }, mailbox: inbox })
  sync.list.value = list
  const actions = new Actions(client, { emails: known, mailboxes, sync, notices })
  return { server, client, emails: known, mailboxes, notices, sync, list, actions }
}

function collapsed(rows: readonly EmailRow[]): Id[] {
  const seen = new Set<Id>()
  return rows.flatMap(row => (seen.has(row.threadId) ? [] : (seen.add(row.threadId), [row.id])))
}

function mailbox(id: Id, role: string, all: readonly EmailRow[]): object {
  const rows = all.filter(row => row.mailboxIds[id])
  const threads = new Set(rows.map(row => row.threadId))
  const unread = new Set(rows.filter(row => !row.keywords['$seen']).map(row => row.threadId))
  return { id, name: role, role, parentId: null, sortOrder: 0, totalThreads: threads.size, unreadThreads: unread.size }
}

function unflattened(patch: Readonly<Record<string, true | null>>): EmailPatch {
  const under = (prefix: string) =>
    Object.fromEntries(
      Object.entries(patch).flatMap(([path, value]) =>
        path.startsWith(prefix) ? [[path.slice(prefix.length).replaceAll('~1', '/').replaceAll('~0', '~'), value]] : [],
      ),
    )
  return { keywords: under('keywords/'), mailboxIds: under('mailboxIds/') }
}

/** RFC 8620 §3.7, with the paths that the model uses */
function resolved(given: JsonObject, responses: readonly Invocation[]): JsonObject {
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => {
      if (!name.startsWith('#')) return [name, value]
      const { resultOf, path } = value as { readonly resultOf: string; readonly path: string }
      const result = responses.find(([, , id]) => id === resultOf)?.[1] ?? {}
      const [first = '', star, last = ''] = path.slice(1).split('/')
      const found = (result as Record<string, unknown>)[first]
      const values = star === '*' ? (found as Record<string, unknown>[]).flatMap(one => one[last]) : found
      return [name.slice(1), values as never]
    }),
  )
}
