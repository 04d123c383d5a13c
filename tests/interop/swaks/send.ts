/** Letters by swaks, octet by octet. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { mustRun } from '../../support/peers.ts'
import type { InteropDemo } from '../demo.ts'
import type { TestLetter } from '../letters.ts'

/** From a stranger to the MX, by verified STARTTLS. */
export async function sendBySwaks(at: InteropDemo, letter: TestLetter, to: string): Promise<void> {
  const server = ['--server', `localhost:${at.port('mx')}`, '--helo', 'desk.stranger.test', '--hide-all']
  const verified = ['--tls', '--tls-verify', '--tls-ca-path', at.ca]
  const envelope = ['--from', 'stranger@stranger.test', '--to', to]
  await mustRun('/usr/bin/swaks', [...server, ...verified, ...envelope, ...dataForSwaks(at.folder, letter)])
}

/** Arguments that make swaks send exactly this letter. */
export function dataForSwaks(folder: string, { mark, bytes }: TestLetter): string[] {
  const file = join(folder, `${mark}.eml`)
  writeFileSync(file, asSwaksSends(bytes))
  return ['--data', `@${file}`, '--no-data-fixup']
}

/** swaks would mend line ends and eat a last line of one dot; so it gets what it must write, all but the very last CRLF. */
function asSwaksSends(bytes: Buffer): Buffer {
  const stuffed = bytes.toString('latin1').replaceAll('\r\n.', '\r\n..')
  return Buffer.from(`${stuffed}.`, 'latin1')
}
