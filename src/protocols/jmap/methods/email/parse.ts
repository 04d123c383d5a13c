/** RFC 8621 §4.9: blobs read as letters without becoming emails. */
import { setImmediate as nextTick } from 'node:timers/promises'
import type { MessageSource } from '#formats/message-source.ts'
import { openMessage, readableMessage } from '../../blob/open-blob.ts'
import type { BodyWishes } from '../../email/from-letter.ts'
import {
  bodyProperties,
  emailProperties,
  parsedProperties,
  type ShownEmail,
  type Wanted,
} from '../../email/properties.ts'
import { viewCharset, viewOf } from '../../email/view.ts'
import { maxBodyValueBytes, maxObjectsInGet } from '../../limits.ts'
import { accountOf, type Method, type MethodContext, MethodFault, resolvedId } from '../../method.ts'
import {
  checkArguments,
  fallback,
  flag,
  id,
  idOrCreated,
  list,
  optional,
  text,
  unsigned,
} from '../../syntax/arguments.ts'
import { mailCapability } from '../../wire.ts'

const shape = {
  accountId: id,
  blobIds: list(idOrCreated),
  properties: optional(list(text)),
  bodyProperties: optional(list(text)),
  fetchTextBodyValues: fallback(flag, false),
  fetchHTMLBodyValues: fallback(flag, false),
  fetchAllBodyValues: fallback(flag, false),
  maxBodyValueBytes: fallback(unsigned, 0),
  viewCharset,
}

export const emailParse: Method = {
  capability: mailCapability,
  async run(given, context) {
    const asked = checkArguments(given, shape)
    const names = asked.properties ?? parsedProperties
    const wanted = emailProperties(names)
    const wishes: BodyWishes = {
      parts: bodyProperties(asked.bodyProperties),
      fetchText: asked.fetchTextBodyValues,
      fetchHtml: asked.fetchHTMLBodyValues,
      fetchAll: asked.fetchAllBodyValues,
      maxBytes: asked.maxBodyValueBytes,
      room: { left: maxBodyValueBytes },
      view: viewOf(asked.viewCharset, context),
    }
    if (asked.blobIds.length > maxObjectsInGet)
      throw new MethodFault('requestTooLarge', `At most ${maxObjectsInGet} blobs at a time`)
    const account = await accountOf(asked.accountId, context)
    const parsed: Record<string, ShownEmail> = {}
    const lists = { notParsable: [] as string[], notFound: [] as string[] }
    for (const named of new Set(asked.blobIds)) {
      context.signal.throwIfAborted()
      await nextTick()
      const blobId = resolvedId(named, context) ?? named
      const source = await openMessage(context, account.id, blobId)
      const message = source && (await readableMessage(source))
      const shown = message && (await parse(message, blobId, { context, wanted, wishes }))
      if (!source) lists.notFound.push(named)
      else if (!shown) lists.notParsable.push(named)
      else parsed[named] = pick(shown, new Set(names))
    }
    return {
      accountId: asked.accountId,
      parsed: Object.keys(parsed).length > 0 ? parsed : null,
      notParsable: lists.notParsable.length > 0 ? lists.notParsable : null,
      notFound: lists.notFound.length > 0 ? lists.notFound : null,
    }
  },
}

type How = { readonly context: MethodContext; readonly wanted: Wanted; readonly wishes: BodyWishes }

/** Undefined: there is no header, or nobody can read it. */
async function parse(
  { place, sizeBytes }: MessageSource,
  blobId: string,
  { context, wanted, wishes }: How,
): Promise<ShownEmail | undefined> {
  const work = { kind: 'parse', letter: { place, sizeBytes }, blobId, wanted, wishes } as const
  const read = await context.letters.read(work, `${context.login.account} ${blobId}`, context.log)
  if (!read?.output) return undefined
  wishes.room.left = read.output.left
  return {
    // what only an email in a mailbox has
    id: null,
    threadId: null,
    mailboxIds: null,
    keywords: null,
    receivedAt: null,
    blobId,
    size: sizeBytes,
    ...read.output.shown,
  } as unknown as ShownEmail
}

function pick(shown: ShownEmail, names: ReadonlySet<string>): ShownEmail {
  return Object.fromEntries(Object.entries(shown).filter(([name]) => names.has(name)))
}
