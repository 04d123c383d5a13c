/** What the walk finds wrong: a kind that tests can ask for, and a sentence with what was expected. */
export type ComplaintKind =
  | 'syntax'
  | 'tagged'
  | 'unexpected'
  | 'refused'
  | 'allowed'
  | 'expunge'
  | 'exists'
  | 'sequence'
  | 'uid'
  | 'uidnext'
  | 'uidvalidity'
  | 'flags'
  | 'modseq'
  | 'missing'
  | 'lost'
  | 'body'
  | 'size'
  | 'date'
  | 'envelope'
  | 'search'
  | 'appenduid'
  | 'copyuid'
  | 'status'
  | 'list'
  | 'vanished'
  | 'notify'
  | 'silent'

export class Complaint extends Error {
  readonly kind: ComplaintKind
  constructor(kind: ComplaintKind, text: string) {
    super(`${kind}: ${text}`)
    this.name = 'Complaint'
    this.kind = kind
  }
}

export function complain(kind: ComplaintKind, text: string): never {
  throw new Complaint(kind, text)
}
