/** App passwords and tokens of who is signed in: listed, made (and shown that once), revoked. */
import type { Access } from '#mail/access/access.ts'
import type { NamedSecret, SecretRefusal } from '#mail/access/named-secrets.ts'
import { tokenScopes } from '#mail/access/tokens.ts'
import type { AccountId } from '#mail/ids.ts'
import { sendJson, sendProblem } from '../jmap/answer.ts'
import { plainProblem } from '../jmap/syntax/problem.ts'
import type { Handler, PathTable } from './own-paths.ts'
import { sendNothing, sessionOf } from './signed-in.ts'
import type { HttpVisit } from './site.ts'
import { readFields } from './small-body.ts'

export const secretPaths: PathTable = {
  '/app-passwords': {
    GET: listing('appPasswords', ({ appPasswords }, account) => appPasswords.list(account).map(told)),
    async POST(visit, options) {
      const known = await sessionOf(visit, options)
      if (!known) return
      const given = await readFields(visit.request)
      if ('status' in given) return sendProblem(visit.response, given)
      const added = await options.access.appPasswords.add(known.login.account, given.get('name') ?? '')
      if ('refused' in added) return refuseSecret(visit, added)
      await sendJson(visit.response, { ...told(added), password: added.password }, 201)
    },
  },
  '/app-passwords/*': {
    DELETE: removing(({ appPasswords }) => appPasswords),
  },
  '/tokens': {
    GET: listing('tokens', ({ tokens }, account) =>
      tokens.list(account).map(one => ({ ...told(one), scope: one.scope })),
    ),
    async POST(visit, options) {
      const known = await sessionOf(visit, options)
      if (!known) return
      const given = await readFields(visit.request)
      if ('status' in given) return sendProblem(visit.response, given)
      const asked = given.get('scope') ?? 'all'
      const scope = tokenScopes.find(one => one === asked)
      if (!scope) return sendProblem(visit.response, plainProblem(400, 'Bad Request', 'The scope is all or read'))
      const added = await options.access.tokens.add(known.login.account, given.get('name') ?? '', scope)
      if ('refused' in added) return refuseSecret(visit, added)
      await sendJson(visit.response, { ...told(added), scope, token: added.token }, 201)
    },
  },
  '/tokens/*': {
    DELETE: removing(({ tokens }) => tokens),
  },
}

export function told({ id, name, createdAt, lastUsedAt }: NamedSecret): object {
  const date = (at: number) => new Date(at).toISOString()
  return { id, name, created: date(createdAt), lastUsed: lastUsedAt === undefined ? null : date(lastUsedAt) }
}

/** `called`: under which name the answer has them */
export function listing(called: string, list: (access: Access, account: AccountId) => readonly object[]): Handler {
  return async (visit, options) => {
    const known = await sessionOf(visit, options)
    if (known) await sendJson(visit.response, { [called]: list(options.access, known.login.account) })
  }
}

/** The path's last part is the id. */
export function removing(
  among: (access: Access) => { remove(account: AccountId, id: string): Promise<boolean> },
): Handler {
  return async (visit, options, id) => {
    const known = await sessionOf(visit, options)
    if (!known) return
    if (await among(options.access).remove(known.login.account, id)) return sendNothing(visit)
    await sendProblem(visit.response, plainProblem(404, 'Not Found', 'There is nothing of this id'))
  }
}

export function refuseSecret(visit: HttpVisit, { refused }: SecretRefusal): Promise<void> {
  switch (refused) {
    case 'bad-name':
      return sendProblem(visit.response, plainProblem(400, 'Bad Request', 'Give it a name of 1 to 100 characters'))
    case 'too-many':
      return sendProblem(visit.response, plainProblem(409, 'Conflict', 'There are too many: revoke one first'))
    case 'no-such-user':
      return sendProblem(visit.response, plainProblem(404, 'Not Found', 'This user is not here any more'))
    default:
      return refused satisfies never
  }
}
