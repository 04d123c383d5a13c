/** What commander says of a wrong command line, in Japanese. Names and values stay as they were typed. */
import type { Language } from '#base/text.ts'

const mistakes: readonly (readonly [pattern: RegExp, ja: string])[] = [
  [/^error: unknown command '(.*)'$/, "エラー: コマンド '$1' はありません"],
  [/^error: unknown option '(.*)'$/, "エラー: オプション '$1' はありません"],
  [/^error: missing required argument '(.*)'$/, "エラー: 引数 '$1' がありません"],
  [/^error: option '(.*)' argument missing$/, "エラー: オプション '$1' に値がありません"],
  [/^error: required option '(.*)' not specified$/, "エラー: オプション '$1' が必要です"],
  [
    /^error: too many arguments(?: for '(.*)')?\. Expected (\d+) arguments? but got (\d+)(?:: .*)?\.$/,
    'エラー: 引数が多すぎます($2 個のところ $3 個)',
  ],
  [/^\(Did you mean one of (.*)\?\)$/, '(次のどれかでしょうか: $1)'],
  [/^\(Did you mean (.*)\?\)$/, '($1 でしょうか)'],
]

/** English stays as it is; a sentence that is not known here does, too. */
export function mistakeText(text: string, language: Language): string {
  if (language === 'en') return text
  return text
    .split('\n')
    .map(line => {
      const known = mistakes.find(([pattern]) => pattern.test(line))
      return known ? line.replace(known[0], known[1]) : line
    })
    .join('\n')
}
