/** One text that is looked for, and where: what a SEARCH key comes down to. RFC 9051 §6.4.4 */
import type { FactTerm } from './facts.ts'
import { type NeedlePlan, planNeedle, type Zone, wholeGrams, zones } from './grams.ts'
import { maxNeedleGrams } from './limits.ts'
import { isWord } from './words.ts'
import {
  fieldStart,
  headerText,
  type Letter,
  type SearchedBody,
  type SearchedField,
  searchedBody,
  searchedFields,
} from './letter-texts.ts'

/** `text` is folded. */
export type TextTerm =
  /** In a field of that name (lower case); the empty text asks only whether there is one */
  | { readonly in: 'header'; readonly field: string; readonly text: string }
  /** In the texts of the body */
  | { readonly in: 'body'; readonly text: string }
  /** In the name of an attached file */
  | { readonly in: 'name'; readonly text: string }
  /** In the header or the body */
  | { readonly in: 'text'; readonly text: string }

export type SearchTerm = TextTerm | FactTerm

export function isFact(term: SearchTerm): term is FactTerm {
  return term.in === 'size' || term.in === 'arrived' || term.in === 'sent'
}

/** Fields that have a zone of their own */
export const fieldZones: Readonly<Record<string, Zone>> = {
  subject: zones.subject,
  from: zones.from,
  to: zones.to,
  cc: zones.cc,
  bcc: zones.bcc,
}

/** How the index answers: the letters of one plan or the other. */
export function planTerm(term: TextTerm): readonly NeedlePlan[] {
  switch (term.in) {
    case 'name':
      // the empty text asks whether there is one: each has a letter of some kind, which the grams cannot tell
      return [term.text === '' ? { kind: 'unknown' } : planNeedle(zones.names, term.text)]
    case 'body':
      return planWhole(zones.body, term.text)
    case 'text':
      return [...planWhole(zones.header, term.text), ...planWhole(zones.body, term.text)]
    case 'header': {
      const zone = Object.hasOwn(fieldZones, term.field) ? fieldZones[term.field] : undefined
      if (zone !== undefined && term.text !== '') return [planNeedle(zone, term.text)]
      return [planField(term.field, term.text)]
    }
  }
}

/** What a needle that is one word leaves open, the lists of whole words mostly decide. */
function planWhole(zone: typeof zones.header | typeof zones.body, text: string): readonly NeedlePlan[] {
  const plan = planNeedle(zone, text)
  if (plan.kind !== 'grams' || plan.exact || !isWord(text)) return [plan]
  return [{ kind: 'word', zone: zone === zones.header ? zones.headerWords : zones.bodyWords, word: text }, plan]
}

/** A field without a zone: the start of its line, and the text somewhere in the header. */
function planField(field: string, text: string): NeedlePlan {
  const keys = [...wholeGrams(zones.header, fieldStart(field)), ...wholeGrams(zones.header, text)]
  return { kind: 'grams', keys: [...new Set(keys)].slice(0, 2 * maxNeedleGrams), exact: false }
}

/** For each term, whether the letter has it: what the index says has to equal this. */
export function matchTerms(terms: readonly TextTerm[], letter: Letter): boolean[] {
  const fields = fieldsFor(terms, letter)
  const body = terms.some(term => term.in !== 'header') ? searchedBody(letter) : undefined
  const found = terms.map(term => {
    if (term.in === 'name') return body !== undefined && body.names() !== '' && body.names().includes(term.text)
    if (term.in !== 'header') return term.text === ''
    return fields.some(field => field.key === term.field && field.text.includes(term.text))
  })
  const open = terms.flatMap((term, index) => (isOfBody(term) && !found[index] ? [index] : []))
  if (!body || open.length === 0) return found
  matchBody(terms, body, open, found)
  if (open.some(index => terms[index]?.in === 'text' && !found[index])) matchHeader(terms, letter, found)
  return found
}

/** Looked for in the body, documents attached to it included */
export function isOfBody(term: SearchTerm): boolean {
  return term.in === 'body' || term.in === 'text'
}

function fieldsFor(terms: readonly TextTerm[], letter: Letter): readonly SearchedField[] {
  const names = new Set(terms.flatMap(term => (term.in === 'header' ? [term.field] : [])))
  return names.size > 0 ? searchedFields(letter, names) : []
}

function matchHeader(terms: readonly TextTerm[], letter: Letter, found: boolean[]): void {
  const header = headerText(searchedFields(letter))
  for (const [index, term] of terms.entries()) if (term.in === 'text' && header.includes(term.text)) found[index] = true
}

function matchBody(terms: readonly TextTerm[], body: SearchedBody, open: readonly number[], found: boolean[]): void {
  for (const text of body.texts()) {
    for (const index of open) if (!found[index] && text.includes(terms[index]?.text ?? '')) found[index] = true
    if (open.every(index => found[index])) return
  }
}
