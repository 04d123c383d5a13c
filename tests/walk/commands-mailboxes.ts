/** CREATE, DELETE, RENAME, SUBSCRIBE, UNSUBSCRIBE, LIST, LSUB, STATUS. RFC 9051 §6.3.4 to §6.3.11, RFC 3501 §6.3.9 */
import type { Command, Ground, Outcome } from './command.ts'
import { mustBeOk } from './commands-session.ts'
import { checkHighest, checkUidNext, checkUidValidity } from './commands-select.ts'
import { complain } from './complaint.ts'
import { expectCopy } from './expected.ts'
import { writeName } from './mailbox-name.ts'
import { type Mailbox, marksOfTwin, type Message } from './model.ts'
import type { Response } from './response.ts'

const names = ['one', 'two', 'three', 'one/deep', 'Four', '川と岸'] as const

/** One that changes the names; it has its round for itself. */
export function namespace(ground: Ground): Command | undefined {
  const { random, model, selected, client } = ground
  const wire = (name: string) => writeName(name, client.isRev2)
  const free = names.filter(name => !model.mailboxes.has(name) && (name !== 'one/deep' || model.mailboxes.has('one')))
  const own = names.filter(name => model.mailboxes.has(name) && !selected.has(name))
  // what stands above another can be neither taken away nor renamed without it
  const alone = own.filter(name => name !== 'one' || !model.mailboxes.has('one/deep'))
  switch (random.integer(7)) {
    case 0:
    case 1:
      return free.length > 0 ? create(random.pick(free), wire) : undefined
    case 2:
      return alone.length > 0 ? remove(random.pick(alone), wire) : undefined
    case 3:
      return someRename(ground, alone, free)
    case 4:
      return subscribe(random.pick([...model.mailboxes.keys()]), random.integer(2) === 0, wire)
    case 5:
      return free.length > 0 ? renameInbox(random.pick(free), wire) : undefined
    default:
      return refusedOne(ground)
  }
}

function someRename({ random, client }: Ground, from: readonly string[], to: readonly string[]): Command | undefined {
  if (from.length === 0 || to.length === 0) return undefined
  const [old, next] = [random.pick(from), random.pick(to)]
  return next.startsWith(`${old}/`) ? undefined : rename(old, next, name => writeName(name, client.isRev2))
}

function create(name: string, wire: Wire): Command {
  return {
    name: 'CREATE',
    parts: [`CREATE ${wire(name)}`],
    resolve: ({ model, tagged }) => {
      if (tagged?.status === 'OK') model.create(name)
    },
    check: mustBeOk('CREATE'),
  }
}

function remove(name: string, wire: Wire): Command {
  return {
    name: 'DELETE',
    parts: [`DELETE ${wire(name)}`],
    resolve: ({ model, tagged }) => {
      if (tagged?.status !== 'OK') return
      model.delete(name)
    },
    check: mustBeOk('DELETE'),
  }
}

function rename(from: string, to: string, wire: Wire): Command {
  return {
    name: 'RENAME',
    parts: [`RENAME ${wire(from)} ${wire(to)}`],
    resolve: ({ model, tagged }) => {
      if (tagged?.status === 'OK') model.rename(from, to)
    },
    check: mustBeOk('RENAME'),
  }
}

/** Its messages go to a new mailbox, and INBOX stays, empty. RFC 9051 §6.3.6 */
function renameInbox(to: string, wire: Wire): Command {
  return {
    name: 'RENAME',
    parts: [`RENAME INBOX ${wire(to)}`],
    resolve: outcome => {
      const { model, tagged } = outcome
      if (tagged?.status !== 'OK') return
      const group = model.mailbox('INBOX').present.map(message => {
        message.alive.write(outcome, false, true)
        // which of two copies of one letter comes first is not known
        return expectCopy(to, message, marksOfTwin(message), undefined)
      })
      model.create(to)
      model.expect(group, 'must')
    },
    check: mustBeOk('RENAME'),
  }
}

type Wire = (name: string) => string

function subscribe(name: string, isOn: boolean, wire: Wire): Command {
  const word = isOn ? 'SUBSCRIBE' : 'UNSUBSCRIBE'
  return {
    name: word,
    parts: [`${word} ${wire(name)}`],
    resolve: ({ model, tagged }) => {
      if (tagged?.status !== 'OK') return
      if (isOn) model.subscribed.add(name)
      else model.subscribed.delete(name)
    },
    check: mustBeOk(word),
  }
}

function refusedOne({ random, model, client }: Ground): Command {
  const there = writeName(random.pick([...model.mailboxes.keys()]), client.isRev2)
  const line = random.pick([
    `CREATE ${there}`,
    'DELETE nowhere',
    'DELETE INBOX',
    `RENAME ${there} INBOX`,
    'RENAME nowhere six',
  ])
  return {
    name: line.split(' ')[0] ?? '',
    parts: [line],
    check: ({ tagged }) => {
      if (tagged && tagged.status !== 'NO') complain('allowed', `${line} was answered ${tagged.status}`)
    },
  }
}

