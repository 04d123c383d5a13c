/** Good input to begin with: what either side says in the transcripts, and the letters of the corpus. */
import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'

const root = path.join(import.meta.dirname, '../..')
const named: Readonly<Record<string, string>> = { r: '\r', n: '\n', t: '\t', '0': '\0', '\\': '\\' }
/** Larger ones would take the time of a hundred small ones. */
const maxLetterBytes = 48 * 1024

/** Lines and raw octets of one side, each a seed; and each dialogue whole. */
export function spoken(protocol: 'smtp' | 'imap' | 'pop3', side: 'C' | 'S'): readonly Buffer[] {
  return globSync(path.join(root, `src/protocols/${protocol}/transcripts/*.txt`)).flatMap(file => {
    const steps = readFileSync(file, 'utf8').matchAll(new RegExp(`^\\d?${side}([:!]) (.*)$`, 'gm'))
    const lines = [...steps].map(([, kind, text = '']) => (kind === ':' ? Buffer.from(`${text}\r\n`) : raw(text)))
    return [Buffer.concat(lines), ...lines]
  })
}

function raw(text: string): Buffer {
  const pieces = [...text.matchAll(/\\x([0-9A-Fa-f]{2})|\\(.)|([^\\]+)/gs)]
  return Buffer.concat(
    pieces.map(([, hex, escaped, plain]) =>
      hex === undefined ? Buffer.from(plain ?? named[escaped ?? ''] ?? '') : Buffer.from(hex, 'hex'),
    ),
  )
}

export function letters(): readonly Buffer[] {
  return globSync(path.join(root, 'tests/corpus/**/*.eml'))
    .map(file => readFileSync(file))
    .filter(bytes => bytes.length <= maxLetterBytes)
}

/** Configurations of the tests with real peers. */
export function configurations(): readonly Buffer[] {
  return globSync(path.join(root, 'tests/interop/**/*.yaml')).map(file =>
    Buffer.from(
      readFileSync(file, 'utf8')
        .replaceAll(/@port@|@(mx|lmtp|imaps|stranger)@/g, '2525')
        .replaceAll('@', ''),
    ),
  )
}
