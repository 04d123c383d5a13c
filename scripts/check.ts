// `npm run check`: format, lint, types, layers and unit tests, two at a time; prints one line per step and a last line with the total.
import { spawn } from 'node:child_process'
import { globSync } from 'node:fs'
import { shareCompiledCode } from './compile-cache.ts'

shareCompiledCode()

type Step = { readonly name: string; readonly command: readonly string[] }
type Outcome = { readonly step: Step; readonly code: number; readonly output: string; readonly seconds: number }

/** Real stores, processes and fuzzing by the second: `npm test` runs them, this has 45 s for everything. */
const slow = new Set([
  'src/cli/command-line.test.ts',
  'src/formats/search/search.test.ts',
  'src/mail/account-append-later.test.ts',
  'src/mail/account-append.test.ts',
  'src/mail/account-creations.test.ts',
  'src/mail/account-deliver.test.ts',
  'src/mail/account-doomed.test.ts',
  'src/mail/account-durability.test.ts',
  'src/mail/account-journal-faults.test.ts',
  'src/mail/account-journal.test.ts',
  'src/mail/account-mailboxes.test.ts',
  'src/mail/account-metadata.test.ts',
  'src/mail/account-parts.test.ts',
  'src/mail/auth-authenticator.test.ts',
  'src/mail/authenticity/hostile.test.ts',
  'src/mail/checks/sender-memory.test.ts',
  'src/mail/image/image.test.ts',
  'src/mail/deliver-filing.test.ts',
  'src/mail/deliver-redirects.test.ts',
  'src/mail/deliver-refusals.test.ts',
  'src/mail/content/examiner.test.ts',
  'src/mail/content/judge.test.ts',
  'src/mail/content/learning.test.ts',
  'src/mail/content/scanner-gate.test.ts',
  'src/mail/deliver.test.ts',
  'src/mail/imap-events/killed.test.ts',
  'src/mail/imap-events/run.test.ts',
  'src/mail/outbox.test.ts',
  'src/mail/passwords/passwords.test.ts',
  'src/mail/queue/crash.test.ts',
  'src/mail/queue/full-disk.test.ts',
  'src/mail/queue/release.test.ts',
  'src/mail/queue/scale.test.ts',
  'src/store/search/document-reader.test.ts',
  'src/protocols/smtp/broken-peer.test.ts',
  'src/protocols/smtp/mx-security.test.ts',
  'src/protocols/smtp/relay.test.ts',
  'src/mail/receive-authenticity.test.ts',
  'src/mail/receive-exactly-once.test.ts',
  'src/mail/receive-storm.test.ts',
  'src/mail/receive-visitors.test.ts',
  'src/mail/receive.test.ts',
  'src/mail/refused.test.ts',
  'src/mail/search-documents.test.ts',
  'src/mail/search-index.test.ts',
  'src/mail/submit.test.ts',
  'src/net/proxied-listener.test.ts',
  'src/protocols/http/status-site.test.ts',
  'src/protocols/jmap/blob/blobs.test.ts',
  'src/protocols/jmap/email/email-get.test.ts',
  'src/protocols/jmap/email/large-emails.test.ts',
  'src/protocols/jmap/push/event-source.test.ts',
  'src/protocols/jmap/letters/letters.test.ts',
  'src/protocols/jmap/site.test.ts',
  'src/protocols/jmap/submission/submission.test.ts',
  'src/protocols/jmap/vacation/vacation.test.ts',
  'src/protocols/jmap/sync.test.ts',
  'src/protocols/jmap/web-push/web-push.test.ts',
  'src/protocols/jmap/web-socket/web-socket.test.ts',
  'src/protocols/imap/client/client.test.ts',
  'src/protocols/imap/client/wire.test.ts',
  'src/protocols/imap/commands/compress.test.ts',
  'src/protocols/imap/fetch/binary.test.ts',
  'src/protocols/imap/notify/notify.test.ts',
  'src/protocols/imap/progress.test.ts',
  'src/protocols/imap/search/context.test.ts',
  'src/formats/message/hostile.test.ts',
  'src/protocols/imap/fetch/many-messages.test.ts',
  'src/protocols/imap/fetch/slow-reader.test.ts',
  'src/protocols/imap/order/threads-model.test.ts',
  'src/mail/access/access.test.ts',
  'src/protocols/app-password-needed.test.ts',
  'src/protocols/http/passkeys-site.test.ts',
  'src/protocols/http/second-factor-site.test.ts',
  'src/protocols/http/secrets-site.test.ts',
  'src/protocols/http/session-site.test.ts',
  'src/protocols/jmap/sieve/sieve-script.test.ts',
  'src/store/account/bulk.test.ts',
  'src/protocols/pop3/server.test.ts',
  'src/mail/mailbox-view.test.ts',
  'src/protocols/imap/server.test.ts',
  'src/mail/sieve/rules.test.ts',
  'src/mail/queue/open-queue.test.ts',
  'src/net/tls/tls.test.ts',
  'src/protocols/imap/search/search.test.ts',
  'src/mail/account-previews.test.ts',
  'src/protocols/imap/bulk.test.ts',
  'src/protocols/smtp/server.test.ts',
  'src/protocols/imap/resync.test.ts',
  'src/protocols/imap/order/known-letters.test.ts',
  'src/protocols/imap/receive.test.ts',
  'src/protocols/imap/scram.test.ts',
  'src/protocols/imap/new-messages.test.ts',
  'src/protocols/jmap/email/extension.test.ts',
  'src/mail/checks/sender-memory-killed.test.ts',
  'src/protocols/imap/search/fuzzy.test.ts',
  'src/protocols/imap/commands/unauthenticate.test.ts',
  'src/store/account/jmap-objects.test.ts',
  'src/mail/signing/dkim-keys.test.ts',
  'src/protocols/imap/starttls.test.ts',
  'src/mail/sending/watch.test.ts',
])
const quick = globSync('{src,web}/**/*.test.ts').filter(file => !slow.has(file))
/** These share nothing but the processor: one process for all of them saves each its start. */
const isPure = (file: string) => /^(?:src|web)\/(?:base|config|formats|mail\/model)\/|\/syntax\//.test(file)

