/**
 * EUC-KR with the 8,822 syllables that CP949 adds, which TextDecoder lacks: all that KS X 1001 has not, in the order of Unicode, 178 to a lead
 * octet below A1 and 84 to one from A1 on.
 */
const plain = new TextDecoder('euc-kr')
let added: readonly string[] | undefined

export function decodeEucKr(bytes: Uint8Array): string {
  const out: string[] = []
  let from = 0
  for (let at = 0; at < bytes.length; at++) {
    const lead = bytes[at] ?? 0
    if (lead < 0x81) continue
    const place = placeOf(lead, bytes[at + 1] ?? 0)
    if (place >= 0) {
      added ??= addedSyllables()
      out.push(plain.decode(bytes.subarray(from, at)), added[place] ?? '\ufffd')
      from = at + 2
    }
    at++
  }
  return from === 0 ? plain.decode(bytes) : out.join('') + plain.decode(bytes.subarray(from))
}

/** -1: not among those that CP949 adds */
function placeOf(lead: number, trail: number): number {
  const column = columnOf(trail)
  if (column < 0 || lead > 0xc6) return -1
  if (lead < 0xa1) return (lead - 0x81) * 178 + column
  return column < 84 ? 32 * 178 + (lead - 0xa1) * 84 + column : -1
}

function columnOf(trail: number): number {
  if (trail >= 0x41 && trail <= 0x5a) return trail - 0x41
  if (trail >= 0x61 && trail <= 0x7a) return trail - 0x61 + 26
  return trail >= 0x81 && trail <= 0xfe ? trail - 0x81 + 52 : -1
}

function addedSyllables(): readonly string[] {
  const rows = new Uint8Array(25 * 94 * 2)
  for (let at = 0; at < 25 * 94; at++) rows.set([0xb0 + Math.floor(at / 94), 0xa1 + (at % 94)], at * 2)
  const standard = new Set(plain.decode(rows))
  return Array.from({ length: 0xd7a4 - 0xac00 }, (_, index) => String.fromCharCode(0xac00 + index)).filter(
    syllable => !standard.has(syllable),
  )
}
