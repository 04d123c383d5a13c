/**
 * Filters as a person makes them in a form. Each is one `if` of a Sieve script: `print.ts` writes it, `read.ts` reads it back, `document.ts` is the
 * whole script with what others have written in it. All of it is pure and runs in browsers too.
 */

export type Filter = {
  readonly name: string
  readonly isOn: boolean
  /** Whether all conditions have to be true or one is enough; without conditions it is for every letter */
  readonly match: 'all' | 'any'
  readonly conditions: readonly Condition[]
  readonly actions: readonly Action[]
  /** Nothing behind it is run for this letter, the script behind the filters included */
  readonly stops: boolean
}

export const textTests = ['contains', 'notContains', 'is', 'isNot', 'begins'] as const
export type TextTest = (typeof textTests)[number]

export type Condition =
  /** `contains` looks at names too, the others at addresses. `to` is To and Cc */
  | { readonly kind: 'from' | 'to'; readonly test: TextTest | 'domain'; readonly value: string }
  /** Of `list` the value is the identifier in List-Id without its brackets (RFC 2919) */
  | { readonly kind: 'subject' | 'list'; readonly test: TextTest; readonly value: string }
  | { readonly kind: 'header'; readonly name: string; readonly test: TextTest; readonly value: string }
  | { readonly kind: 'body'; readonly test: 'contains' | 'notContains'; readonly value: string }
  /** A part that says `Content-Disposition: attachment` */
  | { readonly kind: 'attachment'; readonly test: 'has' | 'hasNot' }
  /** In 1024 octets, or in 1024 of these */
  | { readonly kind: 'size'; readonly test: 'over' | 'under'; readonly amount: number; readonly unit: 'K' | 'M' }

export type Action =
  /** IMAP keyword */
  | { readonly kind: 'label'; readonly keyword: string }
  | { readonly kind: 'star' | 'read' | 'neverJunk' | 'discard' }
  /** To this address, and it stays here too */
  | { readonly kind: 'forward'; readonly to: string }
  | { readonly kind: 'copy' | 'move'; readonly mailbox: FilterMailbox }

/** By its id (RFC 9042), so that it may be renamed; by its name where nothing has that id, and made where nothing has that name */
export type FilterMailbox = { readonly id: string | undefined; readonly name: string }

/** Flags first, so that what is put into a mailbox has them; where the letter goes in the end comes last. */
const ranks: Readonly<Record<Action['kind'], number>> = {
  label: 0,
  star: 0,
  read: 0,
  neverJunk: 0,
  forward: 1,
  copy: 2,
  move: 3,
  discard: 3,
}

export function rankOf({ kind }: Action): number {
  return ranks[kind]
}

/** A letter goes to one place: of several the first counts. */
export function inOrder(actions: readonly Action[]): readonly Action[] {
  const sorted = actions.toSorted((one, other) => rankOf(one) - rankOf(other))
  const ends = sorted.findIndex(action => rankOf(action) === 3)
  return ends < 0 ? sorted : sorted.slice(0, ends + 1)
}

/** Texts stand on one line, and say what can be written in UTF-8. */
export function oneLine(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[\0-\x1f\x7f-\x9f\u2028\u2029]+/g, ' ')
    .trim()
}
