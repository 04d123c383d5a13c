/** One hostile letter: what it is, what it tries, and how an unguarded reader would have to show it for the attack to work. */

export type Attempt =
  /** Code of the sender runs */
  | 'script'
  /** Something is fetched without anybody asking */
  | 'request'
  /** Something outside the letter looks different, or is called by another's name */
  | 'outside'
  /** The reader's page, or the frame, goes somewhere else */
  | 'navigation'
  /** The browser stands still */
  | 'time'

export type Payload = {
  /** Says that it ran; free of quotes, spaces and angle brackets */
  readonly js: string
  /** Is being watched */
  readonly url: string
}

export type Attack = {
  readonly name: string
  readonly tries: Attempt
  readonly html?: (payload: Payload) => string
  readonly text?: (payload: Payload) => string
  /** Subject and names of attached files */
  readonly label?: (payload: Payload) => string
  /** How the unguarded reader shows it: as (part of) a page, parsed and printed and parsed again, or its text taken for HTML */
  readonly shownBy?: 'page' | 'reparsing' | 'decoding-twice'
  /** It takes the reader's page with it, so it is shown by itself */
  readonly alone?: true
  /** Why no browser of today does it */
  readonly silent?: string
}

type Row = readonly [name: string, html: string | ((payload: Payload) => string), silent?: string]

/** `JS` and `URL` in a row's text stand for the payload. */
export function attacks(tries: Attempt, rows: readonly Row[], more: Partial<Attack> = {}): readonly Attack[] {
  return rows.map(([name, html, silent]) => ({
    name,
    tries,
    html: typeof html === 'string' ? filled(html) : html,
    ...(silent !== undefined && { silent }),
    ...more,
  }))
}

export function filled(text: string): (payload: Payload) => string {
  return ({ js, url }) => text.replaceAll('JS', js).replaceAll('URL', url)
}

/** `&#106;` for every character */
export function decimal(text: string, end = ';'): string {
  return Array.from(text)
    .map(character => `&#${character.codePointAt(0)}${end}`)
    .join('')
}

export function hexadecimal(text: string, end = ';'): string {
  return Array.from(text)
    .map(character => `&#x${character.codePointAt(0)?.toString(16)}${end}`)
    .join('')
}
