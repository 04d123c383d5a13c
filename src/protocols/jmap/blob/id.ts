/**
 * Blob ids. `L12`: the letter of email 12. `U…`: an upload. `P…`: a photo of a contact. Behind either, `-1_2` names part 1.2 of it (IMAP's numbers), its transfer encoding undone;
 * and so on, where that part is a message of its own: `L12-2-1_3`.
 */
import { readMediaBlobId } from '#formats/jscontact/ids.ts'
import type { EmailId } from '#mail/ids.ts'

export type BlobId = {
  readonly root:
    | { readonly kind: 'letter'; readonly email: EmailId }
    | { readonly kind: 'upload'; readonly id: string }
    | { readonly kind: 'photo'; readonly hash: string }
    | { readonly kind: 'script'; readonly id: number; readonly hash: string }
  /** From the outermost in */
  readonly parts: readonly (readonly number[])[]
}

/** Messages in messages; each has to be read through. */
const maxLevels = 8

export function printLetterBlobId(email: EmailId): string {
  return `L${email}`
}

/** `hash`: of what it holds, 32 hexadecimal digits */
export function printScriptBlobId(id: number, hash: string): string {
  return `S${id}_${hash}`
}

/** `partId`: as in EmailBodyPart, `1.2` */
export function printPartBlobId(whole: string, partId: string): string {
  return `${whole}-${partId.replaceAll('.', '_')}`
}

/** Undefined for what was never given out. */
export function readBlobId(text: string): BlobId | undefined {
  const [first = '', ...rest] = text.split('-')
  const root = readRoot(first)
  if (!root || rest.length > maxLevels) return undefined
  if (!rest.every(part => /^[1-9]\d{0,4}(?:_[1-9]\d{0,4}){0,100}$/.test(part))) return undefined
  return { root, parts: rest.map(part => part.split('_').map(Number)) }
}

function readRoot(text: string): BlobId['root'] | undefined {
  if (/^U[0-9a-f]{32}$/.test(text)) return { kind: 'upload', id: text }
  const [, script, hash] = /^S([1-9]\d{0,15})_([0-9a-f]{32})$/.exec(text) ?? []
  if (script !== undefined && hash !== undefined) return { kind: 'script', id: Number(script), hash }
  const hashOfPhoto = readMediaBlobId(text)
  if (hashOfPhoto !== undefined) return { kind: 'photo', hash: hashOfPhoto }
  const [, number] = /^L([1-9][0-9]{0,14})$/.exec(text) ?? []
  return number === undefined ? undefined : { kind: 'letter', email: Number(number) as EmailId }
}
