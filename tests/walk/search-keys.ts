/** Random search keys, and what they are worth for a message by the model's own reading. RFC 9051 §6.4.4, RFC 7162 §3.1.5 */
import type { Ground } from './command.ts'
import { imapDate, people, words } from './letter.ts'
import type { Message } from './model.ts'
import type { Actor } from './register.ts'
import { someTargets } from './targets.ts'

/** undefined: it may be either, in this round */
export type Verdict = boolean | undefined
/**
 * Who searches, and what it has been told before: a search may know no more than the client does, as the news of other clients' changes
 * may come after its result.
 */
export type Reader = Actor & {
  readonly told: ReadonlyMap<number, ReadonlySet<string> | undefined>
  /** The round after which this client knew everything */
  readonly since: number
}
export type Key = { readonly text: string; worth(message: Message, reader: Reader): Verdict }

const day = 86_400_000
const systemFlags = ['Answered', 'Deleted', 'Draft', 'Flagged', 'Seen'] as const
const keywords = ['$Forwarded', 'walk', 'never'] as const

export function someKey(ground: Ground, depth = 2): Key {
  const { random } = ground
  const kind = random.integer(depth > 0 ? 12 : 8)
  if (kind < 3) return flagKey(ground)
  if (kind === 3) return sizeKey(ground)
  if (kind === 4) return dateKey(ground)
  if (kind < 7) return textKey(ground)
  if (kind === 7) return modseqKey(ground) ?? { text: 'ALL', worth: () => true }
  if (kind === 8) return negated(someKey(ground, depth - 1))
  if (kind === 9) return either(someKey(ground, depth - 1), someKey(ground, depth - 1))
  return kind === 10 ? both(someKey(ground, depth - 1), someKey(ground, depth - 1)) : uidKey(ground)
}

function flagKey({ random }: Ground): Key {
  const isUn = random.integer(2) === 0
  const keyword = random.integer(3) === 0 ? random.pick(keywords) : undefined
  const name = keyword ?? `\\${random.pick(systemFlags)}`
  const text =
    keyword === undefined
      ? `${isUn ? 'UN' : ''}${name.slice(1).toUpperCase()}`
      : `${isUn ? 'UN' : ''}KEYWORD ${keyword}`
  return { text, worth: (message, reader) => not(flagOf(message, name, reader), isUn) }
}

function flagOf(message: Message, name: string, reader: Reader): Verdict {
  const flag = name.toLowerCase()
  const register = message.flag(flag)
  const told = reader.told.get(message.uid)
  const before = told ? [told.has(flag)] : register.allowedSince(reader.since)
  const [value, other] = new Set([...register.allowed(reader), ...before])
  return other === undefined ? value : undefined
}

function not(verdict: Verdict, negate = true): Verdict {
  return verdict === undefined ? undefined : verdict !== negate
}

function sizeKey({ random }: Ground): Key {
  const limit = random.pick([300, 400, 500, 2_000, 10_000, 200_000])
  return random.integer(2) === 0
    ? { text: `LARGER ${limit}`, worth: ({ letter }) => letter.bytes.length > limit }
    : { text: `SMALLER ${limit}`, worth: ({ letter }) => letter.bytes.length < limit }
}

/** INTERNALDATE and the Date field, by day; letters of the walk have noon in UTC, others came just now. */
function dateKey({ random }: Ground): Key {
  const at = Date.UTC(2026, 0, 1) + random.integer(220) * day
  const relation = random.pick(['BEFORE', 'SINCE', 'ON'] as const)
  const isSent = random.integer(2) === 0
  const holds = (time: number) => {
    const days = Math.floor(time / day) - at / day
    return relation === 'BEFORE' ? days < 0 : relation === 'SINCE' ? days >= 0 : days === 0
  }
  return {
    text: `${isSent ? 'SENT' : ''}${relation} ${imapDate(at)}`,
    worth: ({ letter, internalDate }) => {
      if (isSent) return holds(letter.sentAt.getTime())
      // by which zone a delivery's day is told is the server's choice: half a day of doubt on both sides
      const verdicts = new Set([
        holds(internalDate.from - day / 2 + 1),
        holds(internalDate.from),
        holds(internalDate.to + day / 2 - 1),
      ])
      const isNoon = internalDate.from === internalDate.to
      if (isNoon) return holds(internalDate.from)
      return verdicts.size === 1 ? [...verdicts][0] : undefined
    },
  }
}

function textKey({ random }: Ground): Key {
  const word = random.pick(words)
  const person = random.pick(people)
  const has = (text: string | undefined, part: string) => (text ?? '').toLowerCase().includes(part.toLowerCase())
  switch (random.integer(5)) {
    case 0:
      return { text: `SUBJECT ${word}`, worth: ({ letter }) => has(letter.subject, word) }
    case 1:
      return { text: `FROM "${person}@internet.test"`, worth: ({ letter }) => letter.from === person }
    case 2:
      return { text: `HEADER X-Walk "${word}"`, worth: () => false }
    case 3:
      return { text: `BODY ${word}`, worth: ({ letter }) => has(letter.sections.get('1'), word) }
    default:
      return {
        text: `TEXT ${word}`,
        worth: ({ letter }) => has(letter.subject, word) || has(letter.sections.get('1'), word),
      }
  }
}

function modseqKey({ client, model, random }: Ground): Key | undefined {
  if (!client.enabled.has('condstore') || !client.view) return undefined
  const known = model.mailbox(client.view.mailbox).present.flatMap(({ modseq }) => modseq ?? [])
  if (known.length === 0) return undefined
  const least = random.pick(known)
  return {
    text: `MODSEQ ${least}`,
    worth: (message, { since }) => {
      const isQuiet = message.registers.every(register => register.isQuiet) && message.changedRound <= since
      if (!isQuiet) return undefined
      if (message.modseq !== undefined) return message.modseq >= least
      return message.modseqAbove >= least ? true : undefined
    },
  }
}

function uidKey(ground: Ground): Key {
  const targets = someTargets(ground, false)
  if (!targets) return { text: 'ALL', worth: () => true }
  const isBare = targets.set === '$' && ground.random.integer(2) === 0
  return { text: `${isBare ? '' : 'UID '}${targets.set}`, worth: ({ uid }) => targets.uids.has(uid) }
}

function negated(key: Key): Key {
  return { text: `NOT ${key.text}`, worth: (message, reader) => not(key.worth(message, reader)) }
}

function either(a: Key, b: Key): Key {
  return {
    text: `OR ${a.text} ${b.text}`,
    worth: (message, reader) => anyTrue(a.worth(message, reader), b.worth(message, reader)),
  }
}

function both(a: Key, b: Key): Key {
  return {
    text: `(${a.text} ${b.text})`,
    worth: (message, reader) => not(anyTrue(not(a.worth(message, reader)), not(b.worth(message, reader)))),
  }
}

function anyTrue(a: Verdict, b: Verdict): Verdict {
  if (a === true || b === true) return true
  return a === undefined || b === undefined ? undefined : false
}
