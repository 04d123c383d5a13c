/** RFC 8620 §7.2.2. Each is made, changed or destroyed for itself. */
import type { NewPushSubscription, PushRefusal } from '#mail/access/push-subscriptions.ts'
import { type Method, type MethodContext, resolvedId } from '../../method.ts'
import { printState } from '../../state.ts'
import { checkArguments, list, nullable, object, optional, text, utc } from '../../syntax/arguments.ts'
import { coreCapability, type JsonObject, type SetError } from '../../wire.ts'
import { readKeys } from '../../web-push/encrypt.ts'
import { changesShape, checkCount, invalid, noMembers, orNull, propertiesIn } from '../../set.ts'

const maxUrlCharacters = 2_000
const maxNameCharacters = 255

const types = nullable(list(text))
const made = {
  deviceClientId: text,
  url: text,
  keys: optional(nullable(object({ p256dh: text, auth: text }))),
  verificationCode: optional(nullable(text)),
  expires: optional(nullable(utc)),
  types: optional(types),
}
const changed = { expires: optional(nullable(utc)), types: optional(types), verificationCode: optional(text) }

type Errors = Record<string, SetError>

export const pushSubscriptionSet: Method = {
  capability: coreCapability,
  async run(given, context): Promise<object> {
    const asked = checkArguments(given, changesShape)
    checkCount(asked)
    const [created, notCreated] = await each(asked.create, async (wanted, named) => {
      const answer = await create(wanted, context)
      if ('id' in answer) context.created.set(named, answer.id)
      return answer
    })
    const [updated, notUpdated] = await each(asked.update, (patch, named) => update(named, patch, context))
    const [destroyed, notDestroyed] = await each(new Map((asked.destroy ?? []).map(one => [one, one])), named =>
      destroy(named, context),
    )
    const gone = destroyed && Object.keys(destroyed)
    return { created, updated, destroyed: gone, notCreated, notUpdated, notDestroyed }
  },
}

async function each<Value, Answer>(
  all: ReadonlyMap<string, Value> | undefined,
  act: (value: Value, named: string) => Promise<Answer | SetError>,
): Promise<readonly [Record<string, Answer> | null, Errors | null]> {
  const done: Record<string, Answer> = noMembers()
  const failed: Errors = {}
  for (const [named, value] of all ?? []) {
    const answer = await act(value, named)
    if (isError(answer)) failed[named] = answer
    else done[named] = answer
  }
  return [orNull(done), orNull(failed)]
}

function isError(answer: unknown): answer is SetError {
  return typeof answer === 'object' && answer !== null && 'type' in answer
}

async function create(
  wanted: JsonObject,
  { login, pushSubscriptions }: MethodContext,
): Promise<{ readonly id: string; readonly keys: null; readonly expires: string } | SetError> {
  const read = propertiesIn(wanted, made)
  if ('type' in read) return read
  const { deviceClientId = '', url = '' } = read
  const fault = faultOf({ ...read, deviceClientId, url })
  if (fault) return fault
  const subscription: NewPushSubscription = {
    deviceClientId,
    url,
    keys: read.keys ?? null,
    types: read.types ?? null,
    expiresAt: read.expires ?? undefined,
  }
  const added = await pushSubscriptions.add(login.account, subscription, login.by)
  if ('refused' in added) return refusal(added)
  return { id: added.id, keys: null, expires: new Date(added.expiresAt).toISOString().replace(/\.\d+/, '') }
}

function faultOf({ deviceClientId, url, keys, verificationCode, types: named }: Given): SetError | undefined {
  if (deviceClientId === '' || deviceClientId.length > maxNameCharacters)
    return invalid('deviceClientId', `From 1 to ${maxNameCharacters} characters are needed`)
  if (url.length > maxUrlCharacters || !URL.canParse(url)) return invalid('url', 'It is no URL')
  const { protocol, username, password } = new URL(url)
  if (protocol !== 'https:' || username !== '' || password !== '') return invalid('url', 'Only https: is pushed to')
  if (keys && !readKeys(keys)) return invalid('keys', 'They are no P-256 point and secret of 16 octets, in base64url')
  if (verificationCode !== undefined && verificationCode !== null)
    return invalid('verificationCode', 'It comes by the first push')
  return typesFault(named)
}

type Made = Exclude<ReturnType<typeof propertiesIn<typeof made>>, SetError>
type Given = Made & { readonly deviceClientId: string; readonly url: string }

const maxTypes = 100

function typesFault(named: readonly string[] | null | undefined): SetError | undefined {
  if (!named) return undefined
  const wrong = named.length > maxTypes || named.some(name => name.length > maxNameCharacters)
  return wrong ? invalid('types', `At most ${maxTypes} names of types`) : undefined
}

async function update(named: string, patch: JsonObject, context: MethodContext): Promise<null | SetError> {
  const { login, pushSubscriptions } = context
  const read = propertiesIn(patch, changed)
  if ('type' in read) return read
  const fault = typesFault(read.types)
  if (fault) return fault
  const one = resolvedId(named, context)
  if (one === undefined) return { type: 'notFound' }
  const result = await pushSubscriptions.change(login.account, one, {
    ...(read.types !== undefined && { types: read.types }),
    ...(read.expires !== undefined && { expiresAt: read.expires ?? Infinity }),
    ...(read.verificationCode !== undefined && {
      verificationCode: read.verificationCode,
      told: await stateNow(context),
    }),
  })
  return 'refused' in result ? refusal(result) : null
}

/** What changes after a subscription was verified is told, however soon it does. */
async function stateNow({ accounts, login }: MethodContext): Promise<string> {
  const account = await accounts.account(login.account)
  return printState(await account.read(reader => reader.state))
}

async function destroy(named: string, context: MethodContext): Promise<true | SetError> {
  const one = resolvedId(named, context)
  const found = one !== undefined && (await context.pushSubscriptions.remove(context.login.account, one))
  return found || { type: 'notFound' }
}

function refusal({ refused }: PushRefusal): SetError {
  switch (refused) {
    case 'no-such-subscription':
      return { type: 'notFound' }
    case 'wrong-code':
      return invalid('verificationCode', 'It is not the one that was sent')
    case 'too-many':
      return { type: 'overQuota', description: 'There are too many' }
    case 'no-such-user':
      return { type: 'forbidden', description: 'This user may not come in any more' }
    default:
      return refused satisfies never
  }
}
