/** Good input to begin with: what either side says in the transcripts, and the letters of the corpus. */
import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'

const root = path.join(import.meta.dirname, '../..')
const step = /^(\d?)([CS])([:!])(?: (.*))?$/gm
/** Filled in by the runner of the transcripts */
const variable = /\$\{\w+\}/g
const named: Readonly<Record<string, string>> = { r: '\r', n: '\n', t: '\t', '0': '\0', '\\': '\\' }
/** Larger ones would take the time of a hundred small ones. */
const maxLetterBytes = 48 * 1024

/** Lines and raw octets of one side, each a seed; what it says in a row, as a command with its literals; and each dialogue whole. */
export function spoken(protocol: 'smtp' | 'imap' | 'pop3' | 'managesieve', side: 'C' | 'S'): readonly Buffer[] {
  return globSync(path.join(root, `src/protocols/${protocol}/transcripts/*.txt`)).flatMap(file => {
    const runs: Buffer[][] = []
    let speaker = ''
    for (const [, connection = '', from, kind, text = ''] of readFileSync(file, 'utf8').matchAll(step)) {
      // "+ Ready" stands between a command and its literal
      if (from !== side && text.startsWith('+ ')) continue
      const goesOn = from === side && speaker === `${connection}${from}`
      speaker = `${connection}${from}`
      if (from !== side) continue
      if (!goesOn) runs.push([])
      runs.at(-1)?.push(kind === ':' ? Buffer.from(`${text.replaceAll(variable, '1')}\r\n`) : raw(text))
    }
    const lines = runs.flat()
    return [Buffer.concat(lines), ...runs.filter(run => run.length > 1).map(run => Buffer.concat(run)), ...lines]
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
