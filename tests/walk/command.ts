/** A command of the walk: what is sent, what it does to the truth, and how its answer is judged. */
import type { Client, Pending } from './client.ts'
import type { View } from './client-view.ts'
import type { Part } from './connection.ts'
import type { Model } from './model.ts'
import type { Actor } from './register.ts'
import type { Response, Tagged } from './response.ts'
import type { SavedResult } from './saved-result.ts'
import type { Random } from '../support/random.ts'

/** What is at hand where a command is invented */
export type Ground = {
  readonly model: Model
  readonly random: Random
  readonly client: Client
  /** Other clients act in the same round */
  readonly isShared: boolean
  /** Mailboxes that some client has selected */
  readonly selected: ReadonlySet<string>
  /** `$`, as it will be when the commands before are answered */
  readonly saved: SavedResult | undefined
  /** A name for a letter, new in this walk */
  letterId(): string
}

/** What came of it; `tagged` is undefined when the connection broke before. */
export type Outcome = Actor & {
  readonly model: Model
  readonly tagged: Tagged | undefined
  /** Without FETCH, EXISTS, EXPUNGE and VANISHED, which the view has taken */
  readonly untagged: readonly Response[]
  /** UIDs told by FETCH responses in the course of this command, and those that left */
  readonly fetched: ReadonlyMap<number, readonly string[]>
  readonly left: ReadonlySet<number | undefined>
  /** What the client had selected when it sent the command */
  readonly view: View | undefined
  /** Milliseconds since 1970 */
  readonly sentAt: number
  readonly answeredAt: number
  /** Nothing else happened in this round */
  readonly isQuiet: boolean
}

export type Command = {
  /** As in the grammar, e.g. UID FETCH */
  readonly name: string
  readonly parts: readonly Part[]
  /** Literals wait for the server's "+" */
  readonly waits?: boolean
  /** FETCH, STORE and SEARCH by number: no EXPUNGE may come. RFC 9051 §7.5.1 */
  readonly keepsNumbers?: boolean
  /** Nothing may be sent before its answer */
  readonly isLast?: boolean
  /** A search whose result becomes `$` */
  readonly saves?: SavedResult
  /** UIDs whose FETCH responses must tell the present */
  readonly fresh?: ReadonlySet<number>
  /** When it is sent */
  start?(client: Client): void
  /** At its tagged response, before those of later commands */
  end?(client: Client, pending: Pending): void
  /** Writes into the model what it has done */
  resolve?(outcome: Outcome): void
  /** After all commands of the round are resolved */
  check?(outcome: Outcome): void
}

/** What is sent before the first literal */
export function firstLine(command: Command | undefined): string {
  const [part] = command?.parts ?? []
  return typeof part === 'string' ? part : ''
}
