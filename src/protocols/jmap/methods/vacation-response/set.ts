/** RFC 8621 §8.2 */
import type { Vacation } from '#formats/sieve/vacation-script.ts'
import type { AccountId } from '#mail/ids.ts'
import { accountOf, type Method, type MethodContext, MethodFault } from '../../method.ts'
import { checkArguments, flag, nullable, text, utc } from '../../syntax/arguments.ts'
import { inTurn } from '../../sieve/turns.ts'
import { setVacation, vacationOf } from '../../vacation/vacations.ts'
import { type JsonObject, type SetError, type SetResponse, vacationCapability } from '../../wire.ts'
import type { VacationResponse } from '../../wire-sending.ts'
import { invalid, propertiesIn, setShape } from '../../set.ts'
import { setSingleton, singleton } from '../../singleton.ts'

export const vacationResponseSet: Method = {
  capability: vacationCapability,
  async run(given, context): Promise<SetResponse<VacationResponse>> {
    const asked = checkArguments(given, setShape)
    const account = await accountOf(asked.accountId, context)
    const { scripts } = context.sending
    return await inTurn(account.id, async () => {
      const before = await vacationOf(scripts, account.id)
      if (asked.ifInState !== undefined && asked.ifInState !== before.state) throw new MethodFault('stateMismatch')
      const done = await setSingleton(asked, async patch => await update(patch, before.vacation, account.id, context))
      const { state: newState } = await vacationOf(scripts, account.id)
      return { accountId: asked.accountId, oldState: before.state, newState, ...done }
    })
  },
}

const date = nullable((value, at) => {
  utc(value, at)
  return value as string
})
const checks = {
  isEnabled: flag,
  fromDate: date,
  toDate: date,
  subject: nullable(text),
  textBody: nullable(text),
  htmlBody: nullable(text),
}

async function update(
  patch: JsonObject,
  now: Vacation,
  account: AccountId,
  { sending }: MethodContext,
): Promise<SetError | undefined> {
  const { id: named, ...others } = patch
  const read = propertiesIn(named === singleton ? others : patch, checks)
  if ('type' in read) return read
  const wanted = { ...now, ...read }
  if (/[\0\r\n]/.test(wanted.subject ?? '')) return invalid('subject', 'A subject is one line')
  if (`${wanted.textBody}${wanted.htmlBody}`.includes('\0')) return invalid('textBody', 'NUL cannot be sent')
  const language = (await sending.directory.userOf(account))?.language ?? 'en'
  return await setVacation(sending.scripts, account, wanted, language)
}
