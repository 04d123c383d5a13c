/**
 * Keeps the last letters of the mailboxes that are looked at: rows, bodies and small attachments, within bounds, as the server has them now. By one tab
 * for all, behind everything else; what was kept before is brought up to date by what has changed since (RFC 8620 §5.2).
 */
import type { EmailBodyPart, Id, Mailbox } from '#protocols/jmap/wire.ts'
import type { Identity } from '#protocols/jmap/wire-sending.ts'
import type { Client } from '../../jmap/client.ts'
import { MethodFault } from '../../jmap/fault.ts'
import { askLetters, type Letter } from '../conversation.ts'
import { type EmailRow, rowProperties } from '../emails.ts'
import { pieces } from '../pieces.ts'
import type { Shelf, ShelfChange } from './shelf.ts'

export type KeeperBounds = {
  readonly inbox: number
  /** Of each other mailbox */
  readonly other: number
  readonly attachmentBytes: number
  /** Of all letters and attachments */
  readonly totalBytes: number
}

export const keeperBounds: KeeperBounds = {
  inbox: 500,
  other: 100,
  attachmentBytes: 1024 * 1024,
  totalBytes: 50 * 1024 * 1024,
}

export type KeptLetter = { readonly letter: Letter; readonly bytes: number }
export type KeptBlob = { readonly octets: ArrayBuffer; readonly type: string }
export type KeptMailboxes = { readonly state: string; readonly list: readonly Mailbox[] }

export type KeeperParts = {
  readonly client: Pick<Client, 'batch' | 'send' | 'limits' | 'downloadUrl'>
  readonly shelf: Shelf
  /** Mailboxes that are looked at, besides the inbox */
  readonly open: () => readonly Id[]
  readonly fetchBlob: (url: string, signal: AbortSignal) => Promise<ArrayBuffer>
  readonly bounds?: KeeperBounds
}

/** Letters in one answer */
const lettersAtOnce = 20
const maxChanges = 500

export async function keep(parts: KeeperParts, signal: AbortSignal): Promise<void> {
  const { client, shelf } = parts
  const mailboxes = await bringUpToDate(parts)
  const wanted = await newest(parts, mailboxes.list)
  const rows = new Map((await shelf.all<EmailRow>('rows')).map(row => [row.id, row]))
  for (const ids of pieces(
    wanted.filter(id => !rows.has(id)),
    Math.min(client.limits.maxObjectsInGet, 200),
  )) {
    signal.throwIfAborted()
    const calls = client.batch()
    const get = calls.call('Email/get', { ids, properties: rowProperties })
    const list = (await client.send(calls, { signal })).of(get).list as readonly EmailRow[]
    for (const row of list) rows.set(row.id, row)
    await shelf.change(list.map(row => ({ in: 'rows', key: row.id, value: row })))
  }
  const known = new Set(wanted)
  await shelf.change([...rows.keys()].filter(id => !known.has(id)).map(id => ({ in: 'rows', drop: id })))
  await keepLetters(
    parts,
    wanted.flatMap(id => rows.get(id) ?? []),
    signal,
  )
}

/** What has changed of what is kept, and the state of it all from now on. */
async function bringUpToDate({ client, shelf }: KeeperParts): Promise<KeptMailboxes> {
  const since = await shelf.get<string>('facts', 'emailState')
  const calls = client.batch()
  const get = calls.call('Mailbox/get', { ids: null })
  const identities = calls.call('Identity/get', { ids: null })
  const now = calls.call('Email/get', { ids: [], properties: ['id'] })
  const changes = since === undefined ? undefined : calls.call('Email/changes', { sinceState: since, maxChanges })
  const updated = changes && calls.call('Email/get', { '#ids': changes.result('/updated'), properties: rowProperties })
  const answers = await client.send(calls)
  const told = answers.of(get)
  const facts = (emailState: string): ShelfChange[] => [
    { in: 'facts', key: 'mailboxes', value: { state: told.state, list: told.list } satisfies KeptMailboxes },
    { in: 'facts', key: 'identities', value: answers.of(identities).list as readonly Identity[] },
    { in: 'facts', key: 'emailState', value: emailState },
  ]
  try {
    if (changes && updated) {
      const { newState, destroyed, hasMoreChanges } = answers.of(changes)
      const kept = new Set(await shelf.keys('rows'))
      const rows = (answers.of(updated).list as readonly EmailRow[]).filter(({ id }) => kept.has(id))
      await shelf.change([
        ...destroyed.flatMap(drops),
        ...rows.map(row => ({ in: 'rows', key: row.id, value: row }) as const),
        ...facts(newState),
      ])
      if (!hasMoreChanges) return { state: told.state, list: told.list }
    }
  } catch (error) {
    if (!(error instanceof MethodFault)) throw error
  }
  // too much has changed: rows are read anew; bodies never change
  const all = changes ? await shelf.keys('rows') : []
  await shelf.change([...all.map(id => ({ in: 'rows', drop: id }) as const), ...facts(answers.of(now).state)])
  return { state: told.state, list: told.list }
}

