/** Some people on the pretend internet write back by themselves: Aki answers in two seconds. RFC 3834 in small. */
import { randomUUID } from 'node:crypto'
import { utf8 } from '#base/bytes.ts'
import { memorySource } from '#formats/message-source.ts'
import type { Transport } from '#mail/transport.ts'
import type { ArrivedLetter } from './mail-host.ts'
import { localpartOf } from './mail-host.ts'
import { mannerOf } from './people.ts'

const answerAfterMs = 2_000
/** A stranger's server retries; this one gives up with the demo. */
const attempts = 30
const retryAfterMs = 2_000

export function createCorrespondent(options: {
  send: Transport
  signal: AbortSignal
}): (letter: ArrivedLetter) => void {
  return letter => {
    if (letter.reversePath === '' || !mannerOf(localpartOf(letter.recipient)).answers) return
    const header = headerOf(letter.bytes)
    if (/^auto-submitted:\s*auto/im.test(header)) return
    setTimeout(() => void answer(letter, header), answerAfterMs).unref()
  }

  async function answer(letter: ArrivedLetter, header: string): Promise<void> {
    const message = memorySource(utf8(answerText(letter, header)))
    const envelope = {
      reversePath: letter.recipient,
      recipients: [{ address: letter.reversePath }],
      body: '8BITMIME' as const,
      smtpUtf8: false,
    }
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

function answerText(letter: ArrivedLetter, header: string): string {
  const subject = fieldOf(header, 'Subject') ?? ''
  const original = fieldOf(header, 'Message-ID')
  return [
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
}
