/** Japanese text in octets, by the tables of TextDecoder turned round: independent of how we read. */

export type JapaneseCharset = 'utf-8' | 'iso-2022-jp' | 'shift_jis' | 'euc-jp'

/** Undefined: the charset has not all of it. */
export function encodeJapanese(text: string, charset: JapaneseCharset): Uint8Array | undefined {
  if (charset === 'utf-8') return Buffer.from(text)
  const table = charset === 'shift_jis' ? shiftJis() : eucJp()
  const out: number[] = []
  let isDouble = false
  for (const char of text) {
    const octets = char < '\u0080' ? [char.charCodeAt(0)] : table.get(char)
    if (!octets) return undefined
    if (charset !== 'iso-2022-jp') {
      out.push(...octets)
      continue
    }
    // JIS X 0208 only: seven bits, between escapes
    if (octets.length === 2 && (octets[0] ?? 0) < 0xa1) return undefined
    if ((octets.length === 2) !== isDouble) out.push(0x1b, ...(isDouble ? [0x28, 0x42] : [0x24, 0x42]))
    isDouble = octets.length === 2
    out.push(...octets.map(octet => octet & 0x7f))
  }
  if (isDouble) out.push(0x1b, 0x28, 0x42)
  return Uint8Array.from(out)
}

type Table = ReadonlyMap<string, readonly number[]>

let eucJpTable: Table | undefined
let shiftJisTable: Table | undefined

function eucJp(): Table {
  return (eucJpTable ??= turned('euc-jp', range(0xa1, 0xfe), range(0xa1, 0xfe), 0x8e))
}

function shiftJis(): Table {
  const leads = [...range(0x81, 0x9f), ...range(0xe0, 0xfc)]
  return (shiftJisTable ??= turned('shift_jis', leads, [...range(0x40, 0x7e), ...range(0x80, 0xfc)], undefined))
}

/** `kana`: what stands before half-width kana; undefined: nothing */
function turned(charset: string, leads: readonly number[], trails: readonly number[], kana: number | undefined): Table {
  const decoder = new TextDecoder(charset)
  const table = new Map<string, readonly number[]>()
  const add = (octets: readonly number[]) => {
    const text = decoder.decode(Uint8Array.from(octets))
    if (text.length === 1 && text !== '\ufffd' && !table.has(text)) table.set(text, octets)
  }
  for (const octet of range(0xa1, 0xdf)) add(kana === undefined ? [octet] : [kana, octet])
  for (const lead of leads) for (const trail of trails) add([lead, trail])
  return table
}

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index)
}
