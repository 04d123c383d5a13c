/** The words of filters: a part of its own, as few people come here often. */
import { filtersEn } from './filters-en.ts'
import { filtersJa } from './filters-ja.ts'
import { language } from './texts.ts'

export function filterTexts(): typeof filtersJa {
  return language.value === 'ja' ? filtersJa : filtersEn
}
