/** The Sieve scripts of a user. */
import { z } from 'zod'
import type { Text } from '#base/text.ts'
import { isScriptRefusal, type ScriptInfo, type ScriptRefusal, type Scripts } from '#mail/scripts.ts'
import type { AccountId } from '#mail/ids.ts'
import { type Administrator, type AdministratorScript, readAdministrator } from '#mail/sieve/administrator.ts'
import { type Trial, tryScripts } from '#mail/sieve/trial.ts'
import type { SieveProblem } from '#formats/sieve/problem.ts'
import { notHere, notRunning, operation, type Operation, type Refused } from './admin-operation.ts'

const address = z.string().min(1).max(320)
const name = z.string().min(1).max(512)
const ofUser = z.strictObject({ address })
const oneScript = ofUser.extend({ name })

export type ShownScript = { readonly name: string; readonly text: string }
export type ListedScript = ScriptInfo

/** Of the administrator's files, in the order in which they run */
export type GlobalFile = {
  readonly use: 'before' | 'after' | 'global' | 'list'
  readonly name: string
  readonly file: string
  readonly problems: readonly SieveProblem[]
}

const trialMs = 30_000
const trialInput = ofUser.extend({
  message: z.base64().max(12 * 1024 * 1024),
  from: z.string().max(320),
  script: z.string().optional(),
})

function shownFiles({ after, before, global, lists }: Administrator): readonly GlobalFile[] {
  const shown = (use: GlobalFile['use'], scripts: Iterable<AdministratorScript>) =>
    [...scripts].map(({ file, name: named, problems }) => ({ use, name: named, file, problems }))
  return [
    ...shown('before', before),
    ...shown('after', after),
    ...shown('global', global.values()),
    ...lists.entries().map(([named, { file, problems }]) => ({ use: 'list' as const, name: named, file, problems })),
  ]
}

const noSuchUser: Refused = {
  refused: 'no-such-user',
  text: { en: 'there is no such user', ja: 'その利用者はいません' },
}
const noneActive: Refused = {
  refused: 'none-active',
  text: { en: 'no script is active', ja: '有効なスクリプトはありません' },
}

function onScripts<Input extends typeof ofUser>(
  named: string,
  input: Input,
  run: (scripts: Scripts, account: AccountId, input: z.output<Input>) => Promise<unknown>,
): Operation {
  return operation(named, input, async ({ directory, scripts }, given) => {
    if (!scripts || !directory) return notHere({ en: 'mail filters', ja: '振り分けスクリプト' })
    const user = await directory.user((given as { address: string }).address)
    if (!user) return noSuchUser
    const answer = await run(scripts, user.account, given)
    return isTold(answer) ? answer : isScriptRefusal(answer as object) ? refusedBy(answer as ScriptRefusal) : answer
  })
}

/** It has its words already */
function isTold(answer: unknown): answer is Refused {
  return isScriptRefusal(answer as object) && 'text' in (answer as object)
}

export const sieveOperations: readonly Operation[] = [
  onScripts('sieve.list', ofUser, (scripts, account) => scripts.list(account)),
  onScripts('sieve.show', ofUser.extend({ name: name.optional() }), async (scripts, account, input) => {
    const shown = (kept: string, bytes: Uint8Array): ShownScript => ({
      name: kept,
      text: Buffer.from(bytes).toString(),
    })
    if (input.name === undefined) {
      const active = await scripts.active(account)
      return active ? shown(active.name, active.bytes) : noneActive
    }
    const bytes = await scripts.script(account, input.name)
    return bytes ? shown(input.name, bytes) : refusedBy({ refused: 'no-such-script' })
  }),
  onScripts('sieve.put', oneScript.extend({ text: z.string() }), (scripts, account, input) =>
    scripts.put(account, input.name, Buffer.from(input.text)),
  ),
  onScripts('sieve.activate', ofUser.extend({ name: name.optional() }), (scripts, account, input) =>
    scripts.activate(account, input.name),
  ),
  operation('sieve.global', z.strictObject({}), async ({ config, sieve }) => {
    if (!config.role.includes('home')) return notHere({ en: 'mail filters', ja: '振り分けスクリプト' })
    return shownFiles(sieve ? sieve.administrator() : await readAdministrator(config.home.sieve))
  }),
  operation('sieve.test', trialInput, async ({ directory, sieve }, input): Promise<Trial | Refused> => {
    if (!directory || !sieve) return notRunning
    const user = await directory.user(input.address)
    if (!user) return noSuchUser
    const { script } = input
    const message = Buffer.from(input.message, 'base64')
    const { from: reversePath } = input
    const about = { account: user.account, recipient: user.address, reversePath, message }
    const named = script === undefined ? undefined : { name: 'test', text: script }
    return tryScripts(sieve.ports, { ...about, script: named }, AbortSignal.timeout(trialMs))
  }),
  onScripts('sieve.rm', oneScript, (scripts, account, input) => scripts.delete(account, input.name)),
]

const texts: Readonly<Record<Exclude<ScriptRefusal['refused'], 'invalid'>, Text>> = {
  'bad-name': { en: 'a script cannot be called that', ja: 'スクリプトの名前には使えません' },
  'no-such-script': { en: 'there is no such script', ja: 'そのスクリプトはありません' },
  exists: { en: 'there is a script of that name already', ja: 'その名前のスクリプトがすでにあります' },
  active: {
    en: 'it is active: hikyaku sieve deactivate first',
    ja: '有効なスクリプトです。先に hikyaku sieve deactivate で無効にしてください',
  },
  'too-many-scripts': { en: 'the user has too many scripts', ja: 'スクリプトが多すぎます' },
  'script-too-large': { en: 'the script is too large', ja: 'スクリプトが大きすぎます' },
  'scripts-too-large': { en: 'the scripts together are too large', ja: 'スクリプト全体が大きすぎます' },
}

function refusedBy(refusal: ScriptRefusal): Refused {
  if (refusal.refused !== 'invalid') return { refused: refusal.refused, text: texts[refusal.refused] }
  const lines = (language: keyof Text) =>
    refusal.problems.map(({ column, line, text }) => `\n${line}:${column}: ${text[language]}`).join('')
  return { refused: 'invalid', text: { en: lines('en'), ja: lines('ja') } }
}
