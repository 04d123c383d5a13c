/**
 * A script as it is written, by the generic grammar of RFC 5228 §8.2: nothing is known here of what commands mean. Plain data; `print.ts`
 * writes it again.
 */

/** From 1 */
export type Place = { readonly line: number; readonly column: number }

export type Script = {
  readonly commands: readonly Command[]
  /** After the last command */
  readonly comments: readonly Comment[]
}

export type Comment = {
  /** `# …` or `/* … *\/`, as written, without the line end */
  readonly text: string
  /** Stands on the line of what is before it */
  readonly sameLine: boolean
}

export type Command = {
  /** Before the command; those inside it, between its arguments, are not kept */
  readonly comments: readonly Comment[]
  readonly at: Place
  /** Offsets in the text, the semicolon or closing brace included */
  readonly from: number
  readonly to: number
  readonly block: Block | undefined
} & Call

export type Block = { readonly commands: readonly Command[]; readonly comments: readonly Comment[] }

/** What commands and tests have in common */
export type Call = {
  /** As written */
  readonly name: string
  readonly args: readonly Argument[]
  readonly tests: Tests
}

export type Tests =
  | { readonly kind: 'none' }
  | { readonly kind: 'one'; readonly test: Test }
  | { readonly kind: 'list'; readonly tests: readonly Test[] }

export type Test = { readonly at: Place } & Call

export type Argument =
  | { readonly kind: 'number'; readonly at: Place; readonly number: number; readonly quantifier: Quantifier }
  /** Without the colon, as written */
  | { readonly kind: 'tag'; readonly at: Place; readonly name: string }
  | { readonly kind: 'strings'; readonly at: Place; readonly strings: readonly StringValue[]; readonly list: boolean }

export type Quantifier = '' | 'K' | 'M' | 'G'

export type StringValue = {
  readonly at: Place
  /** Escapes and dot-stuffing undone. A multi-line text is empty or ends with CRLF, and all its lines do */
  readonly text: string
  /** Written as `text:` */
  readonly multiline: boolean
}

export const factorOf: Readonly<Record<Quantifier, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 }
