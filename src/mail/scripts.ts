/** Sieve scripts of an account: what ManageSieve (RFC 5804), the command line and delivery ask for. */
import type { SieveProblem } from '#formats/sieve/problem.ts'
import type { SetScriptsInput, SetScriptsOutput } from '#store/account/set-scripts.ts'

export type { ScriptStep, StepResult } from '#store/account/set-scripts.ts'
export { maxScripts } from '#store/account/limits.ts'
import type { AccountId } from './ids.ts'

export type ScriptInfo = {
  readonly name: string
  readonly sizeBytes: number
  readonly active: boolean
  /** Milliseconds since 1970 */
  readonly changedAt: number
}

export type ScriptRefusal =
  | { readonly refused: 'bad-name' | 'no-such-script' | 'exists' | 'active' | 'too-many-scripts' }
  /** One script, or all of the account's together */
  | { readonly refused: 'script-too-large' | 'scripts-too-large'; readonly limitBytes: number }
  | { readonly refused: 'invalid'; readonly problems: readonly SieveProblem[] }

/** `id`: its own for life, whatever it is called */
export type WholeScript = ScriptInfo & { readonly id: number; readonly bytes: Uint8Array }

export type Scripts = {
  /** By name */
  list(account: AccountId): Promise<readonly ScriptInfo[]>
  script(account: AccountId, name: string): Promise<Uint8Array | undefined>
  /** From memory, most times; undefined: none is */
  active(account: AccountId): Promise<ActiveScript | undefined>
  /** Whether a script of so many octets could be put under this name now. RFC 5804 §2.5 */
  haveSpace(account: AccountId, name: string, sizeBytes: number): Promise<object | ScriptRefusal>
  check(script: Uint8Array): object | ScriptRefusal
  /** Checked before it is kept; one that is there is replaced, and stays active when it is. */
  put(account: AccountId, name: string, script: Uint8Array): Promise<object | ScriptRefusal>
  rename(account: AccountId, name: string, to: string): Promise<object | ScriptRefusal>
  delete(account: AccountId, name: string): Promise<object | ScriptRefusal>
  /** Undefined: none is active afterwards */
  activate(account: AccountId, name: string | undefined): Promise<object | ScriptRefusal>
  /** All of them, by name, and the state that they are in together: another one when anything of it is another */
  all(account: AccountId): Promise<{ readonly scripts: readonly WholeScript[]; readonly state: string }>
  /** Several changes as one. Names have been through `scriptName`, contents through `check`. */
  set(account: AccountId, changes: Omit<SetScriptsInput, 'nowMs'>): Promise<SetScriptsOutput>
  /** `duplicate` and `vacation`: written by an earlier delivery, and not yet to be forgotten at `nowMs` */
  remembers(account: AccountId, key: string, nowMs: number): Promise<boolean>
}

export type ActiveScript = { readonly name: string; readonly bytes: Uint8Array }

export function isScriptRefusal(value: object | ScriptRefusal): value is ScriptRefusal {
  return 'refused' in value
}
