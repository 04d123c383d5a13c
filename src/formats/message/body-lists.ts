/** Which parts of a letter are its text and which its attachments. RFC 8621 §4.1.4 */

type PartFacts = {
  /** `text/plain` */
  readonly type: string
  readonly name: string | undefined
  readonly disposition: string | undefined
  readonly cid: string | undefined
}

/** What has to be known of a part to say whether it is text or attached */
export type SortablePart<Own> = PartFacts & {
  readonly part: { readonly subtype: string }
  readonly subParts: readonly Own[] | undefined
}

export type BodyLists<Own> = {
  readonly text: readonly Own[]
  readonly html: readonly Own[]
  readonly attachments: readonly Own[]
}

export function bodyLists<Own extends SortablePart<Own>>(root: Own): BodyLists<Own> {
  const lists: Lists<Own> = { text: [], html: [], attachments: [] }
  sortParts([root], 'mixed', false, lists)
  return { text: lists.text ?? [], html: lists.html ?? [], attachments: lists.attachments }
}

/** One that a person would want to save: not all that is an attachment is (§4.1.4 hasAttachment). */
export function hasAttachment({
  attachments,
}: {
  readonly attachments: readonly Pick<PartFacts, 'type' | 'disposition' | 'cid'>[]
}): boolean {
  return attachments.some(
    ({ disposition, cid, type }) => disposition !== 'inline' && !(cid !== undefined && type.startsWith('image/')),
  )
}

type Lists<Own> = {
  /** Undefined below an alternative that has shown itself to be of the other kind */
  readonly text: Own[] | undefined
  readonly html: Own[] | undefined
  readonly attachments: Own[]
}

/** The algorithm of §4.1.4, with its names. */
function sortParts<Own extends SortablePart<Own>>(
  parts: readonly Own[],
  multipartType: string,
  inAlternative: boolean,
  lists: Lists<Own>,
): void {
  let { text, html } = lists
  const { attachments } = lists
  const [textLength, htmlLength] = [text?.length ?? -1, html?.length ?? -1]
  for (const [index, one] of parts.entries()) {
    if (one.subParts) {
      const subtype = one.part.subtype
      sortParts(one.subParts, subtype, inAlternative || subtype === 'alternative', { text, html, attachments })
      continue
    }
    if (!isInline(one, index, multipartType)) {
      attachments.push(one)
      continue
    }
    if (multipartType === 'alternative') {
      if (one.type === 'text/plain') text?.push(one)
      else if (one.type === 'text/html') html?.push(one)
      else attachments.push(one)
      continue
    }
    if (inAlternative && one.type === 'text/plain') html = undefined
    if (inAlternative && one.type === 'text/html') text = undefined
    text?.push(one)
    html?.push(one)
    if ((!text || !html) && isMedia(one.type)) attachments.push(one)
  }
  if (multipartType !== 'alternative' || !text || !html) return
  // only one of the two kinds was found: it stands for the other too
  if (textLength === text.length && htmlLength !== html.length) text.push(...html.slice(htmlLength))
  else if (htmlLength === html.length && textLength !== text.length) html.push(...text.slice(textLength))
}

function isInline(
  { type, disposition, name }: Pick<PartFacts, 'type' | 'disposition' | 'name'>,
  index: number,
  multipartType: string,
): boolean {
  if (disposition === 'attachment') return false
  if (type !== 'text/plain' && type !== 'text/html' && !isMedia(type)) return false
  // of a related only the first; a text with a file name is an attachment unless it stands first
  return index === 0 || (multipartType !== 'related' && (isMedia(type) || name === undefined))
}

function isMedia(type: string): boolean {
  return /^(?:image|audio|video)\//.test(type)
}