export function list({ random, client }: Ground): Command {
  const isSubscribed = random.integer(2) === 0
  // RFC 9051, Appendix E: there is no LSUB any more
  const isLsub = isSubscribed && !client.isRev2 && random.integer(2) === 0
  const word = isLsub ? 'LSUB' : 'LIST'
  return {
    name: word,
    parts: [`${word}${isSubscribed && !isLsub ? ' (SUBSCRIBED)' : ''} "" *`],
    check: outcome => {
      const { model, tagged, untagged } = outcome
      if (!tagged) return
      mustBeOk(word)(outcome)
      const told = untagged.flatMap(one => (isNamed(one, word) ? one.name : []))
      if (!isSubscribed) checkChildren(untagged)
      const expected = isSubscribed ? [...model.subscribed] : [...model.mailboxes.keys()]
      if (told.sort().join() !== expected.sort().join())
        complain('list', `${word} tells ${told.join()}, expected ${expected.sort().join()}`)
    },
  }
}

/** RFC 3348 §3 */
function checkChildren(untagged: readonly Response[]): void {
  const all = untagged.flatMap(one => (one.kind === 'list' ? one : []))
  for (const { name, attributes } of all) {
    const expected = all.some(other => other.name.startsWith(`${name}/`)) ? '\\HasChildren' : '\\HasNoChildren'
    if (!attributes.includes(expected)) complain('list', `${name} is told without ${expected}: ${attributes.join(' ')}`)
  }
}

/** By `*` no level above a subscribed name is told; that is for `%`. RFC 3501 §6.3.9 */
function isNamed(one: Response, word: string): one is Response & { kind: 'list' | 'lsub' } {
  if (one.kind !== 'list' && one.kind !== 'lsub') return false
  return one.kind === word.toLowerCase()
}

const statusItems = ['MESSAGES', 'UNSEEN', 'DELETED', 'SIZE', 'UIDNEXT', 'UIDVALIDITY', 'HIGHESTMODSEQ']

export function status({ random, model, client }: Ground): Command {
  const name = random.pick([...model.mailboxes.keys()])
  const asked = client.enabled.has('condstore') ? statusItems : statusItems.slice(0, -1)
  return {
    name: 'STATUS',
    parts: [`STATUS ${writeName(name, client.isRev2)} (${asked.join(' ')})`],
    check: outcome => checkStatus(outcome, outcome.model.mailbox(name), asked),
  }
}

function checkStatus(outcome: Outcome, mailbox: Mailbox, asked: readonly string[]): void {
  if (!outcome.tagged) return
  mustBeOk('STATUS')(outcome)
  const found = outcome.untagged.findLast(
    one => one.kind === 'mailbox' && one.name === mailbox.name && one.items.has('SIZE'),
  )
  if (found?.kind !== 'mailbox') complain('missing', `STATUS tells nothing of ${mailbox.name}`)
  for (const item of asked) if (!found.items.has(item)) complain('missing', `STATUS without ${item}`)
  const number = (item: string) => Number(found.items.get(item))
  checkUidValidity(outcome.model.formerValidities.get(mailbox.name), mailbox, number('UIDVALIDITY'))
  checkUidNext(mailbox, number('UIDNEXT'))
  checkHighest(mailbox, found.items.get('HIGHESTMODSEQ'), 'STATUS')
  const range = (item: string, weight: (message: Message) => readonly number[]) => {
    const [least, most] = bounds(outcome, mailbox, weight)
    const told = number(item)
    if (told < least || told > most)
      complain(
        'status',
        `${item} of ${mailbox.name} is ${told}, expected ${least === most ? least : `${least} to ${most}`}`,
      )
  }
  const worth = (flag: string, wanted: boolean) => (message: Message) =>
    [...message.flag(flag).allowed(outcome)].map(value => (value === wanted ? 1 : 0))
  range('MESSAGES', () => [1])
  range('UNSEEN', worth('\\seen', false))
  range('DELETED', worth('\\deleted', true))
  range('SIZE', message => [message.letter.bytes.length])
}

function bounds(
  { model }: Outcome,
  mailbox: Mailbox,
  weight: (message: Message) => readonly number[],
): readonly [number, number] {
  let least = 0
  let most = 0
  for (const message of mailbox.messages.values()) {
    const presence = mailbox.presence(message, model.round)
    if (presence === 'no') continue
    const weights = weight(message)
    most += Math.max(...weights)
    if (presence === 'yes') least += Math.min(...weights)
  }
  return [least, most]
}
