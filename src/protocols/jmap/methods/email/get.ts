/** RFC 8621 §4.2 */
import { setImmediate as nextTick } from 'node:timers/promises'
import { isAttached } from '#formats/message/attached.ts'
import type { ByteReader } from '#formats/message/byte-reader.ts'
import type { Account } from '#mail/account.ts'
import type { EmailRow } from '#mail/account-email.ts'
import type { AccountReader } from '#mail/account-reader.ts'
import { printThreadId, readEmailId } from '#mail/object-ids.ts'
import { printLetterBlobId } from '../../blob/id.ts'
import { type BodyWishes, headerProperties } from '../../email/from-letter.ts'
import { bodyProperties, emailProperties, reach, type ShownEmail, type Wanted } from '../../email/properties.ts'
import { viewCharset, viewOf } from '../../email/view.ts'
import { keywordsOf, mailboxIdsOf, shownPlacements } from '../../email/shown.ts'
import { askedIds, getShape } from '../../get.ts'
import { maxBodyValueBytes, rowsPerRead } from '../../limits.ts'
import { accountOf, type Method, type MethodContext, MethodFault } from '../../method.ts'
import { printTypeState } from '../../state.ts'
import { checkArguments, fallback, flag, list, optional, text, unsigned } from '../../syntax/arguments.ts'
import { type GetResponse, mailCapability } from '../../wire.ts'
import { withReader } from '#mail/message-reader.ts'

const shape = {
  ...getShape,
  bodyProperties: optional(list(text)),
  fetchTextBodyValues: fallback(flag, false),
  fetchHTMLBodyValues: fallback(flag, false),
  fetchAllBodyValues: fallback(flag, false),
  maxBodyValueBytes: fallback(unsigned, 0),
  viewCharset,
}

export const emailGet: Method = {
  capability: mailCapability,
  async run(given, context): Promise<GetResponse<ShownEmail>> {
    const asked = checkArguments(given, shape)
    const wanted = emailProperties(asked.properties)
    const wishes: BodyWishes = {
      parts: bodyProperties(asked.bodyProperties),
      fetchText: asked.fetchTextBodyValues,
      fetchHtml: asked.fetchHTMLBodyValues,
      fetchAll: asked.fetchAllBodyValues,
      maxBytes: asked.maxBodyValueBytes,
      room: { left: maxBodyValueBytes },
      view: viewOf(asked.viewCharset, context),
    }
    const account = await accountOf(asked.accountId, context)
    const ids = askedIds(asked.ids, context)
    if (!ids) throw new MethodFault('requestTooLarge', 'All emails at once are too many: name them')
    const state = await account.read(reader => reader.state)
    const list: ShownEmail[] = []
    const notFound: string[] = []
    for (let from = 0; from < ids.length; from += rowsPerRead) {
      const slice = ids.slice(from, from + rowsPerRead)
      const found = await account.read(reader => slice.map(id => stored(reader, id)))
      for (const [index, id] of slice.entries()) {
        const email = found[index]
        const shown = email && (await show(account, email, { wanted, wishes, context }))
        if (shown) list.push(shown)
        else notFound.push(id)
      }
    }
    if (wanted.names.has('preview')) await addPreviews(account, list, context)
    return { accountId: asked.accountId, state: printTypeState(state, 'email'), list, notFound }
  },
}

type Stored = { readonly row: EmailRow; readonly shown: ShownEmail }

/** What is known without the letter; undefined when it is not there. */
function stored(reader: AccountReader, id: string): Stored | undefined {
  const email = readEmailId(id)
  const placements = email === undefined ? [] : shownPlacements(reader, email)
  const row = email === undefined || placements.length === 0 ? undefined : reader.email(email)
  if (!row) return undefined
  const shown = {
    id,
    blobId: printLetterBlobId(row.id),
    threadId: printThreadId(row.threadId),
    mailboxIds: mailboxIdsOf(placements),
    keywords: keywordsOf(placements[0]?.flags ?? 0, reader.keywordNames),
    size: row.sizeBytes,
    receivedAt: new Date(row.internalDate)
      .toISOString()
      .replace('.000Z', 'Z')
      .replace(/(\.\d*[1-9])0+Z/, '$1Z'),
  }
  return { row, shown }
}

type Show = { readonly wanted: Wanted; readonly wishes: BodyWishes; readonly context: MethodContext }

/** Others get their turn between two letters that are read. */
async function show(account: Account, { row, shown }: Stored, how: Show): Promise<ShownEmail | undefined> {
  const { wanted, wishes, context } = how
  const known = Object.fromEntries(Object.entries(shown).filter(([name]) => wanted.names.has(name)))
  const far = reach(wanted)
  if (far === 'row') return known
  context.signal.throwIfAborted()
  await nextTick()
  const message = await account.message(row.id)
  if (!message) return undefined
  const headerOf = (reader: ByteReader) => headerProperties(reader, row.headerBytes, wanted, wishes.view?.charset)
  if (far === 'header') return await withReader(message, reader => ({ ...known, ...headerOf(reader) }))
  const { place, sizeBytes } = message
  const blobId = printLetterBlobId(row.id)
  const work = {
    kind: 'email',
    letter: { place, sizeBytes },
    headerBytes: row.headerBytes,
    blobId,
    wanted,
    wishes,
  } as const
  const read = await context.letters.read(work, `${account.id} ${blobId}`, context.log)
  if (!read) return { ...known, ...(await withReader(message, headerOf)), ...unread(row, wanted) }
  wishes.room.left = read.output.left
  return { ...known, ...read.output.shown }
}

/** Of a letter that nobody can read: what was known of it when it came. */
function unread({ bodyStructure }: EmailRow, { names }: Wanted): ShownEmail {
  const all = {
    bodyStructure: null,
    textBody: [],
    htmlBody: [],
    attachments: [],
    bodyValues: {},
    hasAttachment: isAttached(bodyStructure),
  }
  return Object.fromEntries(Object.entries(all).filter(([name]) => names.has(name)))
}

async function addPreviews(account: Account, list: ShownEmail[], { signal }: MethodContext): Promise<void> {
  const ids = list.map(({ id }) => readEmailId(id ?? ''))
  const previews = await account.previews(
    ids.flatMap(id => id ?? []),
    { signal },
  )
  for (const [index, preview] of previews.entries()) list[index] = { ...list[index], preview: preview ?? '' }
}