function drops(id: Id): ShelfChange[] {
  return [
    { in: 'rows', drop: id },
    { in: 'letters', drop: id },
  ]
}

/** Those that are worth keeping: the inbox first, each mailbox the newest first. */
async function newest(
  { client, open, bounds = keeperBounds }: KeeperParts,
  mailboxes: readonly Mailbox[],
): Promise<readonly Id[]> {
  const inbox = mailboxes.find(({ role }) => role === 'inbox')?.id
  const others = [...open(), mailboxes.find(({ role }) => role === 'sent')?.id]
  const places = [...new Set([inbox, ...others])].filter(id => mailboxes.some(one => one.id === id))
  const calls = client.batch()
  const asked = places.map(inMailbox =>
    calls.call('Email/query', {
      filter: { inMailbox },
      sort: [{ property: 'receivedAt', isAscending: false }],
      limit: inMailbox === inbox ? bounds.inbox : bounds.other,
    }),
  )
  const answers = await client.send(calls)
  return [...new Set(asked.flatMap(query => answers.of(query).ids))]
}

/** As many as there is room for, in this order. */
async function keepLetters(parts: KeeperParts, rows: readonly EmailRow[], signal: AbortSignal): Promise<void> {
  const { shelf, bounds = keeperBounds } = parts
  const kept = new Set(await shelf.keys('letters'))
  const blobs = new Set(await shelf.keys('blobs'))
  const [letters, files] = [new Set<Id>(), new Set<Id>()]
  let left = bounds.totalBytes
  for (const some of pieces(rows, lettersAtOnce)) {
    signal.throwIfAborted()
    await fetchLetters(
      parts,
      some.filter(row => !kept.has(row.id)).map(({ id }) => id),
      signal,
    )
    for (const { id } of some) {
      const found = await shelf.get<KeptLetter>('letters', id)
      if (!found || found.bytes > left) continue
      left -= found.bytes
      letters.add(id)
      for (const part of smallFiles(found.letter, bounds)) {
        const blobId = part.blobId ?? ''
        if (part.size > left || files.has(blobId)) continue
        if (!blobs.has(blobId) && !(await fetchFile(parts, part, signal))) continue
        left -= part.size
        files.add(blobId)
      }
    }
  }
  await shelf.change([
    ...(await shelf.keys('letters')).filter(id => !letters.has(id)).map(id => ({ in: 'letters', drop: id }) as const),
    ...(await shelf.keys('blobs')).filter(id => !files.has(id)).map(id => ({ in: 'blobs', drop: id }) as const),
  ])
}

async function fetchLetters({ client, shelf }: KeeperParts, ids: readonly Id[], signal: AbortSignal): Promise<void> {
  if (ids.length === 0) return
  const calls = client.batch()
  const get = askLetters(calls, ids)
  const letters = (await client.send(calls, { signal })).of(get).list as unknown as readonly Letter[]
  await shelf.change(
    letters.map(letter => {
      const value: KeptLetter = { letter, bytes: 2 * JSON.stringify(letter).length }
      return { in: 'letters', key: letter.id, value }
    }),
  )
}

type File = Pick<EmailBodyPart, 'blobId' | 'size' | 'type'>

function smallFiles({ attachments, htmlBody }: Letter, { attachmentBytes }: KeeperBounds): readonly File[] {
  return [...attachments, ...htmlBody.filter(({ type }) => type.startsWith('image/'))].filter(
    ({ blobId, size }) => blobId !== null && size <= attachmentBytes,
  )
}

/** False: it could not be had. */
async function fetchFile(
  { client, shelf, fetchBlob }: KeeperParts,
  { blobId, type }: File,
  signal: AbortSignal,
): Promise<boolean> {
  const id = blobId ?? ''
  const octets = await fetchBlob(client.downloadUrl(id, 'file', type), signal).catch(() => undefined)
  signal.throwIfAborted()
  if (!octets) return false
  await shelf.change([{ in: 'blobs', key: id, value: { octets, type } satisfies KeptBlob }])
  return true
}
