/** RFC 9661 §2.4: all of it is one change of the account's scripts, its ifInState compared there. */
import type { Account } from '#mail/account.ts'
import { behindOf, scriptsRunning } from '#mail/own-scripts.ts'
import type { ScriptStep, StepResult } from '#mail/scripts.ts'
import { accountOf, type Method, type MethodContext, MethodFault, resolvedId } from '../../method.ts'
import { errorOf } from '../../sieve/content.ts'
import { planCreate, planDestroy, type Planned, type Planning, planUpdate } from '../../sieve/plan.ts'
import { printScriptId, readScriptId, sieveScriptOf } from '../../sieve/scripts.ts'
import { inTurn } from '../../sieve/turns.ts'
import { checkArguments, flag, optional, text } from '../../syntax/arguments.ts'
import { vacationOf } from '../../vacation/vacations.ts'
import { type SetError, type SetResponse, sieveCapability } from '../../wire.ts'
import type { SieveScript } from '../../wire-sending.ts'
import { checkCount, hasErrors, noOutcome, type SetErrors, type SetOutcome, setShape, toldOutcome } from '../../set.ts'

const shape = {
  ...setShape,
  onSuccessActivateScript: optional(text),
  onSuccessDeactivateScript: optional(flag),
}

type Asked = ReturnType<typeof checkArguments<typeof shape>>
type ErrorList = keyof SetErrors
type Todo = { readonly step: ScriptStep; readonly errors: ErrorList; readonly named: string }
type Answer = SetOutcome<SieveScript>

export const sieveScriptSet: Method = {
  capability: sieveCapability,
  async run(given, context): Promise<SetResponse<SieveScript>> {
    const asked = checkArguments(given, shape)
    checkCount(asked)
    const account = await accountOf(asked.accountId, context)
    // the vacation response is made of the same scripts, in steps
    return await inTurn(account.id, () => set(asked, account, context))
  },
}

async function set(asked: Asked, account: Account, context: MethodContext): Promise<SetResponse<SieveScript>> {
  const { scripts } = context.sending
  const vacation = await vacationOf(scripts, account.id)
  const { scripts: present } = await scripts.all(account.id)
  const included = scriptsRunning(present).flatMap(({ kind, script }) => (kind === 'script' ? [] : behindOf(script)))
  const planning: Planning = {
    account: account.id,
    context,
    scripts: present,
    vacation: vacation.own?.name,
    included: new Set(included.filter(name => name !== null)),
  }
  const answer: Answer = noOutcome()
  const todo = await planned(asked, planning, answer)
  const done = await scripts.set(account.id, {
    steps: todo.map(({ step }) => step),
    activate: activation(asked, todo, answer, context),
    ifState: asked.ifInState,
  })
  if ('refused' in done) throw new MethodFault('stateMismatch')
  const { scripts: after } = await scripts.all(account.id)
  const shown = new Map(after.map(script => [script.id, sieveScriptOf(script)]))
  for (const [index, { step, errors: list, named }] of todo.entries()) {
    const result = done.results[index] ?? { refused: 'no-such-script' }
    if ('refused' in result) answer[list][named] = refusalOf(result)
    else tell(answer, { step, named, id: result.id, script: shown.get(result.id) }, context)
  }
  tellActive(answer, { activated: done.activated, deactivated: done.deactivated })
  return {
    accountId: asked.accountId,
    oldState: done.oldState,
    newState: done.newState,
    ...toldOutcome(answer),
  }
}

/** Names that are given up are free for those that come; updates before creations. */
async function planned(asked: Asked, planning: Planning, errors: SetErrors): Promise<readonly Todo[]> {
  const todo: Todo[] = []
  const plan = (step: Planned, list: ErrorList, named: string) => {
    if ('error' in step) errors[list][named] = step.error
    else todo.push({ step, errors: list, named })
  }
  const destroyed = new Set(asked.destroy)
  for (const named of destroyed) plan(planDestroy(named, planning), 'notDestroyed', named)
  for (const [named, patch] of asked.update ?? []) {
    if (destroyed.has(named)) errors.notUpdated[named] = { type: 'willDestroy' }
    else plan(await planUpdate(named, patch, planning), 'notUpdated', named)
  }
  let number = 0
  for (const [creation, wanted] of asked.create ?? [])
    plan(await planCreate(wanted, planning, number++), 'notCreated', creation)
  return todo
}

/** Only when all went well, and what has been refused already did not. A script that is named and not there is ignored. */
function activation(
  { onSuccessActivateScript: named, onSuccessDeactivateScript: none }: Asked,
  todo: readonly Todo[],
  errors: SetErrors,
  context: MethodContext,
): { readonly id: number } | { readonly step: number } | 'none' | undefined {
  if (hasErrors(errors)) return undefined
  const step = todo.findIndex(one => one.errors === 'notCreated' && `#${one.named}` === named)
  if (step >= 0) return { step }
  const number = named === undefined ? undefined : readScriptId(resolvedId(named, context) ?? '')
  if (number !== undefined) return { id: number }
  return none === true ? 'none' : undefined
}

function tell(
  { created, updated, destroyed }: Answer,
  {
    step,
    named,
    id: number,
    script,
  }: {
    readonly step: ScriptStep
    readonly named: string
    readonly id: number
    readonly script: SieveScript | undefined
  },
  context: MethodContext,
): void {
  const scriptId = printScriptId(number)
  switch (step.kind) {
    case 'create':
      context.created.set(named, scriptId)
      created[named] = script ?? { id: scriptId }
      return
    case 'update':
      // what we call its content is not what the client called it
      updated[scriptId] = step.bytes && script ? { blobId: script.blobId } : null
      return
    case 'destroy':
      destroyed.push(scriptId)
      return
    default:
      return step satisfies never
  }
}

/** RFC 9661 §2.4: also of scripts that are not named otherwise. */
function tellActive(
  { created, updated }: Answer,
  { activated, deactivated }: { readonly activated: number | undefined; readonly deactivated: number | undefined },
): void {
  const changes = [
    [activated, true],
    [deactivated, false],
  ] as const
  for (const [number, isActive] of changes) {
    const scriptId = number === undefined ? undefined : printScriptId(number)
    const isNew = Object.values(created).some(one => one.id === scriptId)
    if (scriptId !== undefined && !isNew) updated[scriptId] = { ...updated[scriptId], isActive }
  }
}

function refusalOf(result: Exclude<StepResult, { readonly id: number }>): SetError {
  if (result.refused === 'exists' && result.existing !== undefined)
    return { type: 'alreadyExists', existingId: printScriptId(result.existing) }
  return errorOf(result as Parameters<typeof errorOf>[0], 'en')
}
