/** Passkeys of who is signed in, and what a browser needs to sign in by one. */
import { sendJson, sendProblem } from '../jmap/answer.ts'
import { plainProblem } from '../jmap/syntax/problem.ts'
import { isFromElsewhere } from './our-pages.ts'
import type { PathTable } from './own-paths.ts'
import { placeOf } from './place.ts'
import { refuseSignIn } from './refuse-sign-in.ts'
import { listing, refuseSecret, removing, told } from './secrets-site.ts'
import { foreign, sessionOf } from './signed-in.ts'
import { provesPassword } from './sign-in-proof.ts'
import { readFields, readObject } from './small-body.ts'

export const passkeyPaths: PathTable = {
  '/passkeys': {
    GET: listing('passkeys', ({ passkeys }, account) => passkeys.list(account).map(told)),
    async POST(visit, options) {
      const known = await sessionOf(visit, options)
      if (!known) return
      const given = await readObject(visit.request)
      if ('problem' in given) return sendProblem(visit.response, given.problem)
      const { name, response } = given.object
      const place = placeOf(visit)
      if (!place || typeof name !== 'string' || typeof response !== 'object' || response === null)
        return sendProblem(visit.response, plainProblem(400, 'Bad Request', 'Give a name and the response'))
      const added = await options.access.passkeys.add(known.login.account, name, response, place)
      if ('refused' in added) {
        if (added.refused !== 'not-proved') return refuseSecret(visit, { refused: added.refused })
        return sendProblem(visit.response, plainProblem(403, 'Forbidden', 'This passkey cannot be taken: try again'))
      }
      await sendJson(visit.response, told(added), 201)
    },
  },
  '/passkeys/*': {
    DELETE: removing(({ passkeys }) => passkeys),
  },
  // two parts, so that no passkey can be called so
  '/passkeys/new/options': {
    async POST(visit, options) {
      const known = await sessionOf(visit, options)
      if (!known) return
      const given = await readFields(visit.request)
      if ('status' in given) return sendProblem(visit.response, given)
      const { login } = known
      const proved = await provesPassword(given.get('password') ?? '', login, visit, options)
      if (proved.kind !== 'ok') return refuseSignIn(visit.response, proved)
      const place = placeOf(visit)
      if (!place) return sendProblem(visit.response, noHost)
      const name = (await options.directory.userOf(login.account))?.name ?? ''
      await sendJson(visit.response, await options.access.passkeys.creation({ ...login, name }, place))
    },
  },
  '/session/passkey/options': {
    async POST(visit, options) {
      if (isFromElsewhere(visit)) return sendProblem(visit.response, foreign)
      const place = placeOf(visit)
      if (!place) return sendProblem(visit.response, noHost)
      await sendJson(visit.response, await options.access.passkeys.request(place))
    },
  },
}

const noHost = plainProblem(400, 'Bad Request', 'The Host field is wrong')
