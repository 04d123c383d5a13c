/** RFC 8621 §4.7. Between two accounts, and a login has one: so far it can only be refused, in the words that the RFC has for it. */
import { readAccountId } from '#mail/object-ids.ts'
import { type Method, MethodFault } from '../../method.ts'
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
} from '../../syntax/arguments.ts'
import { mailCapability } from '../../wire.ts'

const shape = {
  fromAccountId: id,
  ifFromInState: optional(text),
  accountId: id,
  ifInState: optional(text),
  create: record(anyObject, id),
  onSuccessDestroyOriginal: fallback(flag, false),
  destroyFromIfInState: optional(text),
}

export const emailCopy: Method = {
  capability: mailCapability,
  async run(given, context): Promise<never> {
    const { accountId, fromAccountId } = checkArguments(given, shape)
    if (accountId === fromAccountId) throw new ArgumentFault('fromAccountId should be another account')
    if (readAccountId(fromAccountId) !== context.login.account) throw new MethodFault('fromAccountNotFound')
    throw new MethodFault('accountNotFound')
  },
}
