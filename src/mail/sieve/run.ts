/** One script (with what it includes) at work on one message: what it has found out and decided so far. */
import type { Budget } from '#formats/sieve/matching/budget.ts'
import type { Statement } from '#formats/sieve/program.ts'
import type { Place } from '#formats/sieve/syntax.ts'
import type { MailboxChoice, MessageToFile, Remembered } from '../filing.ts'
import { SieveFault } from './fault.ts'
import type { Content, Letter, LetterPart } from './letter.ts'
import { maxVariableLength, maxVariables } from './limits.ts'
import type { SieveAccount, SievePorts } from './ports.ts'
import { texts } from './texts.ts'

export type Run = {
  readonly ports: SievePorts
  readonly account: SieveAccount
  readonly message: MessageToFile
  readonly letter: Letter
  /** Of the script at work, as are the counts below: one that does too much costs the others nothing */
  budget: Budget
  readonly signal: AbortSignal
  /** One moment for the whole run, milliseconds since 1970 */
  readonly now: number
  /** Of `global`, by name in lower case. RFC 6609 §3.4 */
  readonly globals: Map<string, string>
  readonly included: Set<string>
  /** Whose script is at work */
  of: 'owner' | 'administrator'
  /** Places of actions that are not the owner's own */
  readonly byAdministrator: Set<number>
  outcome: Outcome
  scope: Scope
  /** The parts that foreverypart loops stand at, innermost last */
  readonly parts: LetterPart[]
  /** Texts of the body that tests asked for, by version of the message and what was asked */
  readonly bodyTexts: Map<string, readonly string[]>
  partVisits: number
  edits: number
  includes: number
}

/** Of one script: variables are its own unless declared global. */
export type Scope = {
  /** As SieveScript has it */
  readonly script: string
  readonly depth: number
  /** Scripts that include this one, itself included: `personal:name`, `global:name`, `administrator:name` */
  readonly chain: readonly string[]
  readonly variables: Map<string, string>
  readonly globalNames: Set<string>
  /** RFC 5229 §3.2 */
  matched: readonly string[]
}

export type Outcome = {
  implicitKeep: boolean
  /** RFC 5232 §2: flags of keep and fileinto that name none */
  flags: readonly string[]
  readonly actions: Action[]
  readonly remember: Remembered[]
  vacationDone: boolean
  /** What scripts before this one have left (sequence.ts); all of it empty for the first */
  readonly before: {
    /** So many of `actions` */
    readonly actions: number
    /** The owner's own script has said `keep` */
    readonly keepAsked: boolean
    readonly vacationDone: boolean
  }
}

export type Action =
  | {
      readonly kind: 'file'
      readonly mailbox: MailboxChoice
      readonly flags: readonly string[]
      readonly content: Content
      /** Of `keep` */
      readonly keeps?: true
    }
  /** A `keep` that a further script decides upon; the place in the list stays taken */
  | { readonly kind: 'passed' }
  | {
      readonly kind: 'redirect'
      readonly to: string
      readonly content: Content
      readonly notify?: string
      readonly ret?: string
    }
  | {
      readonly kind: 'reject'
      readonly command: 'reject' | 'ereject'
      readonly reason: string
      readonly at: Place
      readonly script: string
    }
  | {
      readonly kind: 'send'
      readonly as: 'reply' | 'notify'
      readonly letter: OutgoingLetter
      readonly once?: string
      readonly copy?: { readonly mailbox: MailboxChoice; readonly flags: readonly string[] }
    }

/** A message of ours, complete but for its id, which the place of the action gives */
export type OutgoingLetter = {
  readonly to: readonly string[]
  readonly compose: (index: number) => {
    readonly message: Uint8Array
    readonly sevenBit: boolean
    readonly smtpUtf8: boolean
  }
}

export function addAction(run: Run, action: Action): void {
  const { maxActions } = run.ports.limits
  run.outcome.actions.push(action)
  if (ownActions(run).length > maxActions) throw new SieveFault(texts.tooManyActions(maxActions))
}

/** Of the script at work, without those of scripts before it */
export function ownActions({ outcome }: Run): readonly Action[] {
  return outcome.actions.slice(outcome.before.actions)
}

export function newScope(script: string, depth: number, chain: readonly string[]): Scope {
  return { script, depth, chain, variables: new Map(), globalNames: new Set(), matched: [] }
}

export function readVariable({ scope, globals }: Run, name: string, global: boolean): string {
  const isGlobal = global || scope.globalNames.has(name)
  return (isGlobal ? globals : scope.variables).get(name) ?? ''
}

export function writeVariable({ scope, globals }: Run, name: string, global: boolean, value: string): void {
  const isGlobal = global || scope.globalNames.has(name)
  const variables = isGlobal ? globals : scope.variables
  if (!variables.has(name) && globals.size + scope.variables.size >= maxVariables)
    throw new SieveFault(texts.tooManyVariables(maxVariables))
  variables.set(name, cut(value, maxVariableLength))
}

/** At most `length` UTF-16 units, never half a character */
export function cut(text: string, length: number): string {
  if (text.length <= length) return text
  const end = text.charCodeAt(length - 1)
  return text.slice(0, end >= 0xd800 && end < 0xdc00 ? length - 1 : length)
}

export type Flow = 'on' | 'stop' | 'return' | { readonly leaves: string | undefined }
export type Execute = (run: Run, statements: readonly Statement[]) => Promise<Flow>
