// Dialogues as text, each on a fresh server with one user without scripts; the user's language is English until `@language ja`.
// `*.tls.txt`: no login without TLS.
import { globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import test from 'node:test'
import { runTranscript } from '../support/transcript.ts'
import type { Language } from '#base/text.ts'
import { withManageSieve } from '#protocols/managesieve/managesieve.testbed.ts'

for (const file of globSync('src/protocols/managesieve/transcripts/*.txt').sort())
  test(basename(file), async () => {
    let language: Language = 'en'
    await withManageSieve(
      async bed => {
        await runTranscript(readFileSync(file, 'utf8'), {
          connect: () => bed.connect(),
          startTls: bed.startTls,
          async prepare([what, value]) {
            if (what !== 'language' || (value !== 'en' && value !== 'ja'))
              throw new Error(`Nothing is known of @${what}`)
            language = value
          },
        })
      },
      { allowPlaintextLogin: !file.endsWith('.tls.txt'), languageOf: async () => language },
    )
  })
