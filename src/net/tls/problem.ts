import type { Text } from '#base/text.ts'

export type TlsProblem = {
  /** `TLS-KEYPAIR` files that do not belong together or cannot be used; `TLS-EXPIRY`; `TLS-CLOCK` not valid yet; `TLS-CHAIN` an intermediate is missing */
  readonly code: 'TLS-KEYPAIR' | 'TLS-EXPIRY' | 'TLS-CLOCK' | 'TLS-CHAIN'
  readonly text: Text
}

export const keyMismatch = (cert: string, key: string): TlsProblem => ({
  code: 'TLS-KEYPAIR',
  text: {
    en: `the key ${key} does not belong to the certificate ${cert}`,
    ja: `鍵 ${key} は証明書 ${cert} のものではありません`,
  },
})

export const unusable = (file: string, reason: string): TlsProblem => ({
  code: 'TLS-KEYPAIR',
  text: { en: `${file} cannot be used: ${reason}`, ja: `${file} を使えません: ${reason}` },
})

export const wrongOrder = (file: string, position: number): TlsProblem => ({
  code: 'TLS-KEYPAIR',
  text: {
    en: `${file}: certificate ${position} is not signed by the one after it; own certificate first, then each issuer`,
    ja: `${file}: ${position}番目の証明書は次の証明書で署名されていません。自分の証明書、その発行者の順に並べます`,
  },
})

export const missingIssuer = (file: string, issuer: string): TlsProblem => ({
  code: 'TLS-CHAIN',
  text: {
    en: `${file} ends before a known root: the certificate of "${issuer}" is probably missing (use the full chain)`,
    ja: `${file} は既知のルートまで届きません。「${issuer}」の証明書が足りないようです(fullchain を使います)`,
  },
})

export const expired = (file: string, when: string): TlsProblem => ({
  code: 'TLS-EXPIRY',
  text: { en: `${file} ended on ${when}`, ja: `${file} は ${when} に期限が切れました` },
})

export const notYet = (file: string, when: string): TlsProblem => ({
  code: 'TLS-CLOCK',
  text: {
    en: `${file} is valid only from ${when}: is the clock right?`,
    ja: `${file} は ${when} から有効です。時計は正しいですか?`,
  },
})
