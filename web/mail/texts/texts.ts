/** The page's language and its words. Reading them in a component redraws it when the language changes. */
import { computed, type ReadonlySignal } from '@preact/signals'
import { languageChoice } from '../model/settings.ts'
import { en, type Texts } from './en.ts'
import { ja } from './ja.ts'

export type Language = 'ja' | 'en'

export const language: ReadonlySignal<Language> = computed(() =>
  languageChoice.value === 'auto' ? languageOf(navigator.languages) : languageChoice.value,
)

const catalogues: Readonly<Record<Language, Texts>> = { en, ja }

export function t(): Texts {
  return catalogues[language.value]
}

/** The first of ours that somebody's browser names; English for all others. */
export function languageOf(names: readonly string[]): Language {
  for (const name of names) {
    if (/^ja\b/i.test(name)) return 'ja'
    if (/^en\b/i.test(name)) return 'en'
  }
  return 'en'
}
