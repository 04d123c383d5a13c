import { utf8 } from '#base/bytes.ts'
import type { Clock } from '#base/clock.ts'
import type { SieveProblem } from '#formats/sieve/problem.ts'
import type { WriterOperation, WriterOperations } from '#store/account/operations.ts'
import { scriptRefusal } from '#store/account/scripts.ts'
import type { AccountStore } from '#store/account/store.ts'
import { isRemembered } from '#store/account/tables/remembered.ts'
import { type ScriptStep, type SetScriptsOutput, stateOfScripts } from '#store/account/set-scripts.ts'
import { readActiveScript, readScript, readScripts, readWholeScripts } from '#store/account/tables/script.ts'
import type { Database } from '#store/sqlite.ts'
import { maxRememberedScripts, maxRememberedUsage } from './account-limits.ts'
import { readAccount } from './account-read.ts'
import type { AccountId } from './ids.ts'
import { behindOf, scriptKind, stepsToFollow } from './own-scripts.ts'
import { type ActiveScript, isScriptRefusal, type ScriptRefusal, type Scripts } from './scripts.ts'

export type ScriptsOptions = {
  readonly store: AccountStore
  /** Brings the database to this release's form */
  readonly open: (account: AccountId) => Promise<unknown>
  readonly clock: Clock
  readonly maxScriptBytes: number
  readonly check: (text: string) => readonly SieveProblem[]
}

export function createScripts(options: ScriptsOptions): Scripts {
  const { clock, maxScriptBytes, store } = options
  const active = new ActiveScripts()

  async function read<Result>(account: AccountId, act: (database: Database) => Result): Promise<Result> {
    await options.open(account)
    return readAccount(store, account, act)
  }

  async function change<Name extends WriterOperation>(
    account: AccountId,
    operation: Name,
    input: WriterOperations[Name]['input'],
  ): Promise<object | ScriptRefusal> {
    try {
      return (await store.write(account, operation, input)) as object | ScriptRefusal
    } finally {
      active.forget(account)
    }
  }

  /** Steps that are one change; `again` where something else changed meanwhile */
  async function together(
    account: AccountId,
    steps: readonly ScriptStep[],
    ifState: string,
    again: () => Promise<object | ScriptRefusal>,
  ): Promise<object | ScriptRefusal> {
    const input = { steps, activate: undefined, ifState, nowMs: clock.now() }
    const done = await change(account, 'setScripts', input)
    if (isScriptRefusal(done)) return again()
    const results = (done as Extract<SetScriptsOutput, { results: unknown }>).results
    return results.find(result => isScriptRefusal(result)) ?? {}
  }

  function check(script: Uint8Array): object | ScriptRefusal {
    if (script.length > maxScriptBytes) return { refused: 'script-too-large', limitBytes: maxScriptBytes }
    const text = decode(script)
    const problems = text === undefined ? [notUtf8] : options.check(text)
    return problems.length > 0 ? { refused: 'invalid', problems } : {}
  }

  const door: Scripts = {
    async list(account) {
      const rows = await read(account, readScripts)
      return rows.map(row => ({
        name: row.name,
        sizeBytes: row.sizeBytes,
        active: row.active === 1,
        changedAt: row.changed,
      }))
    },
    async script(account, name) {
      const kept = scriptName(name)
      return kept === undefined ? undefined : read(account, database => readScript(database, kept))
    },
    active: account => active.of(account, () => read(account, readActiveScript)),
    async haveSpace(account, name, sizeBytes) {
      const kept = scriptName(name)
      if (kept === undefined) return badName
      if (sizeBytes > maxScriptBytes) return { refused: 'script-too-large', limitBytes: maxScriptBytes }
      const rows = await read(account, readScripts)
      return (scriptRefusal(rows, { name: kept, sizeBytes }) ?? {}) as object | ScriptRefusal
    },
    check,
    async put(account, name, script) {
      const kept = scriptName(name)
      if (kept === undefined) return badName
      const checked = check(script)
      if ('refused' in checked) return checked
      // in memory of its own: it goes to another thread
      return change(account, 'putScript', { name: kept, bytes: Uint8Array.from(script), nowMs: clock.now() })
    },
    async rename(account, name, to) {
      const kept = scriptName(name)
      const wanted = scriptName(to)
      if (wanted === undefined) return badName
      if (kept === undefined) return noSuchScript
      const { scripts, state } = await door.all(account)
      const follow = stepsToFollow(scripts, kept, wanted)
      const id = scripts.find(script => script.name === kept)?.id
      const isFree = !scripts.some(script => script.name === wanted)
      if (follow.length === 0 || id === undefined || !isFree)
        return change(account, 'renameScript', { name: kept, to: wanted })
      return together(account, [{ kind: 'update', id, name: wanted, bytes: undefined }, ...follow], state, () =>
        door.rename(account, name, to),
      )
    },
    async delete(account, name) {
      const kept = scriptName(name)
      if (kept === undefined) return noSuchScript
      const { scripts, state } = await door.all(account)
      const own = scripts.find(script => script.name === kept)
      // what was behind the filters comes up; a script by hand may come back under its name
      const follow = own && scriptKind(own) === 'filters' ? stepsToFollow(scripts, kept, behindOf(own)) : []
      if (!own || own.active || follow.length === 0) return change(account, 'deleteScript', { name: kept })
      return together(account, [...follow, { kind: 'destroy', id: own.id }], state, () => door.delete(account, name))
    },
    async activate(account, name) {
      const kept = name === undefined ? undefined : scriptName(name)
      if (name !== undefined && kept === undefined) return noSuchScript
      return change(account, 'activateScript', { name: kept })
    },
    async all(account) {
      const rows = await read(account, readWholeScripts)
      const scripts = rows.map(({ changed, active: is, ...row }) => ({ ...row, active: is === 1, changedAt: changed }))
      return { scripts, state: stateOfScripts(rows) }
    },
    async set(account, changes) {
      await options.open(account)
      try {
        return await store.write(account, 'setScripts', { ...changes, nowMs: clock.now() })
      } finally {
        active.forget(account)
      }
    },
    remembers: (account, key, nowMs) => read(account, database => isRemembered(database, key, nowMs)),
  }
  return door
}

