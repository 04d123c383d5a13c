/**
 * The keys of our domains. They stay at home, 0600; a new one signs only after its record was seen in DNS, and until then the one before
 * it does: a rotation has no gap, in whichever order people get things done.
 */
import { createPrivateKey, generateKeyPair, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import type { Clock } from '#base/clock.ts'
import type { Log } from '#base/log.ts'
import { canonicalDomain } from '#formats/address/domain.ts'
import { openSmallFiles, type SmallFiles } from '#store/small-files.ts'
import type { NameServer } from '../name-server.ts'
import type { DkimSigner } from '../authenticity/dkim/sign.ts'
import { type DkimAlgorithm, type DkimKey, publishes, recordName, recordText, type ShownDkimKey } from './dkim-key.ts'
import { lookForRecordMs, maxKeysPerDomain, replacedKeptMs, rsaBits } from './limits.ts'

export type DkimRefusal = 'bad-domain' | 'bad-selector' | 'exists' | 'too-many' | 'no-such-key' | 'still-needed'

export type DkimKeys = {
  /** The keys that sign mail of this domain: its own, or its parent's (aligned by RFC 7489 §3.1.1) */
  signersFor(domain: string): readonly DkimSigner[]
  /** Makes a pending key for each algorithm. Selectors begin with `selector`, `hYYYYMM` when absent. */
  create(domain: string, options?: { selector?: string }): Promise<readonly ShownDkimKey[] | DkimRefusal>
  list(): readonly ShownDkimKey[]
  /** Asks DNS now; keys that are seen begin to sign. */
  check(domain?: string): Promise<readonly ShownDkimKey[]>
  /** Signs from now on, whatever DNS says */
  activate(domain: string, selector: string): Promise<ShownDkimKey | DkimRefusal>
  /** Forgets a key. One that signs, or whose record is still needed, only with `force`. */
  retire(domain: string, selector: string, force: boolean): Promise<object | DkimRefusal>
  [Symbol.asyncDispose](): Promise<void>
}

export type DkimKeysOptions = {
  readonly folder: string
  readonly txt: NameServer['txt']
  readonly clock: Clock
  readonly log: Log
  /** 60 s; 0: only when asked */
  readonly lookEveryMs?: number
}

const indexFile = 'keys.json'
const generate = promisify(generateKeyPair)

export async function openDkimKeys(options: DkimKeysOptions): Promise<DkimKeys> {
  const keys = new KeptKeys(await openSmallFiles(options.folder), options)
  await keys.load()
  return keys
}

type Kept = { key: DkimKey; readonly privateKey: KeyObject }

class KeptKeys implements DkimKeys {
  readonly #folder: SmallFiles
  readonly #options: DkimKeysOptions
  readonly #kept: Kept[] = []
  /** In the index, but their files cannot be read: they do not sign, and are not forgotten, since somebody may bring the file back */
  readonly #unreadable: DkimKey[] = []
  #signers = new Map<string, readonly DkimSigner[]>()
  /** Changes go one after the other */
  #turn: Promise<unknown> = Promise.resolve()
  #timer: NodeJS.Timeout | undefined
  #looks = false
  #closed = false

  constructor(folder: SmallFiles, options: DkimKeysOptions) {
    this.#folder = folder
    this.#options = options
  }

  async load(): Promise<void> {
    for (const key of await this.#readIndex()) await this.#read(key)
    this.#sort()
    const { lookEveryMs = lookForRecordMs } = this.#options
    if (lookEveryMs === 0) return
    this.#timer = setInterval(() => void this.#lookForPending(), lookEveryMs)
    this.#timer.unref()
  }

  /** One that cannot be read is put aside: the keys in the folder sign again once their records are seen. */
  async #readIndex(): Promise<readonly DkimKey[]> {
    const text = (await this.#folder.read(indexFile)) ?? '[]'
    try {
      const index = JSON.parse(text) as unknown
      if (Array.isArray(index)) return index as readonly DkimKey[]
    } catch {
      // said below
    }
    await this.#folder.write(`${indexFile}.broken`, text)
    this.#options.log.error('The index of the DKIM keys cannot be read: keys sign once DNS has shown their records')
    const createdAt = this.#options.clock.now()
    return (await this.#folder.list()).flatMap(file => {
      const [, domain, selector] = /^(.+)\.([a-z0-9-]+)\.pem$/.exec(file) ?? []
      if (domain === undefined || selector === undefined) return []
      return { domain, selector, algorithm: selector.endsWith('e') ? 'ed25519' : 'rsa', state: 'pending', createdAt }
    })
  }

  /** Mail is not kept waiting for a key: it leaves unsigned, or signed by the other one. */
  async #read(key: DkimKey): Promise<void> {
    try {
      const pem = await this.#folder.read(fileOf(key))
      if (pem === undefined) throw new Error('There is no such file')
      this.#kept.push({ key, privateKey: createPrivateKey(pem) })
    } catch (error) {
      this.#unreadable.push(key)
      const about = { name: recordName(key), file: fileOf(key), error: String(error) }
      this.#options.log.error('A DKIM key cannot be read and does not sign', about)
    }
  }

  signersFor(domain: string): readonly DkimSigner[] {
    const labels = domain.split('.')
    for (let at = 0; at < labels.length - 1; at++) {
      const signers = this.#signers.get(labels.slice(at).join('.'))
      if (signers) return signers
    }
    return []
  }

  create(domain: string, { selector }: { selector?: string } = {}) {
    return this.#inTurn(async () => {
      const name = canonicalDomain(domain)
      if (name === undefined || !name.includes('.')) return 'bad-domain'
      const stem = selector ?? this.#freeStem(name)
      if (!/^[a-z0-9](?:[a-z0-9-]{0,40}[a-z0-9])?$/.test(stem)) return 'bad-selector'
      const ours = this.#kept.filter(({ key }) => key.domain === name)
      if (this.#isTaken(name, stem)) return 'exists'
      if (ours.length + 2 > maxKeysPerDomain) return 'too-many'
      const made = [await this.#make(name, `${stem}r`, 'rsa'), await this.#make(name, `${stem}e`, 'ed25519')]
      this.#kept.push(...made)
      await this.#save()
      return made.map(kept => this.#shown(kept))
    })
  }

  list(): readonly ShownDkimKey[] {
    return this.#kept.map(kept => this.#shown(kept))
  }

  async check(domain?: string) {
    const asked = this.#kept.filter(({ key }) => domain === undefined || key.domain === canonicalDomain(domain))
    await this.#look(asked, 'save')
    return asked.filter(kept => this.#kept.includes(kept)).map(kept => this.#shown(kept))
  }

  activate(domain: string, selector: string) {
    return this.#inTurn(async () => {
      const kept = this.#find(domain, selector)
      if (!kept) return 'no-such-key'
      this.#begin(kept)
      await this.#save()
      return this.#shown(kept)
    })
  }

  retire(domain: string, selector: string, force: boolean) {
    return this.#inTurn(async () => {
      const kept = this.#find(domain, selector)
      if (!kept) return 'no-such-key'
      if (!force && this.#isNeeded(kept.key)) return 'still-needed'
      this.#kept.splice(this.#kept.indexOf(kept), 1)
      // the index first: a key without a name is harmless, a name without its key is not
      await this.#save()
      await this.#folder.remove(fileOf(kept.key))
      return {}
    })
  }

  #isNeeded({ state, replacedAt = 0 }: DkimKey): boolean {
    if (state === 'pending') return false
    return state === 'active' || this.#options.clock.now() < replacedAt + replacedKeptMs
  }

  #find(domain: string, selector: string): Kept | undefined {
    const name = canonicalDomain(domain)
    return this.#kept.find(({ key }) => key.domain === name && key.selector === selector)
  }

  async #make(domain: string, selector: string, algorithm: DkimAlgorithm): Promise<Kept> {
    const { privateKey } =
      algorithm === 'rsa' ? await generate('rsa', { modulusLength: rsaBits }) : await generate('ed25519')
    const key: DkimKey = { domain, selector, algorithm, state: 'pending', createdAt: this.#options.clock.now() }
    await this.#folder.write(fileOf(key), privateKey.export({ format: 'pem', type: 'pkcs8' }) as string)
    return { key, privateKey }
  }

  #freeStem(domain: string): string {
    const month = new Date(this.#options.clock.now()).toISOString().slice(0, 7).replace('-', '')
    for (let round = 1; ; round++) {
      const stem = `h${month}${round === 1 ? '' : `-${round}`}`
      if (!this.#isTaken(domain, stem)) return stem
    }
  }

  #isTaken(domain: string, stem: string): boolean {
    const all = [...this.#kept.map(({ key }) => key), ...this.#unreadable]
    return all.some(key => key.domain === domain && (key.selector === `${stem}r` || key.selector === `${stem}e`))
  }

  async #lookForPending(): Promise<void> {
    const pending = this.#kept.filter(({ key }) => key.state === 'pending')
    // DNS that does not answer may take longer than the pause between two looks
    if (pending.length === 0 || this.#looks) return
    this.#looks = true
    await this.#look(pending, 'save-changes')
      .catch(error => this.#options.log.warn('DKIM records could not be looked for', { error: String(error) }))
      .finally(() => (this.#looks = false))
  }

  /** DNS is asked for all at once, and no other command waits meanwhile; what it said is then taken in its turn. */
  async #look(asked: readonly Kept[], then: 'save' | 'save-changes'): Promise<void> {
    const answers = await Promise.all(asked.map(({ key }) => this.#options.txt(recordName(key))))
    await this.#inTurn(async () => {
      if (this.#closed) return
      const shown = () => JSON.stringify(asked.map(({ key }) => [key.state, key.dns?.found]))
      const before = shown()
      for (const [at, kept] of asked.entries()) {
        const answer = answers[at]
        // it may have been retired in the meantime
        if (answer && this.#kept.includes(kept)) this.#heard(kept, answer)
      }
      if (then === 'save' || shown() !== before) await this.#save()
    })
  }

  #heard(kept: Kept, answer: Awaited<ReturnType<DkimKeysOptions['txt']>>): void {
    const record = recordText(kept.privateKey)
    const found = (() => {
      if (answer.kind === 'temporary') return 'unknown'
      if (answer.kind === 'none') return 'missing'
      return answer.value.some(txt => publishes(txt, record)) ? 'seen' : 'other'
    })()
    kept.key = { ...kept.key, dns: { at: this.#options.clock.now(), found } }
    if (found === 'seen' && kept.key.state === 'pending') this.#begin(kept)
  }

  /** It signs; the one before it of the same algorithm does no more. */
  #begin(kept: Kept): void {
    const now = this.#options.clock.now()
    for (const other of this.#kept)
      if (other !== kept && other.key.domain === kept.key.domain && other.key.algorithm === kept.key.algorithm)
        if (other.key.state === 'active') other.key = { ...other.key, state: 'replaced', replacedAt: now }
    const { replacedAt: _, ...key } = kept.key
    kept.key = { ...key, state: 'active', activeAt: now }
    this.#options.log.info('A DKIM key signs from now on', { name: recordName(kept.key) })
  }

  async #save(): Promise<void> {
    await this.#folder.write(
      indexFile,
      `${JSON.stringify([...this.#kept.map(({ key }) => key), ...this.#unreadable], null, 2)}\n`,
    )
    this.#sort()
  }

  #sort(): void {
    const active = this.#kept.filter(({ key }) => key.state === 'active')
    const byDomain = Map.groupBy(active, ({ key }) => key.domain)
    this.#signers = new Map(
      [...byDomain].map(([domain, kept]) => [
        domain,
        kept.map(({ key, privateKey }) => ({ domain, selector: key.selector, key: privateKey })),
      ]),
    )
  }

  #shown({ key, privateKey }: Kept): ShownDkimKey {
    const { state, replacedAt } = key
    return {
      ...key,
      name: recordName(key),
      record: recordText(privateKey),
      ...(state === 'replaced' && replacedAt !== undefined && { retireAfter: replacedAt + replacedKeptMs }),
    }
  }

  #inTurn<Result>(act: () => Promise<Result>): Promise<Result> {
    const turn = this.#turn.then(act)
    this.#turn = turn.catch(() => {})
    return turn
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
    this.#closed = true
    await this.#turn
  }
}

function fileOf({ domain, selector }: Pick<DkimKey, 'domain' | 'selector'>): string {
  return `${domain}.${selector}.pem`
}
