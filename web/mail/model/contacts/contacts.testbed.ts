/** A client whose server is a list of cards in memory (RFC 9610), for tests of the model. */
import type { ContactCard } from '#protocols/jmap/wire-contacts.ts'
import type { Id, Invocation, JsonObject } from '#protocols/jmap/wire.ts'
import { Answers, Batch } from '../../jmap/batch.ts'
import type { Client } from '../../jmap/client.ts'
import { MethodFault } from '../../jmap/fault.ts'
import { Contacts } from './contacts.ts'

export type FakeContacts = {
  cards: Map<Id, ContactCard>
  readonly asked: string[][]
  /** uids that are refused */
  readonly refused: Set<string>
  fault: Error | undefined
  change(id: Id, card: ContactCard | undefined): void
}

export function contactCard(uid: string, rest: Partial<ContactCard> = {}): ContactCard {
  return { id: `C${uid}`, addressBookIds: { B1: true }, '@type': 'Card', version: '1.0', uid, ...rest }
}

export function openContactsBed(cards: readonly ContactCard[]) {
  let state = 1
  let count = 0
  const log: { readonly at: number; readonly id: Id }[] = []
  const server: FakeContacts = {
    cards: new Map(cards.map(card => [card.id, card])),
    asked: [],
    refused: new Set(),
    fault: undefined,
    change(id, card) {
      if (card) server.cards.set(id, card)
      else server.cards.delete(id)
      log.push({ at: ++state, id })
    },
  }
  const existed = new Map<Id, number>(cards.map(({ id }) => [id, 1]))

  function set(given: JsonObject): object {
    const created: Record<string, object> = {}
    const notCreated: Record<string, object> = {}
    for (const [key, card] of Object.entries((given['create'] ?? {}) as Record<string, ContactCard>)) {
      const isTaken = [...server.cards.values()].some(one => one.uid === card.uid)
      if (server.refused.has(card.uid) || isTaken) notCreated[key] = { type: isTaken ? 'alreadyExists' : 'overQuota' }
      else {
        const id = `N${++count}`
        server.change(id, { ...card, id })
        existed.set(id, state)
        created[key] = { id }
      }
    }
    const notUpdated: Record<string, object> = {}
    for (const [id, patch] of Object.entries((given['update'] ?? {}) as Record<Id, object>)) {
      const before = server.cards.get(id)
      if (!before) notUpdated[id] = { type: 'notFound' }
      else server.change(id, without({ ...before, ...patch }))
    }
    for (const id of (given['destroy'] ?? []) as Id[]) server.change(id, undefined)
    return { created, notCreated, notUpdated, notDestroyed: null }
  }

  function answer(name: string, given: JsonObject): object {
    switch (name) {
      case 'AddressBook/get':
        return { state: '1', list: [{ id: 'B1', name: 'Contacts', isDefault: true }] }
      case 'ContactCard/query': {
        const at = given['position'] as number
        return { ids: [...server.cards.keys()].slice(at, at + (given['limit'] as number)) }
      }
      case 'ContactCard/get':
        return {
          state: String(state),
          list: ((given['ids'] ?? []) as Id[]).flatMap(id => server.cards.get(id) ?? []),
        }
      case 'ContactCard/changes': {
        const since = Number(given['sinceState'])
        const ids = [...new Set(log.filter(({ at }) => at > since).map(({ id }) => id))]
        const isNew = (id: Id) => (existed.get(id) ?? Infinity) > since
        return {
          newState: String(state),
          hasMoreChanges: false,
          created: ids.filter(id => server.cards.has(id) && isNew(id)),
          updated: ids.filter(id => server.cards.has(id) && !isNew(id)),
          destroyed: ids.filter(id => !server.cards.has(id)),
        }
      }
      case 'ContactCard/set':
        return set(given)
      default:
        throw new MethodFault({ type: 'unknownMethod' })
    }
  }

  const client = {
    accountId: 'A1',
    batch: () => new Batch('A1'),
    async send(batch: Batch) {
      server.asked.push(batch.calls.map(([name]) => name))
      await Promise.resolve()
      if (server.fault) {
        const { fault } = server
        server.fault = undefined
        throw fault
      }
      const responses: Invocation[] = []
      for (const [name, given, id] of batch.calls)
        responses.push([name, answer(name, resolved(given, responses)) as JsonObject, id])
      return new Answers(responses)
    },
  } as unknown as Client
  return { server, client, contacts: new Contacts(client) }
}

function without(card: object): ContactCard {
  return Object.fromEntries(Object.entries(card).filter(([, value]) => value !== null)) as ContactCard
}

function resolved(given: JsonObject, responses: readonly Invocation[]): JsonObject {
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => {
      if (!name.startsWith('#')) return [name, value]
      const { resultOf, path } = value as { readonly resultOf: string; readonly path: string }
      const result = responses.find(([, , id]) => id === resultOf)?.[1] ?? {}
      return [name.slice(1), (result as Record<string, never>)[path.slice(1)] as never]
    }),
  )
}
