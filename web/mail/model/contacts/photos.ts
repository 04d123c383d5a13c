/** Photos of cards: small enough for the server, which takes a card as a whole, and for lists that show many. */
import type { ContactCard } from '#protocols/jmap/wire-contacts.ts'

/** Pixels of the longer side, and octets as JPEG */
export const photoSide = 256
export const photoOctets = 64 * 1024
/** Of a `data:` URI that is taken as it is; what others have made may be a little larger than ours */
const maxUriCharacters = 128 * 1024

/** A picture as a `data:` URI within the bounds; undefined: it is none that can be read */
export type Shrink = (picture: Blob) => Promise<string | undefined>

type Media = ContactCard['media']

/** `isLeftOut`: of a photo that is too large no smaller one could be made */
export async function withSmallPhotos<Card extends { readonly media?: Media }>(
  card: Card,
  shrink: Shrink,
): Promise<{ readonly card: Card; readonly isLeftOut: boolean }> {
  const large = Object.entries(card.media ?? {}).filter(([, { uri }]) => (uri?.length ?? 0) > maxUriCharacters)
  if (large.length === 0) return { card, isLeftOut: false }
  const media: Record<string, NonNullable<Media>[string]> = { ...card.media }
  let isLeftOut = false
  for (const [key, one] of large) {
    const picture = one.kind === 'photo' ? pictureIn(one.uri ?? '') : undefined
    const uri = picture && (await shrink(picture))
    if (uri === undefined) {
      delete media[key]
      isLeftOut = true
    } else {
      const { mediaType: _, ...rest } = one
      media[key] = { ...rest, uri }
    }
  }
  return { card: { ...card, media }, isLeftOut }
}

/** Of a `data:` URI in BASE64. RFC 2397 */
export function pictureIn(uri: string): Blob | undefined {
  const comma = uri.indexOf(',')
  const [, type] = /^data:([^;,]*)(?:;[^;,]*)*;base64$/i.exec(uri.slice(0, comma)) ?? []
  if (type === undefined) return undefined
  try {
    return new Blob([Uint8Array.from(atob(uri.slice(comma + 1)), sign => sign.charCodeAt(0))], { type })
  } catch {
    return undefined
  }
}
