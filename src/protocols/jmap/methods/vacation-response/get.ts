/** RFC 8621 §8.1 */
import { getOf } from '../../get.ts'
import { singleton } from '../../singleton.ts'
import { vacationOf } from '../../vacation/vacations.ts'
import { vacationCapability } from '../../wire.ts'
import type { VacationResponse } from '../../wire-sending.ts'

export const vacationResponseGet = getOf<VacationResponse>({
  capability: vacationCapability,
  properties: ['id', 'isEnabled', 'fromDate', 'toDate', 'subject', 'textBody', 'htmlBody'],
  async read(account, context) {
    const { state, vacation } = await vacationOf(context.sending.scripts, account.id)
    return { state, all: [{ id: singleton, ...vacation }] }
  },
})
