/** The terminal that this process was started from. */
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import type { Language } from '#base/text.ts'
import { CouldNotRun, type Terminal } from './terminal.ts'

export function processTerminal(language: Language, signal: AbortSignal): Terminal {
  const { stdin, stdout, stderr, env } = process
  stdout.on('error', readerMayLeave)
  return {
    language,
    env,
    columns: stdout.isTTY ? stdout.columns : undefined,
    color: stdout.isTTY && !env['NO_COLOR'] && env['TERM'] !== 'dumb',
    interactive: stdin.isTTY && stderr.isTTY,
    out: text => void stdout.write(text),
    err: text => void stderr.write(text),
    input: readInput,
    ask,
    signal,
  }
}

/** `hikyaku trace … | head`: the reader has seen enough, and the command ends by itself. */
function readerMayLeave(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
}

async function readInput(limitBytes: number): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > limitBytes) throw new CouldNotRun({ en: 'standard input is too long', ja: '標準入力が長すぎます' })
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** Questions go to standard error, so that the answer on standard output stays clean. */
async function ask(question: string, options?: { secret?: boolean }): Promise<string> {
  let muted = false
  const shown = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (!muted) process.stderr.write(chunk)
      done()
    },
  })
  const reader = createInterface({ input: process.stdin, output: shown, terminal: true })
  try {
    const answer = reader.question(question)
    muted = options?.secret ?? false
    return await answer
  } finally {
    reader.close()
    if (options?.secret) process.stderr.write('\n')
  }
}
