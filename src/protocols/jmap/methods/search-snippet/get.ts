/** RFC 8621 §5.1 */
import { setImmediate as nextTick } from 'node:timers/promises'
import type { ByteReader } from '#formats/message/byte-reader.ts'
import { parseHeader } from '#formats/message/header.ts'
import { maxHeaderBytes } from '#formats/message/limits.ts'
import { readableText } from '#formats/message/text-of.ts'
import type { TextTerm } from '#formats/search/term.ts'
import type { Account } from '#mail/account.ts'
import { readEmailId } from '#mail/object-ids.ts'
import { withReader } from '#mail/message-reader.ts'
import { checkExtensions, emailCondition, type EmailCondition } from '../../email/condition.ts'
import { namedHeaders } from '../../email/header-property.ts'
import { headerValue } from '../../email/header-value.ts'
import { leavesOf, letterBodies } from '../../email/letter-parts.ts'
import { shownPlacements } from '../../email/shown.ts'
import { markedPreview, markedText } from '../../email/snippet.ts'
import { type Filter, filterOf } from '../../filter.ts'
import { maxObjectsInGet, maxSearchTerms, maxSnippetBytes, maxSnippetParts } from '../../limits.ts'
import { accountOf, type Method, MethodFault, resolvedId } from '../../method.ts'
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
      const snippet = await snippetOf(account, emailId, terms)
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
): Promise<SearchSnippet | undefined> {
  const email = readEmailId(emailId)
  if (email === undefined) return undefined
  if ((await account.read(reader => shownPlacements(reader, email))).length === 0) return undefined
  if (terms.length === 0) return { emailId, subject: null, preview: null }
  const message = await account.message(email)
  return message && (await withReader(message, reader => ({ emailId, ...snippets(reader, terms) })))
}

function snippets(reader: ByteReader, terms: readonly TextTerm[]): Omit<SearchSnippet, 'emailId'> {
  const bodies = letterBodies(reader)
  const ofSubject = terms.filter(term => term.in === 'text' || (term.in === 'header' && term.field === 'subject'))
  const ofBody = terms.filter(term => term.in === 'body' || term.in === 'text').map(({ text }) => text)
  const bytes = bodies.root.header.bytes.subarray(0, maxHeaderBytes)
  const how = namedHeaders['subject']
  const subject = how && headerValue({ bytes, fields: parseHeader(bytes, undefined, ['subject']) }, how)
  const needles = ofSubject.map(({ text }) => text)
  return {
    subject: (typeof subject === 'string' ? markedText(subject, needles) : undefined) ?? null,
    preview: ofBody.length > 0 ? (previewIn(reader, bodies.root, ofBody) ?? null) : null,
  }
}

function previewIn(
  reader: ByteReader,
  root: Parameters<typeof leavesOf>[0],
  needles: readonly string[],
): string | undefined {
  const texts = leavesOf(root).filter(({ type }) => type === 'text/plain' || type === 'text/html')
  for (const { part } of texts.slice(0, maxSnippetParts)) {
    const preview = markedPreview(readableText(reader, part, maxSnippetBytes), needles)
    if (preview !== undefined) return preview
  }
  return undefined
}
