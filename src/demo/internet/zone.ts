/** The pretend internet's names. Everything lives on 127.0.0.1; only the ports differ, and those come from the configuration. */

export type ZoneRecord =
  | { readonly type: 'A'; readonly data: string }
  | { readonly type: 'AAAA'; readonly data: string }
  | { readonly type: 'MX'; readonly preference: number; readonly exchange: string }
  | { readonly type: 'TXT'; readonly data: string }
  | { readonly type: 'PTR'; readonly data: string }

export type Zone = ReadonlyMap<string, readonly ZoneRecord[]>

const here: ZoneRecord = { type: 'A', data: '127.0.0.1' }

/** `dkimRecord`: of the key with which internet.test signs, made at each start */
export function demoZone(dkimRecord: string): Zone {
  return new Map([...names, [`${dkimSelector}._domainkey.internet.test`, [{ type: 'TXT', data: dkimRecord }]]])
}

export const dkimSelector = 'demo'

const names: Zone = new Map<string, readonly ZoneRecord[]>([
  [
    'home.test',
    [
      { type: 'MX', preference: 10, exchange: 'mx.home.test' },
      { type: 'TXT', data: 'v=spf1 include:sendgrid.internet.test -all' },
    ],
  ],
  ['mx.home.test', [here]],
  ['mail.home.test', [here]],
  [
    'internet.test',
    [
      { type: 'MX', preference: 10, exchange: 'mx.internet.test' },
      { type: 'TXT', data: 'v=spf1 ip4:127.0.0.1 -all' },
    ],
  ],
  ['_dmarc.internet.test', [{ type: 'TXT', data: 'v=DMARC1; p=none' }]],
  ['mx.internet.test', [here]],
  // Their own hosts are elsewhere, so whoever here writes in their names is a forger. The bank asks for rejection, the shop for Junk
  ['bank.example', [{ type: 'TXT', data: 'v=spf1 ip4:192.0.2.10 -all' }]],
  ['_dmarc.bank.example', [{ type: 'TXT', data: 'v=DMARC1; p=reject' }]],
  ['shop.example', [{ type: 'TXT', data: 'v=spf1 ip4:192.0.2.20 ~all' }]],
  ['_dmarc.shop.example', [{ type: 'TXT', data: 'v=DMARC1; p=quarantine' }]],
  // mail for this name goes out directly, without the upstream
  ['direct.internet.test', [{ type: 'MX', preference: 10, exchange: 'mx.internet.test' }]],
  // RFC 7505: this name takes no mail
  ['nomail.internet.test', [{ type: 'MX', preference: 0, exchange: '.' }]],
  ['sendgrid.internet.test', [here, { type: 'TXT', data: 'v=spf1 ip4:127.0.0.1 -all' }]],
  ['1.0.0.127.in-addr.arpa', [{ type: 'PTR', data: 'mx.internet.test' }]],
])
