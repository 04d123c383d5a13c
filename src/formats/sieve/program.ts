/**
 * A script as it is run: every command and test with its arguments understood. `check.ts` makes it; nothing is checked again when it
 * runs but what variables may hold. Plain data.
 */
import type { Extension } from './extensions.ts'
import type { SieveProblem } from './problem.ts'
import type { Place } from './syntax.ts'

export type Program = {
  readonly statements: readonly Statement[]
  readonly extensions: ReadonlySet<Extension>
}

/** A string; with the extension variables, pieces of it. RFC 5229 §3 */
export type Template = string | readonly (string | VariableReference)[]
export type VariableReference =
  | { readonly kind: 'match'; readonly index: number }
  /** Lower case; `global.x` of RFC 6609 §3.4.3 is `{ name: 'x', global: true }` */
  | { readonly kind: 'named'; readonly name: string; readonly global: boolean }
export type VariableName = Extract<VariableReference, { kind: 'named' }>

export type Relation = 'gt' | 'ge' | 'lt' | 'le' | 'eq' | 'ne'
export type Comparator = 'i;octet' | 'i;ascii-casemap' | 'i;ascii-numeric' | 'i;unicode-casemap'

/** RFC 5228 §2.7, RFC 5231, draft-ietf-sieve-regex, RFC 6134 */
export type Match = { readonly comparator: Comparator } & (
  | { readonly type: 'is' | 'contains' | 'matches' | 'regex' | 'list' }
  | { readonly type: 'count' | 'value'; readonly relation: Relation }
)
export type AddressPart = 'all' | 'localpart' | 'domain' | 'user' | 'detail'
/** RFC 5260 §6: from 1; from the end with `last` */
export type FieldIndex = { readonly number: number; readonly last: boolean }
/** RFC 5703 §4 */
export type MimeTarget = {
  readonly anyChild: boolean
  readonly option?: 'type' | 'subtype' | 'contenttype' | { readonly parameters: readonly Template[] }
}
/** `kept`: the one that the field itself names */
export type Zone = { readonly kept: true } | Template | undefined
/** RFC 5490 §3.2, RFC 9042, RFC 8579 */
export type MailboxTarget = {
  readonly mailbox: Template
  readonly create: boolean
  readonly mailboxId?: Template
  readonly specialUse?: Template
}
/** RFC 8580 */
export type FileCopy = MailboxTarget & { readonly flags?: readonly Template[] }
export type Modifier =
  | 'lower'
  | 'upper'
  | 'lowerfirst'
  | 'upperfirst'
  | 'quotewildcard'
  | 'quoteregex'
  | 'encodeurl'
  | 'length'

type FieldTest = {
  readonly names: readonly Template[]
  readonly keys: readonly Template[]
  readonly match: Match
  readonly index?: FieldIndex
  readonly mime?: MimeTarget
}
type KeyTest = { readonly keys: readonly Template[]; readonly match: Match }

export type Condition = { readonly at: Place } & (
  | { readonly kind: 'constant'; readonly value: boolean }
  | { readonly kind: 'not'; readonly test: Condition }
  | { readonly kind: 'allof' | 'anyof'; readonly tests: readonly Condition[] }
  | ({ readonly kind: 'header' } & FieldTest)
  | ({ readonly kind: 'address'; readonly part: AddressPart } & FieldTest)
  | ({ readonly kind: 'envelope'; readonly parts: readonly Template[]; readonly part: AddressPart } & KeyTest)
  | { readonly kind: 'exists'; readonly names: readonly Template[]; readonly mime?: MimeTarget }
  | { readonly kind: 'size'; readonly over: boolean; readonly limit: number }
  | ({
      readonly kind: 'body'
      readonly transform: 'raw' | 'text' | { readonly content: readonly Template[] }
    } & KeyTest)
  | ({ readonly kind: 'string'; readonly sources: readonly Template[] } & KeyTest)
  | ({
      readonly kind: 'date'
      readonly field: Template
      readonly zone: Zone
      readonly part: Template
      readonly index?: FieldIndex
      readonly mime?: MimeTarget
    } & KeyTest)
  | ({ readonly kind: 'currentdate'; readonly zone: Zone; readonly part: Template } & KeyTest)
  | ({ readonly kind: 'hasflag'; readonly variables?: readonly Template[] } & KeyTest)
  | {
      readonly kind: 'duplicate'
      readonly handle: Template
      readonly id: { readonly field: Template } | { readonly text: Template }
      readonly seconds: number
      readonly last: boolean
    }
  | ({ readonly kind: 'environment'; readonly item: Template } & KeyTest)
  | { readonly kind: 'ihave'; readonly names: readonly string[] }
  | { readonly kind: 'mailboxexists'; readonly names: readonly Template[] }
  | { readonly kind: 'mailboxidexists'; readonly ids: readonly Template[] }
  | { readonly kind: 'specialuseexists'; readonly mailbox?: Template; readonly uses: readonly Template[] }
  /** RFC 5490 §3.3, §4; mailbox undefined: the server's */
  | ({ readonly kind: 'metadata'; readonly mailbox: Template | undefined; readonly entry: Template } & KeyTest)
  | { readonly kind: 'metadataexists'; readonly mailbox: Template | undefined; readonly entries: readonly Template[] }
  | { readonly kind: 'spamtest'; readonly percent: boolean; readonly key: Template; readonly match: Match }
  | { readonly kind: 'virustest'; readonly key: Template; readonly match: Match }
  | { readonly kind: 'validnotifymethod'; readonly uris: readonly Template[] }
  | ({ readonly kind: 'notifymethodcapability'; readonly uri: Template; readonly capability: Template } & KeyTest)
  | { readonly kind: 'validextlist'; readonly names: readonly Template[] }
  | Fault
)

