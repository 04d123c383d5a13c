/** What goes wrong while a script runs, and what its automatic letters say. */
import type { Text } from '#base/text.ts'

const quoted = (text: string) => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)

export const texts = {
  outOfSteps: {
    en: 'The script did too much work and was stopped',
    ja: 'スクリプトの処理が多すぎるため中止しました',
  },
  tooManyActions: (limit: number): Text => ({
    en: `The script took more than ${limit} actions`,
    ja: `スクリプトの動作が ${limit} 件を超えました`,
  }),
  tooManyRedirects: (limit: number): Text => ({
    en: `The script redirected to more than ${limit} addresses`,
    ja: `転送先が ${limit} 件を超えました`,
  }),
  tooManyNotifications: (limit: number): Text => ({
    en: `The script sent more than ${limit} notifications`,
    ja: `通知が ${limit} 件を超えました`,
  }),
  tooManyEdits: (limit: number): Text => ({
    en: `The script changed the message more than ${limit} times`,
    ja: `メールの変更が ${limit} 回を超えました`,
  }),
  tooManyParts: (limit: number): Text => ({
    en: `foreverypart went through more than ${limit} parts`,
    ja: `foreverypart で調べたパートが ${limit} 個を超えました`,
  }),
  tooManyVariables: (limit: number): Text => ({
    en: `The script has more than ${limit} variables`,
    ja: `変数が ${limit} 個を超えました`,
  }),
  tooManyFlags: (limit: number): Text => ({
    en: `The message would get more than ${limit} flags`,
    ja: `フラグが ${limit} 個を超えました`,
  }),
  includeDepth: (limit: number): Text => ({
    en: `Scripts include each other more than ${limit} deep`,
    ja: `include の入れ子が ${limit} 段を超えました`,
  }),
  includeCount: (limit: number): Text => ({
    en: `More than ${limit} scripts were included`,
    ja: `include の回数が ${limit} 回を超えました`,
  }),
  includeCycle: (name: string): Text => ({
    en: `The script ${quoted(name)} includes itself`,
    ja: `スクリプト ${quoted(name)} が自分自身を読み込んでいます`,
  }),
  noSuchScript: (name: string): Text => ({
    en: `There is no script ${quoted(name)}`,
    ja: `スクリプト ${quoted(name)} はありません`,
  }),
  badScript: (name: string, line: number, column: number, problem: Text): Text => ({
    en: `The script ${quoted(name)} has a mistake in line ${line}, column ${column}: ${problem.en}`,
    ja: `スクリプト ${quoted(name)} の ${line} 行 ${column} 文字目に誤りがあります。${problem.ja}`,
  }),
  badAddress: (address: string): Text => ({
    en: `${quoted(address)} is no mail address`,
    ja: `${quoted(address)} はメールアドレスではありません`,
  }),
  badMailbox: (name: string): Text => ({
    en: `${quoted(name)} cannot be the name of a mailbox`,
    ja: `${quoted(name)} はメールボックス名に使えません`,
  }),
  badRegex: (reason: Text): Text => ({ en: `Regular expression: ${reason.en}`, ja: `正規表現: ${reason.ja}` }),
  badMethod: (method: string): Text => ({
    en: `${quoted(method)} is no method of notification`,
    ja: `${quoted(method)} という通知方法はありません`,
  }),
  noSuchList: (name: string): Text => ({
    en: `There is no external list ${quoted(name)}`,
    ja: `外部リスト ${quoted(name)} はありません`,
  }),
  listNotReadable: (name: string): Text => ({
    en: `Mail cannot be redirected to the external list ${quoted(name)}: it can only be matched`,
    ja: `外部リスト ${quoted(name)} は照合にしか使えず、転送先にはできません`,
  }),
  rejectWith: {
    en: 'reject and ereject cannot stand together with keep, fileinto, redirect, vacation or another reject',
    ja: 'reject と ereject は keep、fileinto、redirect、vacation、ほかの reject と同時には実行できません',
  },
  vacationTwice: { en: 'vacation was executed twice', ja: 'vacation が 2 回実行されました' },
  notForImap: (name: string): Text => ({
    en: `${name} cannot be used in a script that an IMAP command runs`,
    ja: `${name} は IMAP の操作で実行されるスクリプトでは使えません`,
  }),
  protectedField: (name: string): Text => ({
    en: `${quoted(name)} must not be changed`,
    ja: `${quoted(name)} は変更できません`,
  }),
  /** RFC 5463 §5: the script's own words */
  ownError: (message: string): Text => ({
    en: `The script stopped itself: ${message}`,
    ja: `スクリプトが自ら停止しました: ${message}`,
  }),
  unexpected: {
    en: 'The script could not be run because of an error of the mail server',
    ja: 'メールサーバーの内部エラーのため、スクリプトを実行できませんでした',
  },
} as const
