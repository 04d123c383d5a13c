/** A filter as the fields of a form, and back. What the fields have no room for is kept as it is. */
import { type Action, type Condition, type Filter, type FilterMailbox, oneLine } from '#formats/sieve/filters/filter.ts'
import type { Id, Mailbox } from '#protocols/jmap/wire.ts'
import { mailboxFor, pathOf, type Places } from './acting.ts'

/** Where the letter goes: nowhere, a mailbox (its id), one that is to be made, one that the filter names and nobody has any more */
export type Place = 'stay' | 'trash' | 'discard' | 'new' | 'gone' | (Id & {})

export type FilterForm = Pick<Filter, 'name' | 'isOn' | 'match' | 'conditions' | 'stops'> & {
  readonly place: Place
  /** Of `new` */
  readonly newName: string
  readonly gone: FilterMailbox | undefined
  /** Of a mailbox, or empty */
  readonly copyTo: Id
  readonly star: boolean
  readonly read: boolean
  readonly neverJunk: boolean
  /** Keywords */
  readonly labels: readonly string[]
  /** Addresses with spaces or commas between */
  readonly forward: string
  readonly others: readonly Action[]
}

export function formOf(filter: Filter, places: Places): FilterForm {
  const { actions, ...rest } = filter
  const has = (kind: Action['kind']) => actions.some(action => action.kind === kind)
  const [move] = actions.flatMap(action => (action.kind === 'move' ? [action] : []))
  const copies = actions.flatMap(action => (action.kind === 'copy' ? [action] : []))
  const copyTo = copies[0] && mailboxFor(copies[0].mailbox, places.byId)?.id
  const target = move && mailboxFor(move.mailbox, places.byId)
  const place = has('discard') ? 'discard' : !move ? 'stay' : !target ? 'gone' : target.id
  return {
    ...rest,
    place: place === places.trash ? 'trash' : place === places.inbox ? 'stay' : place,
    newName: '',
    gone: target ? undefined : move?.mailbox,
    copyTo: copyTo ?? '',
    star: has('star'),
    read: has('read'),
    neverJunk: has('neverJunk'),
    labels: actions.flatMap(action => (action.kind === 'label' ? [action.keyword] : [])),
    forward: actions.flatMap(action => (action.kind === 'forward' ? [action.to] : [])).join(', '),
    others: copyTo === undefined ? copies : copies.slice(1),
  }
}

/** `made`: the id of the mailbox that was made for it */
export function filterOf(form: FilterForm, places: Places, made?: Id): Filter {
  const { name, isOn, match, stops } = form
  const conditions = form.conditions.map(tidied)
  return {
    name: oneLine(name),
    isOn,
    match: conditions.length === 0 ? 'all' : match,
    conditions,
    actions: actionsOf(form, places, made),
    stops,
  }
}

function tidied(condition: Condition): Condition {
  if (condition.kind === 'attachment' || condition.kind === 'size') return condition
  const value = condition.kind === 'list' ? condition.value.replaceAll(/[<>]/g, '') : condition.value
  return { ...condition, value: oneLine(value), ...('name' in condition && { name: condition.name.trim() }) }
}

function actionsOf(form: FilterForm, places: Places, made: Id | undefined): readonly Action[] {
  const mailbox = (id: Id | undefined): FilterMailbox | undefined => {
    const found = id === undefined ? undefined : places.byId.get(id)
    return found && { id: found.id, name: pathOf(found, places.byId) }
  }
  const target = targetOf(form, places, made, mailbox)
  const copy = mailbox(form.copyTo)
  return [
    ...form.labels.map((keyword): Action => ({ kind: 'label', keyword })),
    ...(form.star ? [{ kind: 'star' as const }] : []),
    ...(form.read ? [{ kind: 'read' as const }] : []),
    ...(form.neverJunk ? [{ kind: 'neverJunk' as const }] : []),
    ...addressesOf(form).map((to): Action => ({ kind: 'forward', to })),
    ...(copy ? [{ kind: 'copy' as const, mailbox: copy }] : []),
    ...form.others,
    ...(target ? [{ kind: 'move' as const, mailbox: target }] : []),
    ...(form.place === 'discard' ? [{ kind: 'discard' as const }] : []),
  ]
}

function targetOf(
  { place, gone, newName }: FilterForm,
  { trash }: Places,
  made: Id | undefined,
  mailbox: (id: Id | undefined) => FilterMailbox | undefined,
): FilterMailbox | undefined {
  switch (place) {
    case 'stay':
    case 'discard':
      return undefined
    case 'trash':
      return mailbox(trash)
    case 'gone':
      return gone
    case 'new':
      return { id: made, name: oneLine(newName) }
    default:
      return mailbox(place)
  }
}

export function addressesOf({ forward }: Pick<FilterForm, 'forward'>): readonly string[] {
  return [...new Set(forward.split(/[\s,、;]+/).filter(address => address !== ''))]
}

export type FormProblem = 'no-value' | 'no-header' | 'no-size' | 'no-action' | 'no-mailbox' | 'bad-address'

/** The first thing that is missing; undefined: it can be saved. */
export function problemOf(form: FilterForm): FormProblem | undefined {
  for (const condition of form.conditions) {
    if (condition.kind === 'header' && !/^[!-9;-~]+$/.test(condition.name.trim())) return 'no-header'
    if ('value' in condition && condition.value.trim() === '') return 'no-value'
    if (condition.kind === 'size' && !(condition.amount > 0 && Number.isInteger(condition.amount))) return 'no-size'
  }
  if (form.place === 'new' && form.newName.trim() === '') return 'no-mailbox'
  if (addressesOf(form).some(address => !/^[^@\s"<>]+@[^@\s"<>]+$/.test(address))) return 'bad-address'
  const { place, copyTo, star, read, neverJunk, labels, forward, others, stops } = form
  const isIdle =
    place === 'stay' && copyTo === '' && !star && !read && !neverJunk && labels.length === 0 && forward.trim() === ''
  return isIdle && others.length === 0 && !stops ? 'no-action' : undefined
}

export function conditionOf(kind: Condition['kind'], before: Condition): Condition {
  const value = 'value' in before ? before.value : ''
  switch (kind) {
    case 'from':
    case 'to':
    case 'subject':
    case 'body':
      return { kind, test: 'contains', value }
    case 'list':
      return { kind, test: 'is', value }
    case 'header':
      return { kind, name: '', test: 'contains', value }
    case 'attachment':
      return { kind, test: 'has' }
    case 'size':
      return { kind, test: 'over', amount: 1, unit: 'M' }
    default:
      return kind satisfies never
  }
}

/** For a choice: in the order of the page, with the names of those above */
export function choices(tree: readonly { readonly mailbox: Mailbox }[], places: Places): readonly Mailbox[] {
  return tree
    .map(({ mailbox }) => mailbox)
    .filter(
      ({ id, role, myRights }) =>
        role !== 'drafts' && id !== places.inbox && id !== places.trash && myRights.mayAddItems,
    )
}
