/**
 * The base subject of RFC 5256 §2.1, exactly as written there: clients that sort by themselves do the same. Not what threads of the account
 * are made by (store/account/threading.ts), which knows more languages.
 */

export type BaseSubject = {
  readonly base: string
  /** A reply or forward: more than blobs and blanks was taken away (RFC 5256 §3) */
  readonly isReply: boolean
}

/** `subject`: decoded. In one pass: what is passed over once is not looked at again. */
export function baseSubject(subject: string): BaseSubject {
  const text = subject.replaceAll(/[ \t\r\n]+/g, ' ')
  let start = 0
  let end = text.length
  let isReply = false
  for (;;) {
    const trailer = withoutTrailers(text, start, end)
    const leader = withoutLeaders(text, start, trailer.end)
    isReply ||= trailer.isReply || leader.isReply
    start = leader.start
    end = trailer.end
    // step 6
    if (!isWord(text, start, '[fwd:') || end - start < 6 || text[end - 1] !== ']') break
    isReply = true
    start += 5
    end -= 1
  }
  return { base: text.slice(start, end), isReply }
}

/** Step 2: `(fwd)` and blanks at the end. */
function withoutTrailers(
  text: string,
  start: number,
  from: number,
): { readonly end: number; readonly isReply: boolean } {
  let end = from
  let isReply = false
  for (;;) {
    if (end > start && text[end - 1] === ' ') end -= 1
    else if (end - start >= 5 && isWord(text, end - 5, '(fwd)')) {
      end -= 5
      isReply = true
    } else return { end, isReply }
  }
}

/** Steps 3 to 5: `[list] Re[2]:` and its like, and blobs as long as they are not all there is. */
function withoutLeaders(
  text: string,
  from: number,
  end: number,
): { readonly start: number; readonly isReply: boolean } {
  let start = from
  let isReply = false
  for (;;) {
    while (start < end && text[start] === ' ') start += 1
    let lastBlob = start
    let afterBlobs = start
    for (let next = blobEnd(text, start, end); next > 0; next = blobEnd(text, next, end)) {
      lastBlob = afterBlobs
      afterBlobs = next
    }
    const after = replyMarkEnd(text, afterBlobs, end)
    if (after < 0) return { start: afterBlobs < end ? afterBlobs : lastBlob, isReply }
    start = after
    isReply = true
  }
}

/** subj-blob with the blanks behind it; -1 when there is none. */
function blobEnd(text: string, start: number, end: number): number {
  if (text[start] !== '[') return -1
  let at = start + 1
  while (at < end && text[at] !== '[' && text[at] !== ']') at += 1
  if (at >= end || text[at] !== ']') return -1
  at += 1
  while (at < end && text[at] === ' ') at += 1
  return at
}

/** subj-refwd; -1 when there is none. */
function replyMarkEnd(text: string, start: number, end: number): number {
  const word = ['re', 'fwd', 'fw'].find(mark => isWord(text, start, mark))
  if (word === undefined) return -1
  let at = start + word.length
  while (at < end && text[at] === ' ') at += 1
  const blob = blobEnd(text, at, end)
  if (blob > 0) at = blob
  return at < end && text[at] === ':' ? at + 1 : -1
}

function isWord(text: string, at: number, word: string): boolean {
  return text.slice(at, at + word.length).toLowerCase() === word
}
