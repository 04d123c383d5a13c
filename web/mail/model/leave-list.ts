/** Leaving a mailing list, and what to do with what it has sent. */
import { unsubscribing, type Unsubscribing } from '#formats/message/list-unsubscribe.ts'
import type { Id } from '#protocols/jmap/wire.ts'
import { ask } from '../jmap/request.ts'
import type { Letter } from './conversation.ts'
import { type EmailRow, rowProperties } from './emails.ts'
import { fieldsNamed } from './header.ts'
import type { Mail } from './mail.ts'

/** draft-ietf-mailmaint-messageflag-mailboxattribute has this keyword for it; other programs show it too. */
export const leftKeyword = '$unsubscribed'

/** As `POST /unsubscribe` answers: docs/plan-webmail.md */
export type Left = {
  readonly outcome: 'done' | 'refused' | 'unreachable'
  readonly status?: number
  readonly said?: string
  readonly host: string
}

const known = new WeakMap<Letter, Unsubscribing | 'none'>()

/** Undefined: no list that can be left */
export function waysOut(letter: Letter, authservIds: readonly string[]): Unsubscribing | undefined {
  const found = known.get(letter) ?? unsubscribing(letter.headers, authservIds) ?? 'none'
  known.set(letter, found)
  return found === 'none' ? undefined : found
}

/** By the server, in the person's name but without a word about them. Throws a Fault where it did not even try. */
export async function leaveByClick({ client, sync }: Pick<Mail, 'client' | 'sync'>, emailId: Id): Promise<Left> {
  const answer = await ask('/unsubscribe', { method: 'POST', json: { emailId } })
  const left = (await answer.json()) as Left
  if (left.outcome === 'done') {
    const calls = client.batch()
    calls.call('Email/set', { update: { [emailId]: { [`keywords/${leftKeyword}`]: true } } })
    // the list is left all the same
    await client.send(calls).catch(() => undefined)
    await sync.now().catch(() => undefined)
  }
  return left
}

export type MailtoLetter = { readonly to: string; readonly subject: string; readonly text: string }

/** RFC 6068 §2; undefined where it names nobody, or several */
export function letterOf(mailto: string): MailtoLetter | undefined {
  const url = new URL(mailto)
  const to = decoded(url.pathname)
  if (!/^[^\s@,]+@[^\s@,]+$/.test(to)) return undefined
  const fields = new Map(url.search.slice(1).split('&').map(pair))
  const line = (fields.get('subject') ?? 'unsubscribe').replaceAll(/[\p{Cc}]+/gu, ' ').slice(0, 500)
  return { to, subject: line, text: (fields.get('body') ?? '').slice(0, 2_000) }
}

/** A plus sign is a plus sign here (§5). */
function pair(text: string): readonly [name: string, value: string] {
  const equals = text.indexOf('=')
  return equals < 0 ? [text, ''] : [text.slice(0, equals).toLowerCase(), decoded(text.slice(equals + 1))]
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** At most so many at once */
const maxLetters = 500

/** Conversations in the inbox with letters of this list, or of this sender where it has no name of its own. They are known afterwards. */
export async function threadsOfList({ client, emails, mailboxes }: Mail, letter: Letter): Promise<readonly Id[]> {
  const listId = /<([^<>]+)>/.exec(fieldsNamed(letter.headers, 'list-id')[0] ?? '')?.[1]
  const sender = letter.from?.[0]?.email
  const from = listId === undefined ? sender && { from: sender } : { header: ['List-Id', listId] }
  const inbox = mailboxes.role('inbox')?.id
  if (!from || inbox === undefined) return []
  const calls = client.batch()
  const filter = { operator: 'AND', conditions: [{ inMailbox: inbox }, from] }
  const query = calls.call('Email/query', { filter, limit: Math.min(maxLetters, client.limits.maxObjectsInGet) })
  const get = calls.call('Email/get', { '#ids': query.result('/ids'), properties: rowProperties })
  const threads = calls.call('Thread/get', { '#ids': get.result('/list/*/threadId') })
  const answers = await client.send(calls)
  emails.put(answers.of(get).list as readonly EmailRow[])
  const found = answers.of(threads).list
  emails.putThreads(found)
  return found.map(({ id }) => id)
}
