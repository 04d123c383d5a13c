/** Some people on the pretend internet write back by themselves: Aki answers in two seconds, Mallory in the names of others. RFC 3834 in small. */
import { randomUUID } from 'node:crypto'
import { concatBytes, emptyBytes, utf8 } from '#base/bytes.ts'
import { memorySource } from '#formats/message-source.ts'
import { dkimSign, type DkimSigner } from '#mail/authenticity/dkim/sign.ts'
import type { Transport } from '#mail/transport.ts'
import type { ArrivedLetter } from './mail-host.ts'
import { localpartOf } from './mail-host.ts'
import { mannerOf } from './people.ts'

const answerAfterMs = 2_000
/** A stranger's server retries; this one gives up with the demo. */
const attempts = 30
const retryAfterMs = 2_000

type Outgoing = { readonly reversePath: string; readonly text: string; readonly signed: boolean }

export function createCorrespondent(options: {
  send: Transport
  signer: DkimSigner
  signal: AbortSignal
}): (letter: ArrivedLetter) => void {
  return letter => {
    const { answers } = mannerOf(localpartOf(letter.recipient))
    if (letter.reversePath === '' || !answers) return
    const header = headerOf(letter.bytes)
    if (/^auto-submitted:\s*auto/im.test(header)) return
    const outgoing = answers === 'honestly' ? [answerTo(letter, header)] : forgedLetters(letter)
    setTimeout(() => {
      for (const one of outgoing) void deliver(letter.reversePath, one)
    }, answerAfterMs).unref()
  }

  async function deliver(to: string, { reversePath, signed, text }: Outgoing): Promise<void> {
    const plain = utf8(text)
    const fields = signed ? await dkimSign(memorySource(plain), [options.signer], { at: Date.now() }) : emptyBytes
    const message = memorySource(concatBytes([fields, plain]))
    const envelope = { reversePath, recipients: [{ address: to }], body: '8BITMIME' as const, smtpUtf8: false }
    for (let attempt = 0; attempt < attempts && !options.signal.aborted; attempt++) {
      const [result] = await options.send(envelope, message, options.signal)
      if (result?.status !== 'deferred') return
      await new Promise(resolve => setTimeout(resolve, retryAfterMs).unref())
    }
  }
}

function headerOf(bytes: Buffer): string {
  const end = bytes.indexOf('\r\n\r\n')
  return bytes.subarray(0, end < 0 ? Math.min(bytes.length, 65_536) : end).toString('latin1')
}

function fieldOf(header: string, name: string): string | undefined {
  return new RegExp(`^${name}:[ \\t]*((?:.*)(?:\\r?\\n[ \\t].*)*)`, 'im').exec(header)?.[1]
}

function answerTo(letter: ArrivedLetter, header: string): Outgoing {
  const subject = fieldOf(header, 'Subject') ?? ''
  const original = fieldOf(header, 'Message-ID')
  const text = [
    `From: Aki Tanaka <${letter.recipient}>`,
    `To: ${letter.reversePath}`,
    `Subject: ${/^re:/i.test(subject) ? subject : `Re: ${subject}`}`,
    `Date: ${new Date().toUTCString().replace('GMT', '+0000')}`,
    `Message-ID: <${randomUUID()}@internet.test>`,
    ...(original ? [`In-Reply-To: ${original}`, `References: ${original}`] : []),
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=UTF-8',
    'Content-Transfer-Encoding: 8bit',
    '',
    'Thank you for your letter. It took the road you see on the map:',
    'home, upstream, my server, and this answer came back through the gateway.',
    '',
    'お手紙ありがとうございます。この返事はゲートウェイを通って届きました。',
    '',
    'Aki',
    '',
  ].join('\r\n')
  return { reversePath: letter.recipient, text, signed: true }
}

/** Nothing of it is the bank's or the shop's: the first is refused at the gateway, the second ends in Junk. */
function forgedLetters(letter: ArrivedLetter): Outgoing[] {
  const as = (from: string, subject: string, text: string): Outgoing => ({
    reversePath: letter.recipient,
    signed: false,
    text: [
      `From: ${from}`,
      `To: ${letter.reversePath}`,
      `Subject: ${subject}`,
      `Date: ${new Date().toUTCString().replace('GMT', '+0000')}`,
      `Message-ID: <${randomUUID()}@internet.test>`,
      '',
      text,
      '',
    ].join('\r\n'),
  })
  return [
    as('The Bank <security@bank.example>', 'Your account is locked', 'Send us your password.'),
    as('The Shop <news@shop.example>', 'You have won', 'A prize. Pay the postage first.'),
  ]
}
