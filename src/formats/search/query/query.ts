/** What a person asks for in a search box, as a tree. No Node here: the webmail uses these modules too. */
import type { QueryDate } from './dates.ts'

export type TextField = 'from' | 'to' | 'cc' | 'bcc' | 'subject' | 'body' | 'filename' | 'list'
export type State = 'unread' | 'read' | 'starred' | 'unstarred' | 'answered' | 'unanswered' | 'draft' | 'forwarded'
export type DateOperator = 'before' | 'after' | 'on' | 'older' | 'newer'
export type SizeOperator = 'larger' | 'smaller'

export type Query =
  | { readonly kind: 'and' | 'or'; readonly of: readonly Query[] }
  | { readonly kind: 'not'; readonly of: Query }
  /** Anywhere in the letter */
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'field'; readonly field: TextField; readonly text: string }
  /** A header field of that name; the empty text asks only whether there is one */
  | { readonly kind: 'header'; readonly name: string; readonly text: string }
  | { readonly kind: 'attachment' }
  /** By name or role, as written */
  | { readonly kind: 'in'; readonly mailbox: string; readonly at: number; readonly length: number }
  /** By its name, or its keyword */
  | { readonly kind: 'label'; readonly label: string; readonly at: number; readonly length: number }
  | { readonly kind: 'is'; readonly state: State }
  | { readonly kind: 'date'; readonly operator: DateOperator; readonly date: QueryDate }
  | { readonly kind: 'size'; readonly operator: SizeOperator; readonly octets: number }

/** UTF-16 units of a query, terms in it, and parentheses in each other */
export const maxQueryUnits = 4000
export const maxQueryTerms = 100
export const maxQueryDepth = 20
