/** What opens a user's account besides the password, as far as the owner of the machine makes and takes it. */
import { z } from 'zod'
import type { Access } from '#mail/access/access.ts'
import type { SecretRefusal } from '#mail/access/named-secrets.ts'
import type { Text } from '#base/text.ts'
import { directoryRefusalText } from '#mail/directory-texts.ts'
import type { AccountId } from '#mail/ids.ts'
import { type AdminServices, notHere, operation, type Operation, type Refused } from './admin-operation.ts'

const address = z.string().min(1).max(320)

function onUser<Input extends z.ZodType<{ readonly address: string }>>(
  name: string,
  input: Input,
  run: (access: Access, account: AccountId, given: z.output<Input>) => Promise<unknown>,
): Operation {
  return operation(name, input, async ({ directory, access }: AdminServices, given) => {
    if (!directory || !access) return notHere({ en: 'users', ja: '利用者' })
    const user = await directory.user(given.address)
    if (user) return run(access, user.account, given)
    const text = directoryRefusalText({ refused: 'no-such-user', detail: given.address })
    return { refused: 'no-such-user', text }
  })
}

export const accessOperations: readonly Operation[] = [
  onUser(
    'user.app-password.add',
    z.strictObject({ address, name: z.string().max(1_000) }),
    async ({ appPasswords }, account, { name }) => {
      const added = await appPasswords.add(account, name)
      return 'refused' in added ? refusal(added) : added
    },
  ),
  onUser('user.app-password.list', z.strictObject({ address }), async ({ appPasswords }, account) =>
    appPasswords.list(account),
  ),
  onUser(
    'user.app-password.remove',
    z.strictObject({ address, id: z.string().max(100) }),
    async ({ appPasswords }, account, { id }) =>
      (await appPasswords.remove(account, id)) ? {} : { refused: 'no-such-app-password', text: noSuchText },
  ),
  onUser('user.second-factor.remove', z.strictObject({ address }), async ({ secondFactor }, account) =>
    (await secondFactor.turnOff(account)) ? {} : { refused: 'no-second-factor', text: isOffText },
  ),
]

function refusal({ refused }: SecretRefusal): Refused {
  return { refused, text: texts[refused] }
}

const isOffText: Text = { en: 'this user has no second factor', ja: 'この利用者は二段階認証を使っていません' }
const noSuchText: Text = { en: 'there is no app password of this id', ja: 'このIDのアプリパスワードはありません' }
const texts: Readonly<Record<SecretRefusal['refused'], Text>> = {
  'no-such-user': { en: 'there is no such user', ja: 'その利用者はいません' },
  'bad-name': { en: 'give it a name of 1 to 100 characters', ja: '1〜100文字の名前を付けてください' },
  'too-many': { en: 'there are too many: remove one first', ja: '数が上限です。先にどれかを削除してください' },
}
