import { Wire } from './wire.ts'

/** Hands a message (any line ends) to home over LMTP, as a stranger's; gives the reply after it. */
export async function bringByLmtp(port: number, recipient: string, message: string): Promise<string> {
  await using wire = await Wire.open(port)
  await wire.read(/^220 .*\r\n/m)
  for (const [line, wanted] of [
    ['LHLO mx.internet.test', /^250 .*\r\n/m],
    ['MAIL FROM:<someone@internet.test>', /^250 .*\r\n/m],
    [`RCPT TO:<${recipient}>`, /^250 .*\r\n/m],
    ['DATA', /^354 .*\r\n/m],
  ] as const) {
    wire.send(line)
    await wire.read(wanted)
  }
  wire.send(`${message.replaceAll(/\r?\n/g, '\r\n')}\r\n.`)
  return await wire.read(/^[245]\d\d .*\r\n/m)
}
