/** What all /copy methods have in common: one account, so they are refused in the words that RFC 8620 §5.4 has for it. */
import { readAccountId } from '#mail/object-ids.ts'
import { type Method, MethodFault } from './method.ts'
import {
  anyObject,
  ArgumentFault,
  checkArguments,
  fallback,
  flag,
  id,
  optional,
  record,
  text,
} from './syntax/arguments.ts'

const shape = {
  fromAccountId: id,
  ifFromInState: optional(text),
  accountId: id,
  ifInState: optional(text),
  create: record(anyObject, id),
  onSuccessDestroyOriginal: fallback(flag, false),
  destroyFromIfInState: optional(text),
}

export function refusedCopy(capability: string): Method {
  return {
    capability,
    async run(given, context): Promise<never> {
      const { accountId, fromAccountId } = checkArguments(given, shape)
      if (accountId === fromAccountId) throw new ArgumentFault('fromAccountId should be another account')
      if (readAccountId(fromAccountId) !== context.login.account) throw new MethodFault('fromAccountNotFound')
      throw new MethodFault('accountNotFound')
    },
  }
}
