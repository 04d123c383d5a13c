/** What a filter does, done to letters that are there already. */
import type { Action, Filter, FilterMailbox } from '#formats/sieve/filters/filter.ts'
import type { Id, JsonObject, Mailbox } from '#protocols/jmap/wire.ts'
import type { Client } from '../../jmap/client.ts'
import { Refused } from '../refused.ts'
import type { Mailboxes } from '../mailboxes.ts'
import type { PatchOf } from '../bulk/run.ts'

/** Names as Sieve and IMAP have them: those of the mailboxes above, and a slash between */
export function pathOf(mailbox: Mailbox, byId: ReadonlyMap<Id, Mailbox>): string {
  const above = mailbox.parentId === null ? undefined : byId.get(mailbox.parentId)
  return above ? `${pathOf(above, byId)}/${mailbox.name}` : mailbox.name
}

/** As the server looks for it: by its id, else by its name */
export function mailboxFor({ id, name }: FilterMailbox, byId: ReadonlyMap<Id, Mailbox>): Mailbox | undefined {
  const found = id === undefined ? undefined : byId.get(id)
  return found ?? [...byId.values()].find(one => pathOf(one, byId) === name)
}

export async function makeMailbox(client: Client, name: string): Promise<Id> {
  const calls = client.batch()
  const set = calls.call('Mailbox/set', { create: { fresh: { name, isSubscribed: true } } })
  const { created, notCreated } = (await client.send(calls, { again: false })).of(set)
  const error = notCreated?.['fresh']
  if (error) throw new Refused(error)
  return created?.['fresh']?.id ?? ''
}

export type Places = { readonly inbox: Id; readonly trash: Id | undefined; readonly byId: ReadonlyMap<Id, Mailbox> }

export function placesOf({ mailboxes }: { readonly mailboxes: Mailboxes }): Places {
  return {
    inbox: mailboxes.role('inbox')?.id ?? '',
    trash: mailboxes.role('trash')?.id,
    byId: mailboxes.byId.value,
  }
}

/** Whose letters a filter is applied to: a mailbox, or all of them but what was thrown away, is written still or was written by oneself */
export type Scope = { readonly in: Id } | 'all'

const leftOut: ReadonlySet<string | null> = new Set(['drafts', 'sent', 'junk', 'trash'])

/** As Email/query asks for it. RFC 8621 §4.4.1 */
export function scopeFilter(scope: Scope, { byId }: Places): JsonObject {
  return scope === 'all' ? { inMailboxOtherThan: outside(byId) } : { inMailbox: scope.in }
}

function outside(byId: Places['byId']): Id[] {
  return [...byId.values()].filter(({ role }) => leftOut.has(role)).map(({ id }) => id)
}

/** Forwarding is for letters that come; and nothing that is there already is thrown away unseen, it goes to the trash. */
export function patchFor({ actions }: Filter, places: Places, scope: Scope = { in: places.inbox }): PatchOf {
  const keywords = Object.fromEntries(actions.flatMap(action => keywordsOf(action).map(name => [name, true] as const)))
  const mailboxes = Object.fromEntries(actions.flatMap(action => goingTo(action, places)))
  const isMoved = actions.some(({ kind }) => kind === 'move' || kind === 'discard')
  const kept = outside(places.byId)
  return row => {
    const from = scope === 'all' ? Object.keys(row.mailboxIds).filter(id => !kept.includes(id)) : [scope.in]
    const isElsewhere = isMoved && Object.keys(mailboxes).length > 0
    const mailboxIds: Record<Id, true | null> = {
      ...(isElsewhere && Object.fromEntries(from.map(id => [id, null]))),
      ...mailboxes,
    }
    const isNew =
      Object.keys(keywords).some(name => row.keywords[name] !== true) ||
      Object.entries(mailboxIds).some(([id, value]) => (row.mailboxIds[id] === true) !== (value === true))
    return isNew ? { keywords, mailboxIds } : undefined
  }
}

function keywordsOf(action: Action): readonly string[] {
  switch (action.kind) {
    case 'label':
      return [action.keyword.toLowerCase()]
    case 'star':
      return ['$flagged']
    case 'read':
      return ['$seen']
    case 'neverJunk':
      return ['$notjunk']
    case 'forward':
    case 'copy':
    case 'move':
    case 'discard':
      return []
    default:
      return action satisfies never
  }
}

function goingTo(action: Action, { trash, byId }: Places): readonly (readonly [Id, true])[] {
  const id =
    action.kind === 'move' || action.kind === 'copy'
      ? mailboxFor(action.mailbox, byId)?.id
      : action.kind === 'discard'
        ? trash
        : undefined
  return id === undefined ? [] : [[id, true]]
}
