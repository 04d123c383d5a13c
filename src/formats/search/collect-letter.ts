/** Puts one letter's grams into the collector, zone by zone. */
import { type FieldTexts, keptFields } from './field-texts.ts'
import type { GramCollector } from './gram-collector.ts'
import { zones } from './grams.ts'
import { maxLetterFinds } from './limits.ts'
import { headerText, type Letter, searchedBody, searchedFieldsOf } from './letter-texts.ts'
import { fieldZones } from './term.ts'

export type Collected = {
  /** To be kept beside the grams; undefined for a letter that is too much to be indexed and has left nothing */
  readonly fields: FieldTexts | undefined
  readonly hasDocuments: boolean
}

export function collectLetter(collector: GramCollector, letter: Letter): Collected {
  const body = searchedBody(letter)
  const fields = searchedFieldsOf(letter, body)
  collector.add(zones.header, [headerText(fields)])
  for (const [key, zone] of Object.entries(fieldZones)) {
    const texts = fields.filter(field => field.key === key).map(field => field.text)
    if (texts.length > 0) collector.add(zone, texts)
  }
  collector.add(zones.body, body.texts())
  const names = body.names()
  if (names !== '') collector.add(zones.names, [names])
  if (collector.letterFinds > maxLetterFinds) {
    collector.abandonLetter()
    return { fields: undefined, hasDocuments: body.hasDocuments() }
  }
  collector.endLetter()
  return { fields: keptFields(fields), hasDocuments: body.hasDocuments() }
}
