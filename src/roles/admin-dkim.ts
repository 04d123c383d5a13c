/** The keys that our mail is signed with. */
import { z } from 'zod'
import type { Text } from '#base/text.ts'
import type { DkimKeys, DkimRefusal } from '#mail/signing/dkim-keys.ts'
import { notHere, operation, type Operation } from './admin-operation.ts'

const domain = z.string().min(1).max(253)
const selector = z.string().min(1).max(63)
const oneKey = z.strictObject({ domain, selector })

const texts: Readonly<Record<DkimRefusal, Text>> = {
  'bad-domain': { en: 'this is no domain', ja: 'ドメイン名ではありません' },
  'bad-selector': {
    en: 'a selector has a-z, 0-9 and -, at most 42 characters',
    ja: 'セレクタは a-z、0-9、- で42文字までです',
  },
  exists: { en: 'there is a key with this selector', ja: 'このセレクタの鍵は既にあります' },
  'too-many': {
    en: 'the domain has many keys already; retire old ones',
    ja: 'このドメインの鍵が多すぎます。古い鍵を廃止してください',
  },
  'no-such-key': { en: 'there is no such key', ja: 'その鍵はありません' },
  'still-needed': {
    en: 'the key signs, or mail that it signed is still on its way; --force retires it all the same',
    ja: 'この鍵は使用中か、署名したメールがまだ配送中です。それでも廃止するなら --force',
  },
}

function onKeys<Input extends z.ZodType>(
  name: string,
  input: Input,
  run: (keys: DkimKeys, input: z.output<Input>) => unknown,
): Operation {
  return operation(name, input, async ({ dkim }, given) => {
    if (!dkim) return notHere({ en: 'DKIM keys', ja: 'DKIMの鍵' })
    const answer = await run(dkim, given)
    return typeof answer === 'string' ? { refused: answer, text: texts[answer as DkimRefusal] } : answer
  })
}

export const dkimOperations: readonly Operation[] = [
  onKeys('dkim.ls', z.strictObject({}), keys => keys.list()),
  onKeys('dkim.create', z.strictObject({ domain, selector: selector.optional() }), (keys, input) =>
    keys.create(input.domain, input.selector === undefined ? {} : { selector: input.selector }),
  ),
  onKeys('dkim.show', z.strictObject({ domain }), (keys, input) =>
    keys.list().filter(key => key.domain === input.domain),
  ),
  onKeys('dkim.check', z.strictObject({ domain: domain.optional() }), (keys, input) => keys.check(input.domain)),
  onKeys('dkim.activate', oneKey, (keys, input) => keys.activate(input.domain, input.selector)),
  onKeys('dkim.retire', oneKey.extend({ force: z.boolean() }), (keys, input) =>
    keys.retire(input.domain, input.selector, input.force),
  ),
]
