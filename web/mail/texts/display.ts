/** The words of the display's settings, which come with them. */
import { displayEn } from './display-en.ts'
import { displayJa } from './display-ja.ts'
import { language } from './texts.ts'

export function displayTexts(): typeof displayEn {
  return language.value === 'ja' ? displayJa : displayEn
}
