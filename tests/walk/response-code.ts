/** resp-text with its code. RFC 9051 §7.1, RFC 4315 §3 (UIDPLUS), RFC 7162 §3.1.2 (CONDSTORE) */
import { expand, type Scanner } from './scanner.ts'

export type Code =
  | { readonly name: 'APPENDUID'; readonly uidValidity: number; readonly uids: readonly number[] }
  | {
      readonly name: 'COPYUID'
      readonly uidValidity: number
      readonly from: readonly number[]
      readonly to: readonly number[]
    }
  | { readonly name: 'UIDVALIDITY' | 'UIDNEXT' | 'UNSEEN'; readonly number: number }
  | { readonly name: 'HIGHESTMODSEQ'; readonly modseq: bigint }
  | { readonly name: 'MODIFIED'; readonly numbers: readonly number[] }
  | { readonly name: 'PERMANENTFLAGS'; readonly flags: readonly string[] }
  | { readonly name: 'none' }
  | { readonly name: 'other'; readonly atom: string }

export function numberOf(codes: readonly Code[], name: 'UIDVALIDITY' | 'UIDNEXT' | 'UNSEEN'): number | undefined {
  for (const code of codes) if (code.name === name) return code.number
  return undefined
}

export function highestOf(codes: readonly Code[]): bigint | undefined {
  for (const code of codes) if (code.name === 'HIGHESTMODSEQ') return code.modseq
  return undefined
}

/** From the code to the end of the response. */
export function parseRespText(scan: Scanner): Code {
  const code: Code = scan.try('[') ? readCode(scan) : { name: 'none' }
  scan.match(/[^\r\n\0]*/y, 'text')
  return code
}

function readCode(scan: Scanner): Code {
  const code = codeNamed(scan, scan.atom())
  scan.expect(']')
  // resp-text = ["[" resp-text-code "]" SP] [text]; IMAP4rev1 wants the text
  scan.sp()
  return code
}

function codeNamed(scan: Scanner, name: string): Code {
  switch (name) {
    case 'APPENDUID': {
      scan.sp()
      const uidValidity = scan.nzNumber()
      scan.sp()
      return { name, uidValidity, uids: expand(scan.numberSet()) }
    }
    case 'COPYUID': {
      scan.sp()
      const uidValidity = scan.nzNumber()
      scan.sp()
      const from = expand(scan.numberSet())
      scan.sp()
      return { name, uidValidity, from, to: expand(scan.numberSet()) }
    }
    case 'UIDVALIDITY':
    case 'UIDNEXT':
    case 'UNSEEN':
      scan.sp()
      return { name, number: scan.nzNumber() }
    case 'HIGHESTMODSEQ':
      scan.sp()
      return { name, modseq: scan.number64() }
    case 'MODIFIED':
      scan.sp()
      return { name, numbers: expand(scan.numberSet()) }
    case 'PERMANENTFLAGS':
      scan.sp()
      return { name, flags: scan.list(() => scan.flag()) }
    default:
      if (scan.try(' ')) scan.match(/[^\]\r\n\0]+/y, 'the text of a code')
      return { name: 'other', atom: name }
  }
}
