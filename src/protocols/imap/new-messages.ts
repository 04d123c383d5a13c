/**
 * The messages that APPEND and REPLACE bring, as the account takes them: literals as they are, and those that CATENATE puts
 * together (RFC 4469). A catenated message is never held: its parts are measured first, and read when the account takes them.
 */
import { memorySource, type MessageSource } from '#formats/message-source.ts'
import type { NewMessage } from '#mail/account.ts'
import { headerOf } from '#mail/receive/header-of.ts'
import { withoutNul } from './binary-message.ts'
import { flagChange } from './flags.ts'
import type { Peer } from './peer.ts'
import { no, Refused } from './reply.ts'
import type { Authenticated, Selected } from './session.ts'
import { isUtf8 } from './syntax/dialect.ts'
import type { Literal } from './syntax/framing.ts'
import type { AppendMessage, CatenatedPart, Utf8Literal } from './syntax/request.ts'
import { UrlResolver } from './url-resolver.ts'

/** Throws the refusal: BADURL, TOOBIG, or CANNOT for a message of nothing. */
export async function newMessages(
  messages: readonly AppendMessage[],
  session: Authenticated | Selected,
  peer: Peer,
): Promise<readonly NewMessage[]> {
  const now = Date.now()
  const urls = new UrlResolver(session, peer.hostname)
  const mayBeUtf8 = isUtf8(peer.enabled) || !peer.offers('UTF8=ACCEPT')
  const made: NewMessage[] = []
  let sizeBytes = 0
  for (const { flags, internalDate, message } of messages) {
    const change = flagChange('replace', flags)
    const brought = message.kind === 'catenation' ? await catenated(message.parts, urls) : literalSource(message)
    const source = bringsBinary(message) ? await withoutNul(brought) : brought
    sizeBytes += source.sizeBytes
    if (source.sizeBytes === 0) throw new Refused(no('CANNOT', 'An empty message cannot be kept'))
    // RFC 4469 §4.2
    if (sizeBytes > peer.appendLimitBytes) throw new Refused(no('TOOBIG', 'This is larger than may be kept here'))
    // a letter that comes as it is, is kept as it is: clients that synchronize would leave out old mail (docs/quirks.md)
    if (message.kind === 'utf8' && !mayBeUtf8 && hasEightBits(await headerOf(source))) throw new Refused(needsUtf8)
    made.push({ message: source, flags: change, internalDate: internalDate ?? now })
  }
  return made
}

/** RFC 6855 §4 */
const needsUtf8 = no('CANNOT', 'Header fields beyond ASCII need ENABLE UTF8=ACCEPT or IMAP4rev2')

function hasEightBits(header: Uint8Array): boolean {
  return header.some(byte => byte >= 0x80)
}

function bringsBinary(message: AppendMessage['message']): boolean {
  if (message.kind === 'utf8') return true
  if (message.kind !== 'catenation') return message.binary
  return message.parts.some(part => part.kind === 'utf8' || (part.kind === 'text' && part.literal.binary))
}

function literalSource(brought: Literal | Utf8Literal): MessageSource {
  const literal = brought.kind === 'utf8' ? brought.literal : brought
  return literal.kind === 'message' ? literal.source : memorySource(literal.bytes)
}

async function catenated(parts: readonly CatenatedPart[], urls: UrlResolver): Promise<MessageSource> {
  const pieces: Pick<MessageSource, 'sizeBytes' | 'open'>[] = []
  for (const part of parts)
    pieces.push(part.kind === 'url' ? await urls.resolve(part.url) : literalSource(part.literal))
  return {
    sizeBytes: pieces.reduce((sum, piece) => sum + piece.sizeBytes, 0),
    place: { kind: 'stream' },
    async *open() {
      for (const piece of pieces) yield* piece.open()
    },
  }
}
