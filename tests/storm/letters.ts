/** The storm's letters: each unlike any other, so that the ledger can tell them apart byte by byte. */
import type { Random } from '../support/random.ts'

export type Letter = {
  readonly id: string
  readonly from: string
  readonly recipients: readonly string[]
  /** CRLF line ends, not dot-stuffed */
  readonly bytes: Buffer
}

const words = ['飛脚', 'letter', '便り', 'river', '峠', '.', '..dot', 'post', '宿場', 'paper', 'lantern', '雨']

export function writeLetter(run: string, number: number, accounts: readonly string[], random: Random): Letter {
  const id = `${run}-${number}@storm.internet.test`
  const recipients = random.integer(10) === 0 ? accounts : [random.pick(accounts)]
  const lines = [
    `Message-ID: <${id}>`,
    'From: Storm <storm@internet.test>',
    `To: ${recipients.join(', ')}`,
    `Subject: storm ${number}`,
    'Date: Mon, 23 Nov 2026 09:00:00 +0900',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=UTF-8',
    'Content-Transfer-Encoding: 8bit',
    '',
  ]
  const length = sizeOf(random)
  let written = 0
  while (written < length) {
    const line = Array.from({ length: 1 + random.integer(12) }, () => random.pick(words)).join(' ')
    lines.push(line)
    written += line.length + 2
  }
  return { id, from: 'storm@internet.test', recipients, bytes: Buffer.from(`${lines.join('\r\n')}\r\n`) }
}

/** Mostly letters, some with pictures, now and then one that has to be spooled. */
function sizeOf(random: Random): number {
  const dice = random.integer(200)
  if (dice === 0) return 1_300_000
  if (dice < 10) return 150_000
  return 200 + random.integer(8_000)
}
