/** `model`: what was done is not what there is. `story`: the two protocols tell different ones. `follower`, `query`: /changes and /queryChanges lead elsewhere than a fresh look. `state`: one stands still, or moves for nothing. `late`: something
 * has no end. */
export type ComplaintKind = 'model' | 'story' | 'follower' | 'query' | 'state' | 'late'

export class Complaint extends Error {
  readonly kind: ComplaintKind
  constructor(kind: ComplaintKind, message: string) {
    super(`${kind}: ${message}`)
    this.name = 'Complaint'
    this.kind = kind
  }
}

export function complain(kind: ComplaintKind, message: string): never {
  throw new Complaint(kind, message)
}

/** Complains of the first thing in which two maps differ. */
export function mustEqual(
  kind: ComplaintKind,
  what: string,
  found: ReadonlyMap<string, object>,
  wanted: ReadonlyMap<string, object>,
): void {
  for (const id of new Set([...found.keys(), ...wanted.keys()])) {
    const [a, b] = [printed(found.get(id)), printed(wanted.get(id))]
    if (a !== b) complain(kind, `${what} ${id}: ${a}; expected ${b}`)
  }
}

/** Names of members in one order */
function printed(value: object | undefined): string {
  if (!value) return 'not there'
  return JSON.stringify(Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))))
}
