/** Pigeonhole's `sieve-test`: a script and a letter in, what it would do out. */
import { execFile } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export type Verdict = {
  /** As summary lines of both sides are written: `store INBOX \seen`, `redirect x@example.net` … */
  readonly actions: readonly string[]
  readonly failed: boolean
  readonly output: string
}

/** Not root's: Dovecot runs no script as root. */
const nobody = 65_534

export function prepare(folder: string): void {
  for (const name of ['mail', 'home']) {
    mkdirSync(join(folder, name))
    chmodSync(join(folder, name), 0o777)
  }
  chmodSync(folder, 0o777)
  const ownId = process.getuid?.() ?? nobody
  const id = ownId === 0 ? nobody : ownId
  const lines = [
    'plugin {',
    '  sieve_extensions = +editheader +vacation-seconds +mboxmetadata +servermetadata +special-use',
    '  sieve_user_email = hanako@home.test',
    '  recipient_delimiter = +',
    '}',
    `mail_location = maildir:${folder}/mail`,
    'postmaster_address = postmaster@home.test',
    'hostname = mail.home.test',
    `mail_uid = ${id}`,
    `mail_gid = ${id}`,
    'first_valid_uid = 1',
    'log_path = /dev/stderr',
    '',
  ]
  writeFileSync(join(folder, 'dovecot.conf'), lines.join('\n'))
}

/** `script`: several run one after the other, as sieve_before, the owner's and sieve_after do. */
export async function sieveTest(
  folder: string,
  name: string,
  script: string | readonly string[],
  letter: string | Uint8Array,
): Promise<Verdict> {
  const scripts = [script].flat().map((text, index) => {
    const file = `${name}-${index}.sieve`
    writeFileSync(join(folder, file), text)
    // with -s it finds none by a whole path
    return file
  })
  const file = join(folder, `${name}.eml`)
  writeFileSync(file, letter)
  const addresses = ['-a', 'hanako@home.test', '-r', 'hanako@home.test', '-f', 'taro@example.org']
  const before = scripts.slice(0, -1).flatMap(one => ['-s', one])
  const args = ['-c', join(folder, 'dovecot.conf'), '-C', ...addresses, ...before, scripts.at(-1) ?? '', file]
  return new Promise(resolve => {
    const env = { ...process.env, HOME: join(folder, 'home'), TZ: 'Asia/Tokyo' }
    execFile('sieve-test', args, { cwd: folder, env, timeout: 20_000 }, (error, stdout, stderr) => {
      resolve({ actions: error ? [] : readActions(stdout), failed: error !== null, output: `${stdout}${stderr}` })
    })
  })
}

/** Of several scripts: what each did, and of `keep` only the last one's */
export function readSequence(output: string): string[] {
  const parts = output.split(/^## Executing script: .*$/m).slice(1)
  return parts
    .flatMap((part, index) =>
      readActions(part).filter(line => index === parts.length - 1 || !line.startsWith('unknown: keep')),
    )
    .map(line => line.replace(/^unknown: keep/, 'store INBOX'))
    .toSorted()
}

/** Lines of ` * action` with what belongs to them below; the implicit keep, where there is one, stands in its own section. */
export function readActions(output: string): string[] {
  const actions: string[] = []
  for (const block of output.split(/^ \* /m).slice(1)) {
    const [first = '', ...more] = block.split('\n')
    const flags = more.flatMap(line => /add IMAP flags: (.*)$/.exec(line)?.[1]?.split(' ') ?? [])
    const recipients = more.flatMap(line => /\+ (?:To|Cc|Bcc): (\S+)/.exec(line)?.[1] ?? [])
    const create = block.includes('create mailbox if it does not exist') ? [' create'] : []
    const action = actionOf(first.trim(), recipients)
    if (/^(?:store|unknown: keep)/.test(action))
      actions.push([`${action}${create.join('')}`, ...flags.map(flag => flag.toLowerCase()).toSorted()].join(' '))
    else if (action !== '') actions.push(action)
  }
  return actions.toSorted()
}

function actionOf(line: string, recipients: readonly string[]): string {
  const [, folder] = /^store message in folder: (.*)$/.exec(line) ?? []
  if (folder !== undefined) return `store ${folder}`
  const [, address] = /^redirect message to: <(.*)>$/.exec(line) ?? []
  if (address !== undefined) return `redirect ${address.toLowerCase()}`
  if (line.startsWith('reject message')) return 'reject'
  if (line.startsWith('ereject message')) return 'ereject'
  if (line.startsWith('send vacation message')) return 'vacation'
  if (line.startsWith('send notification')) return `notify ${recipients.join(' ')}`
  if (line.startsWith('discard')) return ''
  if (line === 'track duplicate') return ''
  return `unknown: ${line}`
}
