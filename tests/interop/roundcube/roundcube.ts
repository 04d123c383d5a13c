/** Debian's Roundcube, behind its Nginx and PHP, in front of a home of ours. All it writes lies below one folder. */
import { type ChildProcess, spawn } from 'node:child_process'
import { globSync, mkdirSync, openSync, closeSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { answers, eventually, fill, freePort } from '../../support/peers.ts'

export type Roundcube = {
  readonly origin: string
  /** What it has spoken, and what PHP complained of: `imap`, `smtp`, `sieve`, `errors`, `php`; empty where there is none */
  log(name: string): string
}

type Servers = {
  /** PEM of the authority that it verifies by */
  readonly ca: string
  readonly imaps: number
  readonly submission: number
  readonly managesieve: number
}

/** Ends with the scope. Below `parent`. */
export async function startRoundcube(
  scope: AsyncDisposableStack,
  parent: string,
  servers: Servers,
): Promise<Roundcube> {
  const folder = join(parent, 'roundcube')
  for (const name of ['config', 'logs', 'temp']) mkdirSync(join(folder, name), { recursive: true })
  const port = await freePort()
  const user = process.getuid?.() === 0 ? 'user = root\ngroup = root' : ''
  const values = { ...servers, folder, port, user }
  const write = (from: string, to: string) =>
    writeFileSync(join(folder, to), fill(new URL(from, import.meta.url), values), { mode: 0o600 })
  write('config.inc.php', 'config/config.inc.php')
  write('php-fpm.conf', 'php-fpm.conf')
  write('nginx.conf', 'nginx.conf')
  for (const name of ['defaults.inc.php', 'mimetypes.php'])
    symlinkSync(join('/etc/roundcube', name), join(folder, 'config', name))
  const [fpm = ''] = globSync('/usr/sbin/php-fpm[0-9]*')
  const output = openSync(join(folder, 'logs', 'processes.log'), 'a')
  const start = (command: string, ...args: readonly string[]) =>
    endWith(scope, spawn(command, args, { stdio: ['ignore', output, output], cwd: folder }))
  start(fpm, '--nodaemonize', '--allow-to-run-as-root', '--fpm-config', join(folder, 'php-fpm.conf'))
  start('/usr/sbin/nginx', '-c', join(folder, 'nginx.conf'), '-p', folder)
  closeSync(output)
  await eventually('Roundcube answers', () => answers(port))
  return { origin: `http://localhost:${port}`, log: name => textOf(join(folder, 'logs', `${name}.log`)) }
}

/** SIGTERM takes the workers of php-fpm along. */
function endWith(scope: AsyncDisposableStack, child: ChildProcess): void {
  const end = () => child.kill('SIGTERM')
  process.once('exit', end)
  scope.defer(async () => {
    process.off('exit', end)
    if (child.exitCode !== null || child.signalCode !== null) return
    const closed = new Promise(resolve => child.once('close', resolve))
    end()
    await closed
  })
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