export type Statement = { readonly at: Place } & (
  | { readonly kind: 'keep'; readonly flags?: readonly Template[] }
  | { readonly kind: 'discard' }
  | { readonly kind: 'stop' }
  | ({ readonly kind: 'fileinto'; readonly copy: boolean; readonly flags?: readonly Template[] } & MailboxTarget)
  | {
      readonly kind: 'redirect'
      /** An address, or the name of an external list with `list` */
      readonly to: Template
      readonly list: boolean
      readonly copy: boolean
      readonly notify?: Template
      readonly ret?: Template
    }
  | {
      readonly kind: 'if'
      readonly branches: readonly { readonly test: Condition; readonly block: readonly Statement[] }[]
      readonly otherwise: readonly Statement[]
    }
  | {
      readonly kind: 'set'
      readonly variable: VariableName
      readonly value: Template
      /** Highest precedence first */
      readonly modifiers: readonly Modifier[]
    }
  | {
      readonly kind: 'flags'
      readonly change: 'set' | 'add' | 'remove'
      readonly variable?: VariableName
      readonly flags: readonly Template[]
    }
  | { readonly kind: 'reject'; readonly command: 'reject' | 'ereject'; readonly reason: Template }
  | {
      readonly kind: 'vacation'
      /** Undefined: the default */
      readonly seconds?: number
      readonly subject?: Template
      readonly from?: Template
      readonly addresses: readonly Template[]
      readonly mime: boolean
      readonly handle?: Template
      readonly reason: Template
      readonly fcc?: FileCopy
    }
  | {
      readonly kind: 'notify'
      readonly method: Template
      readonly from?: Template
      readonly importance?: Template
      readonly options: readonly Template[]
      readonly message?: Template
      readonly fcc?: FileCopy
    }
  | { readonly kind: 'addheader'; readonly name: Template; readonly value: Template; readonly last: boolean }
  | {
      readonly kind: 'deleteheader'
      readonly name: Template
      readonly values?: readonly Template[]
      readonly match: Match
      readonly index?: FieldIndex
    }
  | { readonly kind: 'foreverypart'; readonly name?: string; readonly block: readonly Statement[] }
  | { readonly kind: 'break'; readonly name?: string }
  | {
      readonly kind: 'replace'
      readonly mime: boolean
      readonly subject?: Template
      readonly from?: Template
      readonly text: Template
    }
  | {
      readonly kind: 'enclose'
      readonly subject?: Template
      readonly headers: readonly Template[]
      readonly text: Template
    }
  | {
      readonly kind: 'extracttext'
      readonly variable: VariableName
      readonly first?: number
      readonly modifiers: readonly Modifier[]
    }
  | {
      readonly kind: 'include'
      readonly scope: 'personal' | 'global'
      readonly name: string
      readonly once: boolean
      readonly optional: boolean
    }
  | { readonly kind: 'return' }
  | { readonly kind: 'global'; readonly names: readonly string[] }
  | { readonly kind: 'error'; readonly message: Template }
  | Fault
)

/** A mistake that counts when it is reached: with `ihave`, a script may hold what is not known here. RFC 5463 §4 */
type Fault = { readonly kind: 'fault'; readonly problem: SieveProblem }
