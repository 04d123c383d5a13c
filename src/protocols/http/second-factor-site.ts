/** The second factor of who is signed in: on with the password and a first code, off and renewed with a code. */
import { sendJson, sendProblem } from '../jmap/answer.ts'
import { plainProblem } from '../jmap/syntax/problem.ts'
import type { Handler, PathTable } from './own-paths.ts'
import { refuseSignIn } from './refuse-sign-in.ts'
import { sendNothing, sessionOf, type SignInOptions } from './signed-in.ts'
import { provesPassword, takesCode, wrongCode } from './sign-in-proof.ts'
import type { HttpVisit } from './site.ts'
import { readFields } from './small-body.ts'

export const secondFactorPaths: PathTable = {
  '/second-factor': {
    async GET(visit, options) {
      const known = await sessionOf(visit, options)
      if (!known) return
      const { createdAt, lastUsedAt, recoveryCodesLeft } = options.access.secondFactor.state(known.login.account)
      const date = (at: number | undefined) => (at === undefined ? null : new Date(at).toISOString())
      const totp = createdAt === undefined ? null : { created: date(createdAt), lastUsed: date(lastUsedAt) }
      await sendJson(visit.response, { totp, recoveryCodesLeft })
    },
    async POST(visit, options) {
      const known = await sessionOf(visit, options)
      if (!known) return
      const given = await readFields(visit.request)
      if ('status' in given) return sendProblem(visit.response, given)
      const { secondFactor } = options.access
      if (secondFactor.isOn(known.login.account)) return sendProblem(visit.response, isOn)
      const proved = await provesPassword(given.get('password') ?? '', known.login, visit, options)
      if (proved.kind !== 'ok') return refuseSignIn(visit.response, proved)
      await sendJson(visit.response, await secondFactor.enrol(known.login.account, known.login.address), 201)
    },
  },
  '/second-factor/confirm': {
    async POST(visit, options) {
      const known = await sessionOf(visit, options)
      if (!known) return
      const given = await readFields(visit.request)
      if ('status' in given) return sendProblem(visit.response, given)
      const codes = await options.access.secondFactor.confirm(known.login.account, given.get('code') ?? '')
      if (!codes) return sendProblem(visit.response, { ...wrongCode, status: 403 })
      await sendJson(visit.response, { recoveryCodes: codes })
    },
  },
  '/second-factor/off': {
    POST: byCode(async (visit, { access }, account) => {
      await access.secondFactor.turnOff(account)
      await sendNothing(visit)
    }),
  },
  '/second-factor/recovery-codes': {
    POST: byCode(async (visit, { access }, account) =>
      sendJson(visit.response, { recoveryCodes: await access.secondFactor.renewCodes(account) }),
    ),
  },
}

type Account = Parameters<SignInOptions['access']['secondFactor']['isOn']>[0]

function byCode(act: (visit: HttpVisit, options: SignInOptions, account: Account) => Promise<void>): Handler {
  return async (visit, options) => {
    const known = await sessionOf(visit, options)
    if (!known) return
    const given = await readFields(visit.request)
    if ('status' in given) return sendProblem(visit.response, given)
    const { login } = known
    if (!options.access.secondFactor.isOn(login.account)) return sendProblem(visit.response, isOff)
    const result = await takesCode(given.get('code') ?? '', login, visit, options)
    if (result.kind === 'refused') return sendProblem(visit.response, { ...wrongCode, status: 403 })
    if (result.kind !== 'ok') return refuseSignIn(visit.response, result)
    await act(visit, options, login.account)
  }
}

const isOn = plainProblem(409, 'Conflict', 'The second factor is on already')
const isOff = plainProblem(409, 'Conflict', 'The second factor is off')
