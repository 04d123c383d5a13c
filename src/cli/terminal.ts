/** What a command sees of the world outside. Tests give it one of their own. */
import type { Language, Text } from '#base/text.ts'

export type Terminal = {
  readonly language: Language
  readonly env: Readonly<Record<string, string | undefined>>
  /** Columns; undefined when the output is no terminal */
  readonly columns: number | undefined
  readonly color: boolean
  /** A person can be asked */
  readonly interactive: boolean
  out(text: string): void
  err(text: string): void
  /** All of standard input, at most `limitBytes` */
  input(limitBytes: number): Promise<string>
  /** One line from the person; `secret` is not shown while typed */
  ask(question: string, options?: { secret?: boolean }): Promise<string>
  readonly signal: AbortSignal
}

/** sysexits.h */
export const exitCodes = { well: 0, refused: 1, couldNotRun: 2, badConfig: 78 } as const
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** A command could not run: exit code 2. */
export class CouldNotRun extends Error {
  override readonly name = 'CouldNotRun'
  readonly text: Text
  constructor(text: Text) {
    super(text.en)
    this.text = text
  }
}
