/** Domains, users and aliases. */
import { z } from 'zod'
import type { Directory, DirectoryRefusal } from '#mail/directory.ts'
import { directoryRefusalText } from '#mail/directory-texts.ts'
import { importPasswdFile } from './admin-import.ts'
import { type AdminServices, notHere, notRunning, operation, type Operation, type Refused } from './admin-operation.ts'

const name = z.string().min(1).max(320)
const address = z.strictObject({ address: name })
const language = z.enum(['en', 'ja'])
const nothing = z.strictObject({})

/** Runs on the directory where there is one; its refusals get their sentences. */
function onDirectory<Input extends z.ZodType>(
  name: string,
  input: Input,
  run: (directory: Directory, input: z.output<Input>) => Promise<unknown>,
): Operation {
  return operation(name, input, async ({ directory }, given) => {
    if (!directory) return notHere({ en: 'users and domains', ja: '利用者とドメイン' })
    const answer = await run(directory, given)
    return isPlainRefusal(answer) ? { refused: answer.refused, text: directoryRefusalText(answer) } : answer
  })
}

/** As opposed to one of ours, which has its sentence already. */
function isPlainRefusal(value: unknown): value is DirectoryRefusal {
  return typeof value === 'object' && value !== null && 'refused' in value && !('text' in value)
}

export const directoryOperations: readonly Operation[] = [
  onDirectory('domain.ls', nothing, directory => directory.domains()),
  onDirectory('domain.add', z.strictObject({ domain: name, catchAll: name.optional() }), async (directory, input) => {
    const added = await directory.addDomain(input.domain)
    if ('refused' in added || input.catchAll === undefined) return added
    const set = await directory.setCatchAll(input.domain, input.catchAll)
    return 'refused' in set ? set : { ...added, catchAll: input.catchAll }
  }),
  onDirectory('domain.rm', z.strictObject({ domain: name }), (directory, input) =>
    directory.removeDomain(input.domain),
  ),

  onDirectory('user.ls', nothing, directory => directory.users()),
  onDirectory(
    'user.add',
    z.strictObject({
      address: name,
      name: z.string().max(200).optional(),
      language: language.optional(),
      password: z.string().max(1024).optional(),
      passwordHash: z.string().max(1024).optional(),
      quotaBytes: z.number().int().positive().optional(),
    }),
    (directory, { address, ...rest }) => directory.addUser({ address, ...present(rest) }),
  ),
  onDirectory('user.passwd', z.strictObject({ address: name, password: z.string().max(1024) }), (directory, input) =>
    directory.setPassword(input.address, input.password),
  ),
  onDirectory(
    'user.quota',
    z.strictObject({ address: name, quotaBytes: z.number().int().positive().nullable() }),
    (directory, input) => directory.setQuota(input.address, input.quotaBytes ?? undefined),
  ),
  onDirectory('user.admin', z.strictObject({ address: name, on: z.boolean() }), (directory, input) =>
    directory.setAdministrator(input.address, input.on),
  ),
  onDirectory(
    'user.pop3',
    z.strictObject({ address: name, mailbox: z.string().max(1024).nullable() }),
    (directory, input) => directory.setPop3Mailbox(input.address, input.mailbox ?? undefined),
  ),
  onDirectory('user.enable', address, (directory, input) => directory.setEnabled(input.address, true)),
  onDirectory('user.disable', address, (directory, input) => directory.setEnabled(input.address, false)),
  onDirectory('user.rm', address, (directory, input) => directory.removeUser(input.address)),
  onDirectory(
    'user.import',
    z.strictObject({
      text: z.string().max(10_000_000),
      dryRun: z.boolean(),
      domain: name.optional(),
      addDomains: z.boolean(),
      replacePasswords: z.boolean(),
      withoutPassword: z.boolean(),
    }),
    (directory, { domain, ...rest }) =>
      importPasswdFile(directory, { ...rest, ...(domain !== undefined && { domain }) }),
  ),
  operation('user.ticket', address, makeTicket),
  operation('user.test', z.strictObject({ address: name, password: z.string().max(1024) }), testLogin),

  onDirectory('alias.ls', nothing, directory => directory.aliases()),
  onDirectory(
    'alias.add',
    z.strictObject({ address: name, targets: z.array(name).min(1).max(100) }),
    (directory, input) => directory.addAlias(input.address, input.targets),
  ),
  onDirectory('alias.rm', address, (directory, input) => directory.removeAlias(input.address)),
]

async function testLogin(
  services: AdminServices,
  input: { address: string; password: string },
): Promise<object | Refused> {
  const { directory, login } = services
  if (!directory) return notHere({ en: 'users', ja: '利用者' })
  if (!login) return notRunning
  const user = await directory.user(input.address)
  const result = await login(input.address, input.password)
  if (result.kind === 'ok') return { address: result.login.address, scheme: user?.passwordScheme, result: 'ok' }
  const reason = result.kind === 'refused' ? result.reason : result.kind
  return { refused: reason, text: loginTexts[reason] }
}

async function makeTicket({ directory, webTicket }: AdminServices, input: { address: string }): Promise<object> {
  if (!directory) return notHere({ en: 'users', ja: '利用者' })
  if (!webTicket) return notRunning
  const user = await directory.user(input.address)
  if (!user)
    return { refused: 'no-such-user', text: directoryRefusalText({ refused: 'no-such-user', detail: input.address }) }
  if (!user.enabled) return { refused: 'disabled', text: loginTexts.disabled }
  return webTicket(user.account)
}

const loginTexts = {
  'unknown-user': { en: 'there is no such user', ja: 'その利用者はいません' },
  'wrong-password': {
    en: 'the account is fine, the password differs',
    ja: 'アカウントは正常ですが、パスワードが違います',
  },
  disabled: { en: 'the account is disabled: hikyaku user enable', ja: 'アカウントが無効です: hikyaku user enable' },
  'app-password-needed': {
    en: 'the password is right; programs need an app password, because the user has a second factor',
    ja: 'パスワードは正しいですが、二段階認証を使っているため、アプリにはアプリパスワードが必要です',
  },
  throttled: {
    en: 'too many failures lately; try again in a while',
    ja: '失敗が続いたため制限中です。しばらくして試してください',
  },
  unavailable: { en: 'the password could not be checked now', ja: '今はパスワードを確かめられません' },
} as const

/** Without the keys whose value is undefined. */
function present<Values extends object>(values: Values): { [Key in keyof Values]: Exclude<Values[Key], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [Key in keyof Values]: Exclude<Values[Key], undefined>
  }
}
