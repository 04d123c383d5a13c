/** RFC 8621 §7.5: letters are sent by creating submissions, stopped by canceling them, and moved or destroyed when that went well. */
import {
  accountOf,
  type Method,
  type MethodContext,
  MethodFault,
  type MethodResponse,
  resolvedId,
} from '../../method.ts'
import { printKindState } from '../../objects.ts'
import { wantedModSeq } from '../../state.ts'
import { createSubmission } from '../../submission/create.ts'
import { cancelNow, noticeQueue } from '../../submission/status.ts'
import { keptIn, type KeptSubmission, shownSubmission, submissionKind } from '../../submission/submissions.ts'
import { anyObject, checkArguments, idOrCreated, list, optional, record } from '../../syntax/arguments.ts'
import { type JsonObject, type SetError, type SetResponse, submissionCapability } from '../../wire.ts'
import type { EmailSubmission } from '../../wire-sending.ts'
import { emailSet } from '../email/set.ts'
import type { Account } from '#mail/account.ts'
import { checkCount, invalid, noOutcome, type SetOutcome, setShape, toldOutcome } from '../../set.ts'

const shape = {
  ...setShape,
  onSuccessUpdateEmail: optional(record(anyObject, idOrCreated)),
  onSuccessDestroyEmail: optional(list(idOrCreated)),
}

type Done = SetOutcome<EmailSubmission> & {
  /** Email id by submission id, of all that succeeded */
  readonly emails: Map<string, string>
}

export const emailSubmissionSet: Method = {
  capability: submissionCapability,
  async run(given, context): Promise<readonly MethodResponse[]> {
    const asked = checkArguments(given, shape)
    checkCount(asked)
    const account = await accountOf(asked.accountId, context)
    await noticeQueue(account, context.sending)
    const { now, changedAt, oldState } = await account.read(reader => ({
      now: reader.state,
      changedAt: reader.kindState(submissionKind).modSeq,
      oldState: printKindState(reader, submissionKind),
    }))
    if ((wantedModSeq(asked.ifInState, now) ?? Infinity) < changedAt) throw new MethodFault('stateMismatch')
    const done: Done = { ...noOutcome<EmailSubmission>(), emails: new Map() }
    for (const [creation, wanted] of asked.create ?? []) await create(creation, wanted, { account, context, done })
    const destroyed = new Set(asked.destroy)
    for (const [named, patch] of asked.update ?? [])
      if (destroyed.has(named)) done.notUpdated[named] = { type: 'willDestroy' }
      else await update(named, patch, { account, context, done })
    for (const named of destroyed) await destroy(named, { account, context, done })
    const { accountId } = asked
    const response: SetResponse<EmailSubmission> = {
      accountId,
      oldState,
      newState: await stateOf(account),
      ...toldOutcome(done),
    }
    return [{ name: 'EmailSubmission/set', arguments: response }, ...(await implicitSet(asked, done, context))]
  },
}

async function stateOf(account: Account): Promise<string> {
  return await account.read(reader => printKindState(reader, submissionKind))
}

type Work = { readonly account: Account; readonly context: MethodContext; readonly done: Done }

async function create(creation: string, wanted: JsonObject, { account, context, done }: Work): Promise<void> {
  const made = await createSubmission(wanted, account, context)
  if ('error' in made) {
    done.notCreated[creation] = made.error
    return
  }
  const { id: madeId, kept } = made
  context.created.set(creation, madeId)
  done.emails.set(madeId, kept.emailId)
  const { identityId: _identity, emailId: _email, ...serverSet } = shownSubmission(madeId, kept, [])
  done.created[creation] = serverSet
}

async function update(named: string, patch: JsonObject, { account, context, done }: Work): Promise<void> {
  const found = await find(named, account, context)
  const error = found ? await updateOne(found, patch, account, context) : ({ type: 'notFound' } as const)
  if (error) done.notUpdated[named] = error
  else if (found) {
    done.updated[named] = null
    done.emails.set(found.id, found.kept.emailId)
  }
}

type Found = { readonly id: string; readonly kept: KeptSubmission }

async function find(named: string, account: Account, context: MethodContext): Promise<Found | undefined> {
  const wanted = resolvedId(named, context)
  const row = await account.read(reader => reader.objects(submissionKind).find(one => one.id === wanted))
  return row && { id: row.id, kept: keptIn(row) }
}

/** Only undoStatus can be set, and only to `canceled`. */
async function updateOne(
  { id: one }: Found,
  patch: JsonObject,
  account: Account,
  { sending }: MethodContext,
): Promise<SetError | undefined> {
  const { undoStatus, ...others } = patch
  const [other] = Object.keys(others)
  if (other !== undefined) return invalid(other.slice(0, 100), 'It stays as it is')
  if (undoStatus === undefined) return undefined
  if (undoStatus !== 'canceled') return invalid('undoStatus', 'It can be set to canceled alone')
  return (await cancelNow(one, account, sending)) ? undefined : { type: 'cannotUnsend' }
}

/** The record alone: what it stands for goes on. */
async function destroy(named: string, { account, context, done }: Work): Promise<void> {
  const found = await find(named, account, context)
  if (!found) {
    done.notDestroyed[named] = { type: 'notFound' }
    return
  }
  await account.setObjects(submissionKind, [{ id: found.id, value: undefined }], { dropOldest: true })
  done.destroyed.push(named)
  done.emails.set(found.id, found.kept.emailId)
}

type Asked = {
  readonly accountId: string
  readonly onSuccessUpdateEmail: ReadonlyMap<string, JsonObject> | undefined
  readonly onSuccessDestroyEmail: readonly string[] | undefined
}

/** One for all; none when nothing is left to be done. */
async function implicitSet(asked: Asked, { emails }: Done, context: MethodContext): Promise<readonly MethodResponse[]> {
  const emailOf = (named: string) => emails.get(resolvedId(named, context) ?? '')
  const update = Object.fromEntries(
    [...(asked.onSuccessUpdateEmail ?? [])].flatMap(([named, patch]) => {
      const email = emailOf(named)
      return email === undefined ? [] : [[email, patch]]
    }),
  )
  const destroy = [...new Set((asked.onSuccessDestroyEmail ?? []).flatMap(named => emailOf(named) ?? []))]
  if (Object.keys(update).length === 0 && destroy.length === 0) return []
  try {
    const result = await emailSet.run({ accountId: asked.accountId, update, destroy }, context)
    return [{ name: 'Email/set', arguments: result }]
  } catch (error) {
    // the letters are on their way: that is not to be lost behind an error of what comes after
    if (!(error instanceof MethodFault)) context.log.error('An implicit Email/set failed', { error: String(error) })
    const reply = error instanceof MethodFault ? error.reply : { type: 'serverFail' as const }
    return [{ name: 'error', arguments: reply }]
  }
}
