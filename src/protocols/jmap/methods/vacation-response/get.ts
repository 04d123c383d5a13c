/** RFC 8621 §8.1 */
import { askedIds, askedProperties, getShape } from '../../get.ts'
import { accountOf, type Method } from '../../method.ts'
import { singleton, singletonIn } from '../../singleton.ts'
import { checkArguments } from '../../syntax/arguments.ts'
import { vacationOf } from '../../vacation/vacations.ts'
import { type GetResponse, vacationCapability } from '../../wire.ts'
import type { VacationResponse } from '../../wire-sending.ts'

const properties = [
  'id',
  'isEnabled',
  'fromDate',
  'toDate',
  'subject',
  'textBody',
  'htmlBody',
] as const satisfies readonly (keyof VacationResponse)[]

export const vacationResponseGet: Method = {
  capability: vacationCapability,
  async run(given, context): Promise<GetResponse<Partial<VacationResponse>>> {
    const asked = checkArguments(given, getShape)
    const wanted = askedProperties(asked.properties, properties)
    const ids = askedIds(asked.ids, context)
    const account = await accountOf(asked.accountId, context)
    const { state, vacation } = await vacationOf(context.sending.scripts, account.id)
    return {
      accountId: asked.accountId,
      state,
      ...singletonIn({ id: singleton, ...vacation }, ids, wanted),
    }
  },
}
