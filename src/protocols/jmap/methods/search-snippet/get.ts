/** RFC 8621 §5.1 */
import type { Filter } from '#base/filter.ts'
import { setImmediate as nextTick } from 'node:timers/promises'
import type { TextTerm } from '#formats/search/term.ts'
import type { Account } from '#mail/account.ts'
import { readEmailId } from '#mail/object-ids.ts'
import { printLetterBlobId } from '../../blob/id.ts'
import { checkExtensions, emailCondition, type EmailCondition } from '../../email/condition.ts'
import { shownPlacements } from '../../email/shown.ts'
import { filterOf } from '../../filter.ts'
import { maxObjectsInGet, maxSearchTerms } from '../../limits.ts'
import { accountOf, type Method, type MethodContext, MethodFault, resolvedId } from '../../method.ts'
import { checkArguments, id, idOrCreated, list, optional } from '../../syntax/arguments.ts'
import { mailCapability, type SearchSnippet } from '../../wire.ts'

const shape = { accountId: id, filter: optional(filterOf(emailCondition)), emailIds: list(idOrCreated) }

export const searchSnippetGet: Method = {
  capability: mailCapability,
  async run(given, context) {
    const asked = checkArguments(given, shape)
    const account = await accountOf(asked.accountId, context)
    if (asked.emailIds.length > maxObjectsInGet)
      throw new MethodFault('requestTooLarge', `At most ${maxObjectsInGet} emails at a time`)
    checkExtensions(asked.filter, context.using)
    const terms = asked.filter ? wantedTerms(asked.filter) : []
    if (terms.length > maxSearchTerms)
      throw new MethodFault('unsupportedFilter', `More than ${maxSearchTerms} words are looked for`)
    const found: SearchSnippet[] = []
    const notFound: string[] = []
    for (const named of new Set(asked.emailIds)) {
      context.signal.throwIfAborted()
      await nextTick()
      const emailId = resolvedId(named, context) ?? named
      const snippet = await snippetOf(account, emailId, terms, context)
      if (snippet) found.push(snippet)
      else notFound.push(emailId)
    }
    return { accountId: asked.accountId, list: found, notFound: notFound.length > 0 ? notFound : null }
  },
}

/** What must not be there is not shown. */
function wantedTerms(filter: Filter<EmailCondition>): readonly TextTerm[] {
  if (filter.operator === undefined) return filter.condition.terms
  return filter.operator === 'NOT' ? [] : filter.filters.flatMap(wantedTerms)
}

async function snippetOf(
  account: Account,
  emailId: string,
  terms: readonly TextTerm[],
  { letters, log }: MethodContext,
): Promise<SearchSnippet | undefined> {
  const email = readEmailId(emailId)
  if (email === undefined) return undefined
  if ((await account.read(reader => shownPlacements(reader, email))).length === 0) return undefined
  if (terms.length === 0) return { emailId, subject: null, preview: null }
  const message = await account.message(email)
  if (!message) return undefined
  const { place, sizeBytes } = message
  const work = { kind: 'snippet', letter: { place, sizeBytes }, terms } as const
  const read = await letters.read(work, `${account.id} ${printLetterBlobId(email)}`, log)
  return { emailId, ...(read?.output ?? { subject: null, preview: null }) }
}
