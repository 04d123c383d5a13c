/** The gateway's copy of the list: read again when the file changes; the last good one stays when it breaks or is gone. */
import { readFile, stat } from 'node:fs/promises'
import type { Clock } from '#base/clock.ts'
import type { Log } from '#base/log.ts'
import { canonicalAddress, domainOf, parseAddress, printAddress, splitSubaddress } from '#formats/address/address.ts'
import { readListContent, type ListContent, type ListedDomain, type ListedState } from './recipient-list-file.ts'
import type { ListAnswer, RecipientList } from './recipient-list.ts'

/** A dozen missed rewrites (every five minutes): home or the way to it is gone, and the list may miss what is new there. */
const staleAfterMs = 3600 * 1000
const pollMs = 1_000
/** About a million names. */
const maxFileBytes = 64 * 1024 * 1024

export type OpenedRecipientList = RecipientList & {
  /** Why the file is not the list in use; undefined while it is */
  readonly problem: string | undefined
  /** Looks at the file now */
  refresh(): Promise<void>
} & Disposable

export async function openRecipientList(
  file: string,
  options: { readonly clock: Clock; readonly log: Log; readonly staleAfterMs?: number; readonly pollMs?: number },
): Promise<OpenedRecipientList> {
  const list = new FileList(file, options)
  await list.refresh()
  return list
}

class FileList implements OpenedRecipientList {
  readonly #file: string
  readonly #clock: Clock
  readonly #log: Log
  readonly #staleAfterMs: number
  readonly #timer: NodeJS.Timeout
  #content: ListContent | undefined
  #byName = new Map<string, ListedDomain>()
  /** Age when it was read; from then on the monotonic clock counts. */
  #readAgeMs = 0
  #readAt = 0
  #seen = ''
  #problem: string | undefined
  #refreshing: Promise<void> | undefined

  constructor(file: string, options: Parameters<typeof openRecipientList>[1]) {
    this.#file = file
    this.#clock = options.clock
    this.#log = options.log
    this.#staleAfterMs = options.staleAfterMs ?? staleAfterMs
    this.#timer = setInterval(() => void this.refresh(), options.pollMs ?? pollMs)
    this.#timer.unref()
  }

  get domains(): readonly string[] {
    return this.#content?.domains.map(({ name }) => name) ?? []
  }
  get problem(): string | undefined {
    return this.#problem
  }

  ageMs(): number | undefined {
    return this.#content && this.#readAgeMs + this.#clock.monotonic() - this.#readAt
  }

  look(address: string): ListAnswer {
    const age = this.ageMs()
    const fresh = age !== undefined && age <= this.#staleAfterMs
    const canonical = canonicalAddress(address)
    const domain = canonical === undefined ? undefined : this.#byName.get(domainOf(canonical) ?? '')
    if (canonical === undefined || !domain) return { kind: 'not-ours', fresh }
    const state = this.#state(canonical, domain)
    return state === 'known' ? { kind: 'known' } : { kind: state, fresh }
  }

  /** Order as at home: name, sub-address, catch-all; a disabled or deleted name does not fall to the catch-all. */
  #state(canonical: string, domain: ListedDomain): 'known' | 'disabled' | 'unknown' {
    const recipients = this.#content?.recipients ?? {}
    const localpart = parseAddress(canonical)?.localpart ?? ''
    const { user } = splitSubaddress(localpart, domain.separators)
    for (const name of [canonical, printAddress({ localpart: user, domain: domain.name })])
      if (Object.hasOwn(recipients, name)) return stateOf(recipients[name])
    if (domain.catchAll || user === 'postmaster' || user === 'abuse') return 'known'
    return 'unknown'
  }

  refresh(): Promise<void> {
    this.#refreshing ??= this.#read().finally(() => (this.#refreshing = undefined))
    return this.#refreshing
  }

  async #read(): Promise<void> {
    try {
      const { mtimeMs, size, ino } = await stat(this.#file)
      const seen = `${mtimeMs} ${size} ${ino}`
      if (seen === this.#seen) return
      if (size > maxFileBytes) return this.#keepOld('too large', seen)
      const read = readListContent(await readFile(this.#file, 'utf8'))
      if ('problem' in read) return this.#keepOld(read.problem, seen)
      this.#use(read, seen)
    } catch (error) {
      this.#keepOld((error as NodeJS.ErrnoException).code === 'ENOENT' ? 'missing' : 'unreadable', '')
    }
  }

  #use(content: ListContent, seen: string): void {
    this.#seen = seen
    this.#content = content
    this.#byName = new Map(content.domains.map(domain => [domain.name, domain]))
    this.#readAgeMs = Math.max(0, this.#clock.now() - content.writtenAt)
    this.#readAt = this.#clock.monotonic()
    if (this.#problem !== undefined) this.#log.info('The recipient list can be read again', { file: this.#file })
    this.#problem = undefined
  }

  #keepOld(problem: string, seen: string): void {
    this.#seen = seen
    if (problem !== this.#problem)
      this.#log.error('The recipient list cannot be used; the last good one stays', { file: this.#file, problem })
    this.#problem = problem
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }
}

function stateOf(listed: ListedState | undefined): 'known' | 'disabled' | 'unknown' {
  return listed === undefined || listed === 'deleted' ? 'unknown' : listed
}
