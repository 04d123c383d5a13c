// Requests and responses as text, each file on a fresh server with one user.
import { globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import test from 'node:test'
import { withJmap } from '#protocols/jmap/jmap.testbed.ts'
import { runJmapTranscript } from '../support/jmap-transcript.ts'

for (const file of globSync('src/protocols/jmap/transcripts/*.txt').sort())
  test(basename(file), async () => {
    await withJmap(async bed => {
      await runJmapTranscript(readFileSync(file, 'utf8'), {
        using: Object.keys((await bed.session()).capabilities),
        variables: { accountId: bed.accountId },
        async post(body) {
          const headers = { 'content-type': 'application/json' }
          const { status, bytes } = await bed.ask({ method: 'POST', path: '/jmap/api', headers, body })
          return { status, text: bytes.toString() }
        },
      })
    })
  })
