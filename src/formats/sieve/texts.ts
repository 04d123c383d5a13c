/** What is wrong with a script, in words. Names of the language stay as they are. */
import type { Text } from '#base/text.ts'

const shown = (text: string) => (text.length > 60 ? `${text.slice(0, 60)}…` : text)

export const texts = {
  // what is written
  openComment: { en: 'This comment has no end: */ is missing', ja: 'コメントが閉じられていません。*/ が必要です' },
  openString: { en: 'This string has no end: " is missing', ja: '文字列が閉じられていません。" が必要です' },
  openText: {
    en: 'This text has no end: a line with a single dot is missing',
    ja: '複数行の文字列が閉じられていません。ピリオドだけの行が必要です',
  },
  nul: { en: 'A string must not hold a NUL character', ja: '文字列に NUL 文字は使えません' },
  badNumber: {
    en: 'This is no number: digits, then K, M or G if you like',
    ja: '数値ではありません。数字のあとに K、M、G だけを付けられます',
  },
  largeNumber: { en: 'This number is too large', ja: '数値が大きすぎます' },
  tooLarge: (bytes: number, limit: number): Text => ({
    en: `The script has ${bytes} octets; ${limit} are allowed`,
    ja: `スクリプトは ${bytes} バイトあり、上限の ${limit} バイトを超えています`,
  }),
  tooDeep: (limit: number): Text => ({
    en: `Blocks and tests are nested more than ${limit} deep`,
    ja: `ブロックやテストの入れ子が ${limit} 段を超えています`,
  }),
  tooManyTokens: (limit: number): Text => ({
    en: `The script is too long: it has more than ${limit} words and marks`,
    ja: `スクリプトが長すぎます。語と記号が ${limit} 個を超えています`,
  }),
  tooManyStrings: (limit: number): Text => ({
    en: `The script has more than ${limit} strings`,
    ja: `文字列が ${limit} 個を超えています`,
  }),
  strayCharacter: (character: string): Text => ({
    en: `${JSON.stringify(character)} cannot stand here`,
    ja: `ここに ${JSON.stringify(character)} は書けません`,
  }),
  expected: (what: string, found: Text): Text => ({
    en: `Expected ${what}, found ${shown(found.en)}`,
    ja: `${what} が必要ですが、${shown(found.ja)} があります`,
  }),
  expectedCommand: (found: Text): Text => ({
    en: `Expected a command, found ${shown(found.en)}`,
    ja: `コマンドが必要ですが、${shown(found.ja)} があります`,
  }),
  expectedTest: (found: Text): Text => ({
    en: `Expected a test, found ${shown(found.en)}`,
    ja: `テストが必要ですが、${shown(found.ja)} があります`,
  }),
  expectedString: (found: Text): Text => ({
    en: `Expected a string, found ${shown(found.en)}`,
    ja: `文字列が必要ですが、${shown(found.ja)} があります`,
  }),
  end: { en: 'the end of the script', ja: 'スクリプトの終わり' },

  // what it means
  unknownExtension: (name: string): Text => ({
    en: `There is no extension ${JSON.stringify(shown(name))} here`,
    ja: `拡張 ${JSON.stringify(shown(name))} はありません`,
  }),
  requireFirst: {
    en: 'require must stand before all other commands',
    ja: 'require はほかのコマンドより前に置いてください',
  },
  needsRequire: (what: string, extension: string): Text => ({
    en: `${what} needs: require "${extension}";`,
    ja: `${what} を使うには require "${extension}"; が必要です`,
  }),
  notWith: (what: string, extension: string): Text => ({
    en: `${what} cannot be used together with ${extension}`,
    ja: `${what} は ${extension} と一緒には使えません`,
  }),
  unknownCommand: (name: string): Text => ({
    en: `Unknown command ${shown(name)}`,
    ja: `${shown(name)} というコマンドはありません`,
  }),
  unknownTest: (name: string): Text => ({
    en: `Unknown test ${shown(name)}`,
    ja: `${shown(name)} というテストはありません`,
  }),
  unknownTag: (tag: string, name: string): Text => ({
    en: `${name} does not know :${shown(tag)}`,
    ja: `${name} に :${shown(tag)} は使えません`,
  }),
  testAsCommand: (name: string): Text => ({
    en: `${name} is a test: write if ${name} …`,
    ja: `${name} はテストです。if ${name} … と書きます`,
  }),
  commandAsTest: (name: string): Text => ({
    en: `${name} is a command and cannot be tested`,
    ja: `${name} はコマンドなのでテストには使えません`,
  }),
  twice: (tag: string): Text => ({ en: `:${tag} stands here twice`, ja: `:${tag} が 2 回あります` }),
  tagsExclude: (tag: string, other: string): Text => ({
    en: `:${tag} and :${other} cannot stand together`,
    ja: `:${tag} と :${other} は一緒に使えません`,
  }),
  tagNeeds: (tag: string, other: string): Text => ({
    en: `:${tag} is only allowed together with :${other}`,
    ja: `:${tag} は :${other} と一緒にしか使えません`,
  }),
  tagAfterArguments: (tag: string): Text => ({
    en: `:${tag} must stand before the other arguments`,
    ja: `:${tag} はほかの引数より前に置いてください`,
  }),
  needsTag: (name: string, tags: string): Text => ({
    en: `${name} needs one of ${tags}`,
    ja: `${name} には ${tags} のどれかが必要です`,
  }),
  missingArgument: (name: string, kind: Text): Text => ({
    en: `${name} lacks ${kind.en}`,
    ja: `${name} に${kind.ja}が足りません`,
  }),
  wrongArgument: (name: string, kind: Text): Text => ({
    en: `${name} wants ${kind.en} here`,
    ja: `${name} のここには${kind.ja}が必要です`,
  }),
  surplusArgument: (name: string): Text => ({
    en: `${name} takes no further arguments`,
    ja: `${name} の引数が多すぎます`,
  }),
  kinds: {
    string: { en: 'a string', ja: '文字列' },
    strings: { en: 'a string or a list of strings', ja: '文字列または文字列のリスト' },
    number: { en: 'a number', ja: '数値' },
    test: { en: 'a test', ja: 'テスト' },
    tests: { en: 'a list of tests in parentheses', ja: '括弧に入れたテストのリスト' },
    block: { en: 'a block in braces', ja: '波括弧のブロック' },
  },
  noTest: (name: string): Text => ({ en: `${name} takes no test`, ja: `${name} にテストは付けられません` }),
  noBlock: (name: string): Text => ({ en: `${name} takes no block`, ja: `${name} にブロックは付けられません` }),
  elseAlone: (name: string): Text => ({
    en: `${name} must follow if or elsif`,
    ja: `${name} は if か elsif のあとにしか置けません`,
  }),
  mustBeConstant: (what: string): Text => ({
    en: `${what} must not hold variables`,
    ja: `${what} に変数は使えません`,
  }),
  badVariable: (name: string): Text => ({
    en: `${JSON.stringify(shown(name))} is no name of a variable`,
    ja: `${JSON.stringify(shown(name))} は変数名として使えません`,
  }),
  badMatchVariable: (limit: number): Text => ({
    en: `Numbered variables go from 0 to ${limit - 1}`,
    ja: `番号の変数は 0 から ${limit - 1} までです`,
  }),
  badEncodedCharacter: (written: string): Text => ({
    en: `${shown(written)} is no Unicode character`,
    ja: `${shown(written)} は Unicode の文字ではありません`,
  }),
  badOctets: {
    en: 'The octets of ${hex: …} are no UTF-8 text',
    ja: '${hex: …} のバイト列が UTF-8 ではありません',
  },
  unknownComparator: (name: string): Text => ({
    en: `There is no comparator ${JSON.stringify(shown(name))}; there are i;octet, i;ascii-casemap, i;ascii-numeric and i;unicode-casemap`,
    ja: `比較方法 ${JSON.stringify(shown(name))} はありません。i;octet、i;ascii-casemap、i;ascii-numeric、i;unicode-casemap が使えます`,
  }),
  comparatorCannot: (comparator: string, match: string): Text => ({
    en: `${comparator} cannot compare by :${match}`,
    ja: `${comparator} では :${match} の比較はできません`,
  }),
  badRelation: (text: string): Text => ({
    en: `${JSON.stringify(shown(text))} is no relation; there are gt, ge, lt, le, eq and ne`,
    ja: `${JSON.stringify(shown(text))} は比較の種類ではありません。gt、ge、lt、le、eq、ne が使えます`,
  }),
  badRegex: (reason: Text): Text => ({ en: `Regular expression: ${reason.en}`, ja: `正規表現: ${reason.ja}` }),
  badHeaderName: (name: string): Text => ({
    en: `${JSON.stringify(shown(name))} is no name of a header field`,
    ja: `${JSON.stringify(shown(name))} はヘッダー名ではありません`,
  }),
  protectedField: (name: string): Text => ({ en: `${name} must not be changed`, ja: `${name} は変更できません` }),
  badEnvelopePart: (name: string): Text => ({
    en: `The envelope has no part ${JSON.stringify(shown(name))}`,
    ja: `エンベロープに ${JSON.stringify(shown(name))} という部分はありません`,
  }),
  badAddress: (address: string): Text => ({
    en: `${JSON.stringify(shown(address))} is no mail address`,
    ja: `${JSON.stringify(shown(address))} はメールアドレスではありません`,
  }),
  badMailbox: (name: string): Text => ({
    en: `${JSON.stringify(shown(name))} cannot be the name of a mailbox`,
    ja: `${JSON.stringify(shown(name))} はメールボックス名に使えません`,
  }),
  badSpecialUse: (name: string): Text => ({
    en: `There is no special use ${JSON.stringify(shown(name))} here`,
    ja: `特別な用途 ${JSON.stringify(shown(name))} はありません`,
  }),
  badDatePart: (name: string): Text => ({
    en: `A date has no part ${JSON.stringify(shown(name))}`,
    ja: `日付に ${JSON.stringify(shown(name))} という部分はありません`,
  }),
  badZone: (zone: string): Text => ({
    en: `${JSON.stringify(shown(zone))} is no time zone such as "+0900"`,
    ja: `${JSON.stringify(shown(zone))} は "+0900" のような時差ではありません`,
  }),
  badNotifyMethod: (method: string): Text => ({
    en: `${JSON.stringify(shown(method))} is no method of notification; there is mailto:`,
    ja: `通知方法 ${JSON.stringify(shown(method))} はありません。mailto: が使えます`,
  }),
  badNumberRange: (name: string, from: number, to: number): Text => ({
    en: `${name} must be from ${from} to ${to}`,
    ja: `${name} は ${from} から ${to} まで指定できます`,
  }),
  badChoice: (value: string, choices: string): Text => ({
    en: `${JSON.stringify(shown(value))} must be one of ${choices}`,
    ja: `${JSON.stringify(shown(value))} は ${choices} のどれかでなければなりません`,
  }),
  badReason: { en: 'A MIME text must begin with header fields', ja: 'MIME の文面はヘッダーで始まる必要があります' },
  onlyInLoop: (name: string): Text => ({
    en: `${name} is only allowed within foreverypart`,
    ja: `${name} は foreverypart の中でしか使えません`,
  }),
  noSuchLoop: (name: string): Text => ({
    en: `No foreverypart around this is named ${JSON.stringify(shown(name))}`,
    ja: `${JSON.stringify(shown(name))} という名前の foreverypart の中ではありません`,
  }),
  badScriptName: (name: string): Text => ({
    en: `${JSON.stringify(shown(name))} cannot be the name of a script`,
    ja: `${JSON.stringify(shown(name))} はスクリプト名に使えません`,
  }),
  tooManyProblems: { en: 'There are further problems', ja: 'ほかにも問題があります' },
} as const
