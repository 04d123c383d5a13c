/** What is read from a letter as a whole: plain data in and out, so that it can be done in another thread. */
import type { ByteReader } from '#formats/message/byte-reader.ts'
import { parseHeader } from '#formats/message/header.ts'
import { maxHeaderBytes } from '#formats/message/limits.ts'
import { previewOf } from '#formats/message/preview.ts'
import { type Part, parseStructure } from '#formats/message/structure.ts'
import type { MessageSource } from '#formats/message-source.ts'
import type { TextTerm } from '#formats/search/term.ts'
import { withReader } from '#mail/message-reader.ts'
import { bodyPropertiesOf, type BodyWishes, headerProperties } from '../email/from-letter.ts'
import type { ShownEmail, Wanted } from '../email/properties.ts'
import { snippets } from '../email/snippets-of.ts'
import type { SearchSnippet } from '../wire.ts'
import { PartSizes } from './part-sizes.ts'

/** A letter that does not have to be asked for again: in memory or in a file */
export type Letter = Pick<MessageSource, 'sizeBytes' | 'place'>

type How = { readonly letter: Letter; readonly blobId: string; readonly wanted: Wanted; readonly wishes: BodyWishes }
export type LetterWork =
  | ({ readonly kind: 'email'; readonly headerBytes: number } & How)
  | ({ readonly kind: 'parse' } & How)
  | { readonly kind: 'snippet'; readonly letter: Letter; readonly terms: readonly TextTerm[] }
  | { readonly kind: 'part'; readonly letter: Letter; readonly path: readonly number[] }

/** `left`: what of the room for body values is left */
export type ReadEmail = { readonly shown: ShownEmail; readonly left: number }
/** `sizeBytes`: decoded */
export type FoundPart = { readonly part: Pick<Part, 'encoding' | 'bodyStart' | 'bodyEnd'>; readonly sizeBytes: number }
export type LetterOutput<Kind extends LetterWork['kind']> = {
  email: ReadEmail
  /** Without one it is no letter: it has no header */
  parse: ReadEmail | undefined
  part: FoundPart | undefined
  snippet: Omit<SearchSnippet, 'emailId'>
}[Kind]

const sizes = new PartSizes()

export async function doWork<Work extends LetterWork>(work: Work): Promise<LetterOutput<Work['kind']>> {
  const done = await withReader(work.letter as MessageSource, reader => read(reader, work))
  return done as LetterOutput<Work['kind']>
}

function read(reader: ByteReader, work: LetterWork): LetterOutput<LetterWork['kind']> {
  switch (work.kind) {
    case 'email':
      return readEmail(reader, work, work.headerBytes)
    case 'parse':
      return parse(reader, work)
    case 'part':
      return findPart(reader, work)
    case 'snippet':
      return snippets(reader, work.terms)
  }
}

function readEmail(reader: ByteReader, { blobId, letter, wanted, wishes }: How, headerBytes: number): ReadEmail {
  const room = { ...wishes.room }
  const shown = {
    ...headerProperties(reader, headerBytes, wanted, wishes.view?.charset),
    ...bodyPropertiesOf(reader, blobId, wanted, { ...wishes, room, sizeOf: sizes.of(letter) }),
  }
  return { shown, left: room.left }
}

function parse(reader: ByteReader, how: How): ReadEmail | undefined {
  const { root } = parseStructure(reader)
  const header = reader.read(0, Math.min(root.bodyStart, maxHeaderBytes)).slice()
  if (parseHeader(header, 1).length === 0) return undefined
  const { shown, left } = readEmail(reader, how, root.bodyStart)
  const preview = how.wanted.names.has('preview') ? { preview: previewOf(reader, root) } : {}
  return { shown: { ...shown, ...preview }, left }
}

function findPart(reader: ByteReader, { letter, path }: Extract<LetterWork, { kind: 'part' }>): FoundPart | undefined {
  const part = partAt(parseStructure(reader).root, path)
  if (!part) return undefined
  const { bodyEnd, bodyStart, encoding } = part
  return { part: { encoding, bodyStart, bodyEnd }, sizeBytes: sizes.of(letter)(reader, { part }) }
}

/** As describe() in letter-parts.ts counts them: a letter that is no multipart has one part, and messages are not looked into. */
function partAt(root: Part, path: readonly number[]): Part | undefined {
  if (root.kind !== 'multipart') return path.length === 1 && path[0] === 1 ? root : undefined
  let part: Part | undefined = root
  for (const number of path) part = part?.kind === 'multipart' ? part.children[number - 1] : undefined
  return part?.kind === 'multipart' ? undefined : part
}
