// The dialogues in src/protocols/smtp/transcripts/, each against its profile (the part of the name before .txt). In those whose name
// begins with xclient the peer may name another client.
import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import test from 'node:test'
import type { SmtpProfile } from '#mail/receiving.ts'
import { smtpBench } from '../../src/protocols/smtp/smtp.testbed.ts'
import { runTranscript } from '../support/transcript.ts'

for (const file of globSync(path.join(import.meta.dirname, '../../src/protocols/smtp/transcripts/*.txt'))) {
  const name = path.basename(file)
  test(name, { timeout: 30_000 }, async () => {
    const profile = name.split('.')[1] as SmtpProfile
    const isTrustedProxy = (address: string) => name.startsWith('xclient') && address === '192.0.2.1'
    await using bench = await smtpBench(profile, { isTrustedProxy })
    await runTranscript(readFileSync(file, 'utf8'), {
      connect: () => bench.session().client,
      startTls: plain => bench.startTls(plain),
    })
  })
}
