/** RFC 8621 §4.9: blobs read as letters without becoming emails. */
import { setImmediate as nextTick } from 'node:timers/promises'
import type { ByteReader } from '#formats/message/byte-reader.ts'
import { parseHeader } from '#formats/message/header.ts'
import { maxHeaderBytes } from '#formats/message/limits.ts'
import { previewOf } from '#formats/message/preview.ts'
import { parseStructure } from '#formats/message/structure.ts'
import { withReader } from '#protocols/imap/message-reader.ts'
import { openMessage, readableMessage } from '../../blob/open-blob.ts'
import { bodyPropertiesOf, type BodyWishes, headerProperties } from '../../email/from-letter.ts'
import {
  bodyProperties,
  emailProperties,
  parsedProperties,
  type ShownEmail,
  type Wanted,
} from '../../email/properties.ts'
import { maxBodyValueBytes, maxObjectsInGet } from '../../limits.ts'
import { accountOf, type Method, MethodFault, resolvedId } from '../../method.ts'
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
      const shown = message && (await withReader(message, reader => parse(reader, blobId, wanted, wishes)))
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

/** Undefined: there is no header. */
function parse(reader: ByteReader, blobId: string, wanted: Wanted, wishes: BodyWishes): ShownEmail | undefined {
  const { root } = parseStructure(reader)
  const header = reader.read(0, Math.min(root.bodyStart, maxHeaderBytes)).slice()
  if (parseHeader(header, 1).length === 0) return undefined
  return {
    // what only an email in a mailbox has
    id: null,
    threadId: null,
    mailboxIds: null,
    keywords: null,
    receivedAt: null,
    blobId,
    size: reader.sizeBytes,
    ...headerProperties(reader, root.bodyStart, wanted),
    ...bodyPropertiesOf(reader, blobId, wanted, wishes),
    ...(wanted.names.has('preview') && { preview: previewOf(reader, root) }),
  } as unknown as ShownEmail
}

function pick(shown: ShownEmail, names: ReadonlySet<string>): ShownEmail {
  return Object.fromEntries(Object.entries(shown).filter(([name]) => names.has(name)))
}