const badName: ScriptRefusal = { refused: 'bad-name' }
const noSuchScript: ScriptRefusal = { refused: 'no-such-script' }
const notUtf8: SieveProblem = {
  line: 1,
  column: 1,
  text: { en: 'The script is not UTF-8 text', ja: 'スクリプトが UTF-8 のテキストではありません' },
}

function decode(script: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(script)
  } catch {
    return undefined
  }
}

const maxNameCharacters = 128
/** UTF-8 */
export const maxScriptNameBytes = 4 * maxNameCharacters
/** RFC 5804 §1.6 */
const forbiddenInNames = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]|\p{Surrogate}/u

/** In NFC (Net-Unicode, RFC 5198); undefined for what no script can be called. */
export function scriptName(name: string): string | undefined {
  const kept = name.normalize('NFC')
  if (kept === '' || forbiddenInNames.test(kept) || Array.from(kept).length > maxNameCharacters) return undefined
  return utf8(kept).length > maxScriptNameBytes ? undefined : kept
}

/** Asked for every delivery: who has none is remembered by many, scripts by few. */
class ActiveScripts {
  readonly #none = new Set<AccountId>()
  readonly #known = new Map<AccountId, Promise<ActiveScript | undefined>>()

  async of(account: AccountId, read: () => Promise<ActiveScript | undefined>): Promise<ActiveScript | undefined> {
    if (this.#none.has(account)) return undefined
    const known = this.#known.get(account)
    this.#known.delete(account)
    const reading = known ?? read()
    this.#known.set(account, reading)
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= maxRememberedScripts) break
      this.#known.delete(oldest)
    }
    try {
      const script = await reading
      // Unless it was forgotten meanwhile: then this may be what was before the change
      if (script === undefined && this.#known.get(account) === reading) this.#rememberNone(account)
      return script
    } catch (error) {
      if (this.#known.get(account) === reading) this.#known.delete(account)
      throw error
    }
  }

  #rememberNone(account: AccountId): void {
    this.#known.delete(account)
    if (this.#none.size >= maxRememberedUsage) this.#none.clear()
    this.#none.add(account)
  }

  forget(account: AccountId): void {
    this.#none.delete(account)
    this.#known.delete(account)
  }
}
