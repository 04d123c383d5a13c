/** What Hanako's house has besides letters, for the pictures. */
import { noFilters, type Piece, printFilters } from '#formats/sieve/filters/document.ts'
import type { Action } from '#formats/sieve/filters/filter.ts'

type Reading = readonly [family: string, given: string]

const person = (family: string, given: string, reading: Reading | undefined, more: object) => ({
  version: '1.0',
  name: {
    components: [
      { kind: 'surname', value: family, ...(reading && { phonetic: reading[0] }) },
      { kind: 'given', value: given, ...(reading && { phonetic: reading[1] }) },
    ],
    isOrdered: true,
    ...(reading && { phoneticScript: 'Hira' }),
  },
  ...more,
})

const at = (address: string) => ({ emails: { e: { address } } })

export const people: Readonly<Record<string, object>> = {
  sato: person('佐藤', '健一', ['さとう', 'けんいち'], {
    emails: { e: { address: 'k.sato@sato-koumuten.example', contexts: { work: true } } },
    phones: { p: { number: '+81 3-0000-0000', contexts: { work: true } } },
    organizations: { o: { name: '佐藤工務店' } },
    addresses: { a: { full: '〒100-0000 東京都千代田区丸の内 0-0-0', contexts: { work: true } } },
    anniversaries: { b: { kind: 'birth', date: { '@type': 'PartialDate', month: 4, day: 12 } } },
    notes: { n: { note: '玄関の見積もりの担当。午前中なら電話がつながる。' } },
  }),
  taro: person('飛脚', '太郎', ['ひきゃく', 'たろう'], at('taro@home.test')),
  yamada: person('山田', '美咲', ['やまだ', 'みさき'], at('misaki@yamada-bungu.example')),
  abe: person('阿部', '翔', ['あべ', 'しょう'], at('sho.abe@internet.test')),
  kato: person('加藤', '結衣', ['かとう', 'ゆい'], at('yui@internet.test')),
  aki: person('Tanaka', 'Aki', undefined, at('aki@internet.test')),
  ito: person('伊藤', '大輔', ['いとう', 'だいすけ'], at('daisuke.ito@internet.test')),
}

const filter = (name: string, domain: string, actions: readonly Action[], stops: boolean): Piece => ({
  kind: 'filter',
  source: undefined,
  filter: {
    name,
    isOn: true,
    match: 'all',
    conditions: [{ kind: 'from', test: 'domain', value: domain }],
    actions,
    stops,
  },
})

const filters: readonly Piece[] = [
  filter('佐藤工務店', 'sato-koumuten.example', [{ kind: 'star' }], false),
  filter('Paper & Ink', 'paper-ink.example', [{ kind: 'move', mailbox: { id: undefined, name: 'Archive' } }], true),
]
export const filterScript = printFilters({ ...noFilters, pieces: filters })
