// Dialogues as text, each on a fresh server with two letters of 120 and 200 octets. `*.tls.txt`: no login without TLS.
import { globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import test from 'node:test'
import { runTranscript } from '../support/transcript.ts'
import { letterOf, withPop3 } from '#protocols/pop3/pop3.testbed.ts'

for (const file of globSync('src/protocols/pop3/transcripts/*.txt').sort())
  test(basename(file), () =>
    withPop3(
      async bed => {
        await bed.deliver(letterOf(120))
        await bed.deliver(letterOf(200))
        await runTranscript(readFileSync(file, 'utf8'), { connect: () => bed.connect(), startTls: bed.startTls })
      },
      { allowPlaintextLogin: !file.endsWith('.tls.txt') },
    ),
  )
