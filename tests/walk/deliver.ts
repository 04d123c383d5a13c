/** A letter comes by LMTP. RFC 2033 */
import { Wire } from '../scenarios/wire.ts'
import { complain } from './complaint.ts'
import type { Letter } from './letter.ts'

/** Whether it was answered 250; undefined when there was no answer. */
export async function deliver(port: number, user: string, letter: Letter): Promise<true | undefined> {
  try {
    await using wire = await Wire.open(port)
    await wire.reply()
    for (const line of ['LHLO mx.internet.test', `MAIL FROM:<${letter.from}@internet.test>`, `RCPT TO:<${user}>`])
      mustBe(line, await wire.say(line), '250')
    mustBe('DATA', await wire.say('DATA'), '354')
    // no line of these letters begins with a dot
    const end = letter.bytes.endsWith('\r\n') ? '.' : '\r\n.'
    mustBe('the letter', await wire.say(letter.bytes + end), '250')
    return true
  } catch (error) {
    if (error instanceof Error && error.name === 'Complaint') throw error
    return undefined
  }
}

function mustBe(what: string, reply: string, code: string): void {
  if (!reply.startsWith(code)) complain('refused', `LMTP: ${what} was answered ${reply.trim()}`)
}
