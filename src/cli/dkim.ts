import { say, type Text } from '#base/text.ts'
import { type ShownDkimKey, zoneLine } from '#mail/signing/dkim-key.ts'
import { administer } from './administer.ts'
import { type Command, textOption } from './command.ts'
import { done } from './domain.ts'
import { printTable } from './table.ts'
import type { Terminal } from './terminal.ts'

const domain = { name: 'domain', text: { en: 'a domain of ours', ja: '自分のドメイン' } }
const selector = { name: 'selector', text: { en: 'the key’s selector', ja: '鍵のセレクタ' } }

export const dkim: Command = {
  name: 'dkim',
  text: { en: 'the keys that our mail is signed with', ja: '送信メールに署名する鍵(DKIM)' },
  subcommands: [
    {
      name: 'create',
      text: {
        en: 'make new keys (RSA 2048 and Ed25519); they sign once their TXT records are seen in DNS, until then the old ones do',
        ja: '新しい鍵(RSA 2048 と Ed25519)を作る。TXTレコードがDNSで確認できたら署名に使い、それまでは古い鍵を使う',
      },
      arguments: [domain],
      options: [
        {
          flags: '--selector <name>',
          text: { en: 'how the selectors begin; the month unless told', ja: 'セレクタの先頭。指定が無ければ年月' },
        },
      ],
      run: call => {
        const stem = textOption(call, 'selector')
        const input = { domain: call.args[0], ...(stem !== undefined && { selector: stem }) }
        return administer<readonly ShownDkimKey[]>(call, 'dkim.create', input, (made, terminal) => {
          terminal.out(`${say(toPublish, terminal.language)}\n\n`)
          printRecords(made, terminal)
        })
      },
    },
    {
      name: 'ls',
      text: { en: 'list the keys', ja: '鍵の一覧' },
      run: call => administer<readonly ShownDkimKey[]>(call, 'dkim.ls', {}, printKeys),
    },
    {
      name: 'show',
      text: { en: 'show the TXT records of a domain', ja: 'ドメインのTXTレコードを表示する' },
      arguments: [domain],
      run: call => administer<readonly ShownDkimKey[]>(call, 'dkim.show', { domain: call.args[0] }, printRecords),
    },
    {
      name: 'check',
      text: {
        en: 'look for the records in DNS now; keys that are seen begin to sign',
        ja: '今すぐDNSのレコードを確かめる。確認できた鍵は署名を始める',
      },
      arguments: [{ ...domain, optional: true }],
      run: call =>
        administer<readonly ShownDkimKey[]>(
          call,
          'dkim.check',
          call.args[0] === undefined ? {} : { domain: call.args[0] },
          printKeys,
        ),
    },
    {
      name: 'activate',
      text: { en: 'sign with a key now, whatever DNS says', ja: 'DNSの確認を待たずに署名に使う' },
      arguments: [domain, selector],
      run: call => administer(call, 'dkim.activate', { domain: call.args[0], selector: call.args[1] }, done(call)),
    },
    {
      name: 'retire',
      text: {
        en: 'forget a key that has been replaced; then take its TXT record out of DNS',
        ja: '置き換え済みの鍵を消す。その後、TXTレコードもDNSから消す',
      },
      arguments: [domain, selector],
      options: [{ flags: '--force', text: { en: 'although it is still needed', ja: 'まだ必要でも消す' } }],
      run: call =>
        administer(
          call,
          'dkim.retire',
          { domain: call.args[0], selector: call.args[1], force: call.options['force'] === true },
          done(call),
        ),
    },
  ],
}

const toPublish: Text = {
  en: 'Put these records into DNS. Each key signs as soon as its record is seen there (looked for every minute; hikyaku dkim check).',
  ja: '次のレコードをDNSに登録してください。確認でき次第、その鍵で署名します(1分ごとに確認。今すぐなら hikyaku dkim check)。',
}

function printRecords(keys: readonly ShownDkimKey[], terminal: Terminal): void {
  for (const { name, record } of keys) terminal.out(`${name}  TXT\n${record}\n\n${zoneLine(name, record)}\n\n`)
}

const states: Readonly<Record<ShownDkimKey['state'], Text>> = {
  pending: { en: 'waits for its record', ja: 'レコード待ち' },
  active: { en: 'signs', ja: '使用中' },
  replaced: { en: 'replaced; keep its record', ja: '置き換え済み(レコードは残す)' },
}

const inDns: Readonly<Record<NonNullable<ShownDkimKey['dns']>['found'], Text>> = {
  seen: { en: 'seen', ja: '確認済み' },
  missing: { en: 'no record', ja: '無し' },
  other: { en: 'another key', ja: '別の鍵' },
  unknown: { en: 'DNS does not answer', ja: 'DNSの応答無し' },
}

function printKeys(keys: readonly ShownDkimKey[], terminal: Terminal): void {
  const title = (en: string, ja: string) => say({ en, ja }, terminal.language)
  terminal.out(
    printTable(
      keys,
      [
        { title: title('domain', 'ドメイン'), cell: row => row.domain },
        { title: title('selector', 'セレクタ'), cell: row => row.selector },
        { title: title('algorithm', '方式'), cell: row => row.algorithm },
        { title: title('state', '状態'), cell: row => say(stateOf(row), terminal.language) },
        { title: 'DNS', cell: row => (row.dns ? say(inDns[row.dns.found], terminal.language) : '-') },
        { title: title('made', '作成'), cell: row => new Date(row.createdAt).toISOString().slice(0, 10) },
      ],
      terminal,
    ),
  )
}

function stateOf({ state, retireAfter }: ShownDkimKey): Text {
  const over = retireAfter !== undefined && retireAfter < Date.now()
  return over ? { en: 'replaced; may be retired', ja: '置き換え済み(廃止可)' } : states[state]
}
