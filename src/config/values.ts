/** The kinds of values that several sections share. Each takes text as a person writes it and gives what the program uses. */
import { isIP } from 'node:net'
import { z } from 'zod'
import type { Brand } from '#base/brand.ts'
import { parseNetwork } from '#base/network-set.ts'
import type { Text } from '#base/text.ts'
import type { ProblemCode } from './problem.ts'

/** Milliseconds */
export type DurationMs = Brand<number, 'DurationMs'>
/** Octets */
export type SizeBytes = Brand<number, 'SizeBytes'>

/** What a check of ours attaches to a zod issue. */
export type IssueNote = { readonly text: Text; readonly problem?: ProblemCode }

const durationUnits: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const sizeUnits: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1_000,
  MB: 1e6,
  GB: 1e9,
  KiB: 1024,
  MiB: 1 << 20,
  GiB: 1 << 30,
}

/** A check with a sentence in both languages: `z.string().superRefine(that(…))` without zod's own words. */
export function that<Value>(holds: (value: Value) => boolean, text: Text, problem?: ProblemCode) {
  return (value: Value, context: z.core.$RefinementCtx) => {
    if (!holds(value)) refuse(context, text, problem)
  }
}

export function refuse(context: z.core.$RefinementCtx, text: Text, problem?: ProblemCode): void {
  const note: IssueNote = problem === undefined ? { text } : { text, problem }
  context.addIssue({ code: 'custom', message: text.en, params: note })
}

const durationText: Text = {
  en: 'a time with its unit is wanted, such as 500ms, 10s, 15m, 4h or 30d',
  ja: '単位つきの時間を書いてください(例: 500ms、10s、15m、4h、30d)',
}
/** `10s`, `30d` → milliseconds. A bare number is refused: its unit would be a guess. */
export const duration = z.union([z.string(), z.number()]).transform((value, context): DurationMs => {
  const match = /^(\d{1,9}(?:\.\d{1,3})?)\s*(ms|s|m|h|d)$/.exec(String(value).trim())
  const unit = durationUnits[match?.[2] ?? '']
  if (match && unit !== undefined) return Math.round(Number(match[1]) * unit) as DurationMs
  refuse(context, durationText)
  return z.NEVER
})

const sizeText: Text = {
  en: 'a size with its unit is wanted, such as 512KB, 50MB or 2GB',
  ja: '単位つきの大きさを書いてください(例: 512KB、50MB、2GB)',
}
/** `50MB` (10⁶), `64MiB` (2²⁰) → octets. */
export const size = z.union([z.string(), z.number()]).transform((value, context): SizeBytes => {
  const match = /^(\d{1,9}(?:\.\d{1,3})?)\s*(B|KB|MB|GB|KiB|MiB|GiB)$/.exec(String(value).trim())
  const unit = sizeUnits[match?.[2] ?? '']
  if (match && unit !== undefined) return Math.round(Number(match[1]) * unit) as SizeBytes
  refuse(context, sizeText)
  return z.NEVER
})

export function printDuration(ms: number): string {
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    const length = durationUnits[unit] ?? 1
    if (ms >= length && ms % length === 0) return `${ms / length}${unit}`
  }
  return `${ms}ms`
}

export function printSize(bytes: number): string {
  for (const unit of ['GB', 'GiB', 'MB', 'MiB', 'KB', 'KiB'] as const) {
    const length = sizeUnits[unit] ?? 1
    if (bytes >= length && bytes % length === 0) return `${bytes / length}${unit}`
  }
  return `${bytes}B`
}

const hostPattern = /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/

export function isHostName(name: string): boolean {
  return hostPattern.test(name) && isIP(name) === 0
}

/** RFC 1123 §2.1, lower-cased; international names as A-labels. */
export const hostName = z
  .string()
  .transform(name => name.toLowerCase().replace(/\.$/, ''))
  .superRefine(
    that(isHostName, {
      en: 'a host name is wanted, such as mail.example.com (not an address)',
      ja: 'ホスト名を書いてください(例: mail.example.com。IPアドレスではありません)',
    }),
  )

/** Short names that appear in ids, commands and file names. */
export const shortName = z.string().superRefine(
  that(name => /^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/.test(name), {
    en: 'a short name is wanted: a-z, 0-9 and -, at most 32 characters',
    ja: '短い名前を書いてください(a-z、0-9、-。32文字まで)',
  }),
)

export const port = z.number().int().min(0).max(65535)

/** `*` is every address of this machine. */
export const bindAddress = z.string().superRefine(
  that(address => address === '*' || isIP(address) !== 0, {
    en: 'an IP address of this machine is wanted, or * (in quotes) for all of them',
    ja: 'このマシンのIPアドレスを書いてください。すべてのアドレスなら "*"(引用符つき)です',
  }),
)

/** `192.0.2.0/24`, `2001:db8::/32` or one address → in canonical form, with its prefix. */
export const network = z.string().transform((text, context): string => {
  const read = parseNetwork(text)
  if (read.kind === 'network') return read.network
  refuse(
    context,
    read.kind === 'host-bits'
      ? {
          en: 'the address has bits beyond its prefix: for one address write it without /…, for a network its first address',
          ja: 'プレフィックスより後のビットが残っています。1つのアドレスなら /… 無しで、ネットワークなら先頭のアドレスを書いてください',
        }
      : {
          en: 'an IP address or network is wanted, such as 192.0.2.10, 10.0.0.0/8 or 2001:db8::/32',
          ja: 'IPアドレスかネットワークを書いてください(例: 192.0.2.10、10.0.0.0/8、2001:db8::/32)',
        },
  )
  return z.NEVER
})

export const path = z.string().min(1)

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}

/** A mailbox's full name, levels separated by `/`; NFC. What LIST would take for a wildcard is no name. */
export const mailboxName = z
  .string()
  .transform(name => name.normalize('NFC'))
  .superRefine(
    that(name => name.split('/').every(level => level.trim() !== '') && !/[\p{Cc}%*]/u.test(name), {
      en: 'a mailbox name is wanted, such as INBOX or Work/Reports (no % and *)',
      ja: 'メールボックスの名前を書いてください(例: INBOX、仕事/報告。% と * は使えません)',
    }),
  )

/** SHA-256 of a certificate, hex; colons are allowed. Gives lower-case hex. */
export const fingerprint = z
  .string()
  .transform(text => text.replaceAll(':', '').toLowerCase())
  .superRefine(
    that(text => /^[0-9a-f]{64}$/.test(text), {
      en: 'the SHA-256 fingerprint of a certificate is wanted: 64 hex digits',
      ja: '証明書のSHA-256フィンガープリント(16進64桁)を書いてください',
    }),
  )
