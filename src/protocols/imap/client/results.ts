/** What a command's responses come to. */
import type { SequenceRange } from '../syntax/sequence-set.ts'
import type { FetchValues, ImapAnswer, Nested, ResponseCode, UntaggedResponse } from './response.ts'

export type Fetched = { readonly message: number; readonly values: FetchValues }

/** RFC 9051 §6.3.2; undefined: the server did not say */
export type Selected = {
  readonly readOnly: boolean
  readonly exists: number
  readonly flags: readonly string[]
  readonly permanentFlags: readonly string[] | undefined
  readonly uidValidity: number | undefined
  readonly uidNext: number | undefined
  /** Undefined also where the mailbox keeps none (NOMODSEQ) */
  readonly highestModSeq: number | undefined
  /** Since the modseq of `resync`. RFC 7162 §3.2.5 */
  readonly vanished: readonly SequenceRange[]
  readonly changed: readonly Fetched[]
}

export function selectedOf(answer: ImapAnswer): Selected {
  const codes = codesOf(answer)
  const number = (name: 'UIDVALIDITY' | 'UIDNEXT' | 'HIGHESTMODSEQ') => codeNamed(codes, name)?.number
  const { responses } = answer
  return {
    readOnly: codes.some(code => code.name === 'other' && code.code === 'READ-ONLY'),
    exists: lastOf(responses, 'exists')?.number ?? 0,
    flags: lastOf(responses, 'flags')?.flags ?? [],
    permanentFlags: codeNamed(codes, 'PERMANENTFLAGS')?.flags,
    uidValidity: number('UIDVALIDITY'),
    uidNext: number('UIDNEXT'),
    highestModSeq: number('HIGHESTMODSEQ'),
    vanished: allOf(responses, 'vanished').flatMap(one => one.uids),
    changed: allOf(responses, 'fetch'),
  }
}

export type Copied = {
  readonly uidValidity: number
  readonly from: readonly SequenceRange[]
  readonly to: readonly SequenceRange[]
}

/** MOVE says it untagged, before the expunges. RFC 6851 §4.3 */
export function copiedOf(answer: ImapAnswer): Copied | undefined {
  return codeNamed(codesOf(answer), 'COPYUID')
}

export type Found = {
  /** In order, or as the server gave them without RETURN */
  readonly all: readonly SequenceRange[]
  readonly min: number | undefined
  readonly max: number | undefined
  readonly count: number | undefined
  /** The highest of what was found. RFC 7162 §3.1.5 */
  readonly modSeq: number | undefined
}

export function foundOf({ responses }: ImapAnswer): Found {
  const extended = lastOf(responses, 'esearch')
  if (extended) return { ...extended, all: extended.all ?? [] }
  const plain = allOf(responses, 'search')
  const numbers = plain.flatMap(one => one.numbers)
  return {
    all: rangesOf(numbers),
    min: numbers.length > 0 ? numbers.reduce((a, b) => Math.min(a, b)) : undefined,
    max: numbers.length > 0 ? numbers.reduce((a, b) => Math.max(a, b)) : undefined,
    count: numbers.length,
    modSeq: plain.at(-1)?.modSeq,
  }
}

function rangesOf(numbers: readonly number[]): readonly SequenceRange[] {
  const ranges: { first: number; last: number }[] = []
  for (const number of numbers.toSorted((a, b) => a - b)) {
    const range = ranges.at(-1)
    if (range && number <= range.last + 1) range.last = number
    else ranges.push({ first: number, last: number })
  }
  return ranges
}

/** What is a number becomes one: `MESSAGES`; `(id)` becomes `id`. */
export function statusOf({ responses }: ImapAnswer): ReadonlyMap<string, number | string> {
  const items = new Map<string, number | string>()
  for (const [name, value] of lastOf(responses, 'mailbox-status')?.items ?? []) {
    const text: Nested = Array.isArray(value) ? (value as readonly Nested[])[0] : value
    if (typeof text === 'string') items.set(name, /^\d+$/.test(text) ? Number(text) : text)
  }
  return items
}

function codesOf({ code, responses }: ImapAnswer): readonly ResponseCode[] {
  const codes = responses.flatMap(response => (response.kind === 'status' && response.code ? [response.code] : []))
  return code ? [...codes, code] : codes
}

export function codeNamed<Name extends ResponseCode['name']>(
  codes: readonly ResponseCode[],
  name: Name,
): Extract<ResponseCode, { name: Name }> | CodeOf<Name> | undefined {
  return codes.findLast((code): code is CodeOf<Name> => code.name === name)
}
type CodeOf<Name> = ResponseCode extends infer Code
  ? Code extends { readonly name: infer Names }
    ? Name extends Names
      ? Code
      : never
    : never
  : never

type OfKind<Kind> = UntaggedResponse extends infer One
  ? One extends { readonly kind: infer Kinds }
    ? Kind extends Kinds
      ? One
      : never
    : never
  : never

export function allOf<Kind extends UntaggedResponse['kind']>(
  responses: readonly UntaggedResponse[],
  kind: Kind,
): readonly OfKind<Kind>[] {
  return responses.filter((response): response is UntaggedResponse & OfKind<Kind> => response.kind === kind)
}

function lastOf<Kind extends UntaggedResponse['kind']>(responses: readonly UntaggedResponse[], kind: Kind) {
  return allOf(responses, kind).at(-1)
}