const steps: Step[] = [
  { name: 'format', command: ['biome', 'format', '.'] },
  { name: 'lint', command: ['oxlint', '--type-aware', '--quiet'] },
  { name: 'types', command: ['tsc', '-p', '.'] },
  { name: 'types of the webmail', command: ['tsc', '-p', 'web'] },
  { name: 'rfc index', command: ['node', 'rfc/check.ts'] },
  {
    name: 'unit tests',
    // by itself Node runs one file at a time on two cores, and most of them wait half of their time
    command: [
      'node',
      '--test',
      '--test-concurrency=3',
      '--test-reporter=dot',
      'tests/layers.test.ts',
      ...quick.filter(file => !isPure(file)),
    ],
  },
  {
    name: 'unit tests of pure functions',
    command: ['node', '--test', '--test-isolation=none', '--test-reporter=dot', ...quick.filter(isPure)],
  },
]

if (process.argv.includes('--no-tests')) steps.splice(-2)

const started = performance.now()
const queue = [...steps]
const outcomes: Outcome[] = []
await Promise.all([drain(), drain()])
const failed = outcomes.filter(outcome => outcome.code !== 0)
for (const outcome of failed) process.stdout.write(`\n--- ${outcome.step.name}\n${outcome.output}\n`)
const seconds = ((performance.now() - started) / 1000).toFixed(1)
process.stdout.write(`check: ${steps.length - failed.length} of ${steps.length} steps passed in ${seconds} s\n`)
process.exitCode = failed.length === 0 ? 0 : 1

async function drain(): Promise<void> {
  for (let step = queue.shift(); step; step = queue.shift()) {
    const outcome = await run(step)
    outcomes.push(outcome)
    process.stdout.write(`${outcome.code === 0 ? '✓' : '✗'} ${step.name} (${outcome.seconds.toFixed(1)} s)\n`)
  }
}

function run(step: Step): Promise<Outcome> {
  const begun = performance.now()
  const [command = '', ...args] = step.command
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
  return new Promise(resolve => {
    const settle = (code: number) => resolve({ step, code, output, seconds: (performance.now() - begun) / 1000 })
    child.on('error', error => {
      output += String(error)
      settle(2)
    })
    child.on('close', code => settle(code ?? 2))
  })
}
