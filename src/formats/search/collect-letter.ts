/** Puts one letter's grams into the collector, zone by zone. Returns the fields to keep beside them. */
import { type FieldTexts, keptFields } from './field-texts.ts'
import type { GramCollector } from './gram-collector.ts'
import { zones } from './grams.ts'
import { bodyTexts, headerText, type Letter, searchedFields } from './letter-texts.ts'
import { fieldZones } from './term.ts'

export function collectLetter(collector: GramCollector, letter: Letter): FieldTexts {
  const fields = searchedFields(letter)
  collector.add(zones.header, [headerText(fields)])
  for (const [key, zone] of Object.entries(fieldZones)) {
    const texts = fields.filter(field => field.key === key).map(field => field.text)
    if (texts.length > 0) collector.add(zone, texts)
  }
  collector.add(zones.body, bodyTexts(letter))
  collector.endLetter()
  return keptFields(fields)
}
