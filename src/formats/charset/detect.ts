import { isAscii, isUtf8 } from 'node:buffer'

export type DetectedCharset = 'utf-8' | 'iso-2022-jp' | 'shift_jis' | 'euc-jp' | 'windows-1252'

/** This much decides; the rest of a long text is written in the same charset. */
const sampleBytes = 64 * 1024
const escape = 27

/** The charset of bytes that nobody labelled, or labelled falsely. */
export function detectCharset(bytes: Uint8Array): DetectedCharset {
  if (hasIso2022Escape(bytes)) return 'iso-2022-jp'
  if (isUtf8(bytes) || looksUtf8(bytes)) return 'utf-8'
  const sample = bytes.subarray(0, sampleBytes)
  const eucJp = eucJpScore(sample)
  const shiftJis = shiftJisScore(sample)
  if (eucJp <= 0 && shiftJis <= 0) return 'windows-1252'
  return eucJp >= shiftJis ? 'euc-jp' : 'shift_jis'
}

/** It is UTF-8 and more than ASCII, as far as it goes: text that was cut may end inside a character. */
export function looksUtf8(bytes: Uint8Array): boolean {
  const whole = withoutCutCharacter(bytes)
  return !isAscii(whole) && isUtf8(whole)
}

export function withoutCutCharacter(bytes: Uint8Array): Uint8Array {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] ?? 0
    if (byte < 0x80) return bytes
    if (byte < 0xc0) continue
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
    return length > back ? bytes.subarray(0, bytes.length - back) : bytes
  }
  return bytes
}

/** A designation as ISO-2022-JP and its kin have them: ESC $ or ESC ( with what they name */
export function hasIso2022Escape(bytes: Uint8Array): boolean {
  let at = bytes.indexOf(escape)
  while (at >= 0) {
    const next = bytes[at + 1]
    const then = bytes[at + 2]
    if (next === 0x24 && (then === 0x40 || then === 0x42 || then === 0x28)) return true
    if (next === 0x28 && (then === 0x4a || then === 0x49)) return true
    at = bytes.indexOf(escape, at + 1)
  }
  return false
}

/** Whether text that is said to be Western is Japanese: in no charset of Japan a fault, and more than chance would bring together. */
export function looksJapanese(bytes: Uint8Array): boolean {
  if (hasIso2022Escape(bytes)) return true
  const sample = bytes.subarray(0, sampleBytes)
  if (shiftJisScore(sample) > 0 && isFaultless('shift_jis', sample)) return true
  return eucJpScore(sample) >= 4 && isFaultless('euc-jp', sample)
}

function isFaultless(charset: 'shift_jis' | 'euc-jp', bytes: Uint8Array): boolean {
  // what is cut at the end is no fault
  return !new TextDecoder(charset).decode(bytes, { stream: true }).includes('\ufffd')
}

/** Double-byte characters, kana counted twice; -1 when a sequence is impossible: bytes over 0x7f come in pairs only. */
function eucJpScore(bytes: Uint8Array): number {
  let score = 0
  for (let at = 0; at < bytes.length; at++) {
    const lead = bytes[at] ?? 0
    if (lead < 0x80) continue
    if (at + 1 >= bytes.length) break
    const trail = bytes[++at] ?? 0
    if (lead === 0x8e && trail >= 0xa1 && trail <= 0xdf) continue
    if (lead === 0x8f && trail >= 0xa1) {
      at++
      continue
    }
    if (lead < 0xa1 || lead === 0xff || trail < 0xa1 || trail === 0xff) return -1
    score += lead === 0xa4 || lead === 0xa5 ? 2 : 1
  }
  return score
}

/**
 * Pairs of double-byte characters that touch, at least one of them kana or a common kanji: letters with accents in Western text
 * look like lone rare kanji here, never like pairs of common ones. -1 when a sequence is impossible.
 */
function shiftJisScore(bytes: Uint8Array): number {
  let score = 0
  let previous = 0
  for (let at = 0; at < bytes.length; at++) {
    const lead = bytes[at] ?? 0
    const isSingle = lead < 0x80 || (lead >= 0xa1 && lead <= 0xdf)
    if (isSingle) previous = 0
    if (isSingle) continue
    if (lead === 0x80 || lead === 0xa0 || lead > 0xfc) return -1
    if (at + 1 >= bytes.length) break
    const trail = bytes[++at] ?? 0
    if (trail < 0x40 || trail === 0x7f || trail > 0xfc) return -1
    if (previous > 0 && (isCommonLead(lead) || isCommonLead(previous))) score++
    previous = lead
  }
  return score
}

/** Symbols, kana and the kanji of level 1 (JIS X 0208 rows 1 to 47) */
function isCommonLead(lead: number): boolean {
  return lead >= 0x81 && lead <= 0x97
}
