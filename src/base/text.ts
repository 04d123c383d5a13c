export type Language = 'en' | 'ja'

/** A sentence that a person reads, in both languages. Codes and quoted protocol lines stay verbatim in each. */
export type Text = { readonly en: string; readonly ja: string }

export function say(text: Text, language: Language): string {
  return text[language]
}

/** The language of a terminal, by POSIX precedence: LC_ALL, LC_MESSAGES, LANG. */
export function languageOf(env: Readonly<Record<string, string | undefined>>): Language {
  const locale = env['LC_ALL'] || env['LC_MESSAGES'] || env['LANG'] || ''
  return locale.toLowerCase().startsWith('ja') ? 'ja' : 'en'
}
