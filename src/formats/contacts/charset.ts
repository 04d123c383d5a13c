/** Octets of vCards to text: phones write the charset of their country, and say so or not. Made of what browsers have too. */

type Decoder = InstanceType<typeof TextDecoder>

const decoders = new Map<string, Decoder | undefined>()
const strictUtf8 = new TextDecoder('utf-8', { fatal: true })

/** What people call them, beside the labels of the Encoding Standard */
const otherNames: Readonly<Record<string, string>> = {
  cp932: 'shift_jis',
  ms932: 'shift_jis',
  'windows-932': 'shift_jis',
  'shift-jis-2004': 'shift_jis',
  'iso-2022-jp-ms': 'iso-2022-jp',
}

/** How the octets of one file become text. */
export type FileText = {
  /** `charset`: what the property says of itself */
  decode(octets: Uint8Array, charset: string | undefined): string
  /** Of what stands in the file as it is, without quoted-printable */
  decodeBare(octets: Uint8Array, charset: string | undefined): string
}

/** Without a label: UTF-8 where it is that, ISO-2022-JP by its escapes, else what the whole file looks like. */
export function fileText(file: Uint8Array, isUtf8: boolean): FileText {
  let legacy: string | undefined
  const decode = (octets: Uint8Array, charset: string | undefined) => {
    const named = charset === undefined ? undefined : decoder(charset)
    if (named && !/^utf-?8$/i.test(charset ?? '')) return decoded(named, octets)
    if (octets.includes(27)) return decoded(decoder('iso-2022-jp'), octets)
    return strictly(octets) ?? decoded(decoder((legacy ??= legacyCharset(file))), octets)
  }
  return { decode, decodeBare: isUtf8 ? octets => decoded(decoder('utf-8'), octets) : decode }
}

/** UTF-16 as UTF-8, without a byte order mark, with line feeds where there are carriage returns alone. */
export function plainOctets(file: Uint8Array): Uint8Array {
  const plain = inOneByteUnits(file)
  return plain.includes(10) ? plain : plain.map(octet => (octet === 13 ? 10 : octet))
}

function inOneByteUnits(file: Uint8Array): Uint8Array {
  const [first, second, third] = file
  if (first === 0xef && second === 0xbb && third === 0xbf) return file.subarray(3)
  const isLittle = first === 0xff && second === 0xfe
  if (!isLittle && !(first === 0xfe && second === 0xff)) return file
  return new TextEncoder().encode(decoded(decoder(isLittle ? 'utf-16le' : 'utf-16be'), file))
}

function decoder(label: string): Decoder | undefined {
  const name = label.trim().toLowerCase()
  if (!decoders.has(name)) decoders.set(name, newDecoder(otherNames[name] ?? name))
  return decoders.get(name)
}

function newDecoder(name: string): Decoder | undefined {
  try {
    return new TextDecoder(name)
  } catch {
    return undefined
  }
}

function decoded(by: Decoder | undefined, octets: Uint8Array): string {
  return (by ?? (decoder('utf-8') as Decoder)).decode(octets)
}

function strictly(octets: Uint8Array): string | undefined {
  try {
    return strictUtf8.decode(octets)
  } catch {
    return undefined
  }
}

/** EUC-JP read as Shift_JIS is full of half-width katakana, of which people write few. */
function legacyCharset(file: Uint8Array): string {
  const sample = file.subarray(0, 256 * 1024)
  const sjis = decoded(decoder('shift_jis'), sample)
  const euc = decoded(decoder('euc-jp'), sample)
  const [sjisFaults, eucFaults] = [faults(sjis), faults(euc)]
  if (Math.min(sjisFaults, eucFaults) > 2 + sample.length / 200) return 'windows-1252'
  if (sjisFaults !== eucFaults) return sjisFaults < eucFaults ? 'shift_jis' : 'euc-jp'
  return (sjis.match(/[｡-ﾟ]/g) ?? []).length > (euc.match(/[｡-ﾟ]/g) ?? []).length ? 'euc-jp' : 'shift_jis'
}

function faults(text: string): number {
  return (text.match(/�/g) ?? []).length
}
