/** What the junk filter knows and why it decided so; mail that was refused. */
import { z } from 'zod'
import { ownBytes } from '#base/bytes.ts'
import { sha256 } from '#base/hmac.ts'
import { maxExaminedBytes } from '#formats/content/limits.ts'
import type { KeptVerdict } from '#mail/content/field.ts'
import { findMessage, keptVerdictOf } from '#mail/content/find-message.ts'
import type { JunkStatus } from '#mail/content/learning.ts'
import type { AccountId } from '#mail/ids.ts'
import type { KeptRefused } from '#mail/refused.ts'
import {
  type AdminServices,
  type ContentServices,
  notRunning,
  operation,
  type Operation,
  type Refused,
} from './admin-operation.ts'

export type JunkWhy = { readonly mailbox: string; readonly uid: number; readonly verdict: KeptVerdict }
export type ListedRefused = KeptRefused

const address = z.string().min(1).max(320)
const id = z.strictObject({ id: z.string().regex(/^[0-9a-f]{1,32}$/) })
const none = (refused: string, en: string, ja: string): Refused => ({ refused, text: { en, ja } })

const noSuchUser = none('no-such-user', 'there is no such user', 'その利用者はいません')
const noSuchMessage = none('no-such-message', 'there is no such message', 'そのメールはありません')
const notJudged = none(
  'not-judged',
  'this message was not judged when it came',
  'このメールは届いたときに判定されていません',
)
const noSuchRefused = none('no-such-message', 'no refused message has this id', 'このIDの拒否したメールはありません')

type About = ContentServices & { readonly account: AccountId }

/** Runs with the account of the address. */
function onAccount<Input extends z.ZodObject<{ address: typeof address }>>(
  name: string,
  input: Input,
  run: (about: About, input: z.output<Input>) => Promise<unknown>,
): Operation {
  return operation(name, input, async ({ content, directory }: AdminServices, given) => {
    if (!content || !directory) return notRunning
    const user = await directory.user((given as { address: string }).address)
    return user ? run({ ...content, account: user.account }, given) : noSuchUser
  })
}

function onRefused<Input extends z.ZodType>(
  name: string,
  input: Input,
  run: (refused: ContentServices['refused'], input: z.output<Input>) => Promise<unknown>,
): Operation {
  return operation(name, input, async ({ content }: AdminServices, given) =>
    content ? run(content.refused, given) : notRunning,
  )
}

export const junkOperations: readonly Operation[] = [
  onAccount(
    'junk.why',
    z.strictObject({ address, about: z.string().min(1).max(1000), mailbox: z.string().max(1000).optional() }),
    async ({ accounts, account: accountId }, { about, mailbox }) => {
      const account = await accounts.account(accountId)
      const found = await findMessage(account, about, mailbox)
      if (!found) return noSuchMessage
      const verdict = await keptVerdictOf(account, found.email)
      return verdict ? ({ mailbox: found.mailbox, uid: found.uid, verdict } satisfies JunkWhy) : notJudged
    },
  ),
  onAccount('junk.status', z.strictObject({ address }), async ({ learning, account }): Promise<JunkStatus> => {
    await learning.catchUp(account)
    return learning.status(account)
  }),
  onAccount(
    'junk.train',
    z.strictObject({ address, junk: z.boolean(), message: z.base64().max(2 * maxExaminedBytes) }),
    async ({ learning, account }, { junk, message }) => {
      const bytes = ownBytes(Buffer.from(message, 'base64'))
      return { learnt: await learning.train(account, { hash: sha256(bytes), junk, bytes }) }
    },
  ),
  onAccount('junk.forget', z.strictObject({ address }), ({ learning, account }) => learning.forgetLearnt(account)),
  onAccount('junk.relearn', z.strictObject({ address }), async ({ learning, account }) => {
    await learning.relearn(account)
    await learning.catchUp(account)
    return learning.status(account)
  }),

  onRefused(
    'refused.list',
    z.strictObject({ limit: z.number().int().min(1).max(10_000).default(200) }),
    (refused, { limit }) => refused.list(limit),
  ),
  onRefused('refused.show', id, async (refused, input) => (await refused.show(input.id)) ?? noSuchRefused),
  onRefused('refused.drop', id, async (refused, input) => ((await refused.drop(input.id)) ? {} : noSuchRefused)),
  onRefused('refused.deliver', id.extend({ virus: z.boolean().default(false) }), async (refused, input) => {
    const result = await refused.deliver(input.id, { virus: input.virus })
    switch (result.kind) {
      case 'delivered':
        return { again: result.again }
      case 'no-such-message':
        return noSuchRefused
      case 'over-quota':
        return none('over-quota', 'the mailbox is full', 'メールボックスがいっぱいです')
      case 'damaged':
        return none('damaged', 'the kept message is damaged', '保管したメールが壊れています')
      case 'carries-a-virus':
        return none(
          'carries-a-virus',
          'it carries a virus; --even-with-virus delivers it all the same',
          'ウイルスが含まれています。それでも配達するには --even-with-virus を付けてください',
        )
      default:
        return result satisfies never
    }
  }),
]
