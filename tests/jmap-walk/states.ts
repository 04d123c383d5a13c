/** Whether the state of a type moves when it has to, and then alone (RFC 8620 §5.1). */
import type { JsonObject } from '#protocols/jmap/wire.ts'
import { complain } from './complaint.ts'
import type { Ask } from './jmap-client.ts'
import { type Kind, kinds, type Places, type Story, storyOf, storyProperties } from './story.ts'

export type Told = { readonly states: Readonly<Record<Kind, string>>; readonly story: Story; readonly places: Places }

/** Nobody changes anything meanwhile. */
export async function tellStates(ask: Ask, places: Places): Promise<Told> {
  const properties = [...storyProperties.Mailbox, 'isSubscribed', 'sortOrder', 'role']
  const mailboxes = await ask('Mailbox/get', { ids: null, properties })
  const state = async (kind: Kind) => (await ask(`${kind}/get`, { ids: [] }))['state'] as string
  const states = { Mailbox: mailboxes['state'] as string, Email: await state('Email'), Thread: await state('Thread') }
  const list = mailboxes['list'] as readonly JsonObject[]
  const Mailbox = new Map(list.map(one => [one['id'] as string, one]))
  return { states, story: { ...storyOf(places, 'Trash'), Mailbox }, places }
}

/** After one command that had nobody beside it. */
export function compareStates(before: Told, after: Told, command: string): void {
  const isMovedAbout = movesWithin(before, after)
  for (const kind of kinds) {
    const isOther = printed(before.story[kind]) !== printed(after.story[kind])
    const moved = before.states[kind] !== after.states[kind]
    const [from, to] = [before.states[kind], after.states[kind]]
    if (isOther && !moved) complain('state', `${command}: ${kind} is another, its state is ${from} still`)
    if (moved && !isOther && (kind === 'Thread' || !isMovedAbout))
      complain('state', `${command}: the state of ${kind} went from ${from} to ${to}, and nothing of it is another`)
  }
}

/** An email got another UID in a mailbox where it stays: that it is nothing new to JMAP is not looked at for thousands of them. */
function movesWithin(before: Told, after: Told): boolean {
  const [was, is] = [placesOf(before.places), placesOf(after.places)]
  return [...is].some(([email, places]) => {
    const isSame = JSON.stringify(before.story.Email.get(email)) === JSON.stringify(after.story.Email.get(email))
    return isSame && was.get(email) !== places
  })
}

/** Where each email is shown */
function placesOf(places: Places): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const [name, { messages }] of places)
    for (const { email, flags, uid } of messages)
      if (!flags.includes('\\deleted')) found.set(email, `${found.get(email) ?? ''} ${name}:${uid}`)
  return found
}

function printed(things: ReadonlyMap<string, JsonObject>): string {
  return JSON.stringify([...things].sort(([a], [b]) => (a < b ? -1 : 1)))
}
