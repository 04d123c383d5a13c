/** Contacts as a file of vCards. Photos that the server keeps are put into their cards. */
import type { Card } from '#formats/contacts/card.ts'
import { writeVcards } from '#formats/contacts/write-vcard.ts'
import type { ContactCard, ContactMedia } from '#protocols/jmap/wire-contacts.ts'
import type { Client } from '../../jmap/client.ts'

export type VcardVersion = '3.0' | '4.0'

/** `read`: a blob's octets as base64; undefined where they are not to be had */
export type ReadBlob = (blobId: string, type: string) => Promise<string | undefined>

export async function exportVcards(
  cards: readonly ContactCard[],
  version: VcardVersion,
  read: ReadBlob,
): Promise<string> {
  const pieces: string[] = []
  for (const card of cards) pieces.push(writeVcards([(await withPhotos(card, read)) as unknown as Card], { version }))
  return pieces.join('')
}

async function withPhotos(card: ContactCard, read: ReadBlob): Promise<ContactCard> {
  if (!card.media) return card
  const media = await Promise.all(
    Object.entries(card.media).map(async ([id, one]) => [id, await withData(one, read)] as const),
  )
  return { ...card, media: Object.fromEntries(media.flatMap(([id, one]) => (one ? [[id, one] as const] : []))) }
}

async function withData({ blobId, ...media }: ContactMedia, read: ReadBlob): Promise<ContactMedia | undefined> {
  if (media.uri !== undefined || blobId === undefined) return media
  const { mediaType = 'application/octet-stream', ...rest } = media
  const data = await read(blobId, mediaType)
  return data === undefined ? undefined : { ...rest, uri: `data:${mediaType};base64,${data}` }
}

export function blobReader(client: Client): ReadBlob {
  return async (blobId, type) => {
    const response = await fetch(client.downloadUrl(blobId, 'photo', type), { credentials: 'same-origin' })
    if (!response.ok) return undefined
    const octets = new Uint8Array(await response.arrayBuffer())
    let text = ''
    for (let at = 0; at < octets.length; at += 0x8000) text += String.fromCharCode(...octets.subarray(at, at + 0x8000))
    return btoa(text)
  }
}
