/** What commands do to an account, written from RFC 9051 and RFC 8621 with RFC 8474's emails: keywords belong to the email, \Deleted to its place. */
import { complain } from './complaint.ts'
import type { Places } from './story.ts'

export type Place = { readonly email: string; readonly uid: number | undefined; readonly flags: Set<string> }

/** Not known yet by its id */
const fresh = 'new'

export class Model {
  readonly mailboxes = new Map<string, Place[]>()
  readonly #known = new Set<string>()

  constructor(places: Places) {
    for (const [name, { messages }] of places) {
      const all = messages.map(({ email, flags, uid }) => ({ email, uid, flags: new Set(flags) }))
      this.mailboxes.set(name, all)
      for (const { email } of all) this.#known.add(email)
    }
  }

  /** STORE of a flag: \Deleted here, anything else wherever the email lies */
  store(mailbox: string, uid: number, flag: string, on: boolean): void {
    const place = this.mailboxes.get(mailbox)?.find(one => one.uid === uid)
    if (!place) return
    if (flag === '\\deleted') setFlag(place, flag, on)
    else this.keyword(place.email, flag, on)
  }

  keyword(email: string, flag: string, on: boolean): void {
    for (const places of this.mailboxes.values())
      for (const place of places) if (place.email === email) setFlag(place, flag, on)
  }

  copy(from: string, uid: number, to: string): void {
    const place = this.mailboxes.get(from)?.find(one => one.uid === uid)
    if (place) this.mailboxes.get(to)?.push({ email: place.email, uid: undefined, flags: new Set(place.flags) })
  }

  move(from: string, uid: number, to: string): void {
    this.copy(from, uid, to)
    this.#keep(from, place => place.uid !== uid)
  }

  expunge(mailbox: string): void {
    this.#keep(mailbox, ({ flags }) => !flags.has('\\deleted'))
  }

  append(mailboxes: readonly string[], flags: readonly string[]): void {
    for (const name of mailboxes)
      this.mailboxes.get(name)?.push({ email: fresh, uid: undefined, flags: new Set(flags) })
  }

  /** Where it is shown, it is in these alone afterwards; places marked \Deleted are nobody's business. */
  setMailboxes(email: string, wanted: readonly string[]): void {
    const shown = this.shown(email)
    const flags = [...this.mailboxes.values()]
      .flat()
      .find(one => one.email === email && !one.flags.has('\\deleted'))?.flags
    for (const name of wanted)
      if (!shown.includes(name)) this.mailboxes.get(name)?.push({ email, uid: undefined, flags: new Set(flags) })
    for (const name of shown)
      if (!wanted.includes(name)) this.#keep(name, one => one.email !== email || one.flags.has('\\deleted'))
  }

  /** Names of the mailboxes in which the email is shown */
  shown(email: string): readonly string[] {
    const isShown = (one: Place) => one.email === email && !one.flags.has('\\deleted')
    return [...this.mailboxes].filter(([, places]) => places.some(isShown)).map(([name]) => name)
  }

  destroy(email: string): void {
    for (const name of this.mailboxes.keys()) this.#keep(name, one => one.email !== email)
  }

  create(name: string): void {
    const levels = name.split('/')
    for (let depth = 1; depth <= levels.length; depth++) {
      const level = levels.slice(0, depth).join('/')
      if (!this.mailboxes.has(level)) this.mailboxes.set(level, [])
    }
  }

  rename(from: string, to: string): void {
    const moved = [...this.mailboxes].filter(([name]) => name === from || name.startsWith(`${from}/`))
    for (const [name] of moved) this.mailboxes.delete(name)
    const parent = to.lastIndexOf('/')
    if (parent > 0) this.create(to.slice(0, parent))
    for (const [name, places] of moved) this.mailboxes.set(to + name.slice(from.length), places)
  }

  remove(name: string): void {
    this.mailboxes.delete(name)
  }

  /** Complains when this is not what there is. */
  compare(places: Places, done: string): void {
    const found = new Model(places)
    for (const name of new Set([...this.mailboxes.keys(), ...found.mailboxes.keys()])) {
      const [is, should] = [found.#printed(name, this.#known), this.#printed(name, this.#known)]
      if (is !== should) complain('model', `after ${done}: ${name} has ${is}; expected ${should}`)
    }
  }

  #printed(name: string, known: ReadonlySet<string>): string {
    const places = this.mailboxes.get(name)
    if (!places) return 'no mailbox'
    const print = ({ email, flags }: Place) => `${known.has(email) ? email : fresh}(${[...flags].sort().join(' ')})`
    return places.map(print).sort().join(', ')
  }

  #keep(name: string, isKept: (place: Place) => boolean): void {
    const places = this.mailboxes.get(name)
    if (places) this.mailboxes.set(name, places.filter(isKept))
  }
}

function setFlag({ flags }: Place, flag: string, on: boolean): void {
  if (on) flags.add(flag)
  else flags.delete(flag)
}
