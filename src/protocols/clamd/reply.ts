/** What clamd answers to INSTREAM (clamd(8)). Pure. */

export type ClamdReply =
  | { readonly kind: 'clean' }
  | { readonly kind: 'found'; readonly name: string }
  /** More octets than its StreamMaxLength */
  | { readonly kind: 'too-large' }
  | { readonly kind: 'error'; readonly text: string }

export function parseClamdReply(line: string): ClamdReply {
  const text = line.replace(/^stream: /, '').trim()
  if (text === 'OK') return { kind: 'clean' }
  const found = /^(\S.{0,200}) FOUND$/.exec(text)?.[1]
  if (found !== undefined) return { kind: 'found', name: found }
  if (/^INSTREAM size limit exceeded/i.test(text)) return { kind: 'too-large' }
  return { kind: 'error', text: text.slice(0, 200) || 'an empty answer' }
}
