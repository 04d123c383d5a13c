import { readFile } from 'node:fs/promises'
import { say } from '#base/text.ts'
import type { User } from '#mail/directory.ts'
import { pauseReasons } from '#mail/sending/notice.ts'
import type { Pause } from '#mail/sending/watch.ts'
import type { ImportedLine } from '#roles/admin-import.ts'
import { administer, firstLine, newPassword, printAnswer, withAdmin } from './administer.ts'
import { appPassword } from './app-password.ts'
import { type Call, type Command, textOption } from './command.ts'
import { done } from './domain.ts'
import { plain, printTable } from './table.ts'
import { CouldNotRun, type ExitCode, exitCodes, type Terminal } from './terminal.ts'

const address = { name: 'address', text: { en: 'the user’s full address', ja: '利用者のアドレス(@を含む)' } }
const passwordStdin = {
  flags: '--password-stdin',
  text: { en: 'read the password from standard input', ja: 'パスワードを標準入力から読む' },
}

export const user: Command = {
  name: 'user',
  text: { en: 'the people with mailboxes', ja: 'メールボックスを持つ人' },
  subcommands: [
    {
      name: 'add',
      text: { en: 'add a user', ja: '利用者を加える' },
      arguments: [address],
      options: [
        passwordStdin,
        { flags: '--name <name>', text: { en: 'full name', ja: '名前' } },
        {
          flags: '--user-language <en|ja>',
          text: { en: 'language of texts to this user', ja: 'この人への文章の言語' },
        },
      ],
      run: addUser,
    },
    {
      name: 'passwd',
      text: { en: 'set a new password', ja: 'パスワードを変える' },
      arguments: [address],
      options: [passwordStdin],
      run: async call =>
        administer(call, 'user.passwd', { address: call.args[0], password: await newPassword(call) }, done(call)),
    },
    {
      name: 'pause',
      text: {
        en: 'hold what the user sends; it is taken in and kept',
        ja: '利用者の送信を一時停止する(メールは受け付けて留め置く)',
      },
      arguments: [address],
      run: call => administer(call, 'user.pause', { address: call.args[0] }, done(call)),
    },
    {
      name: 'resume',
      text: { en: 'send what was held, and go on', ja: '留め置いた分を送り、送信を再開する' },
      arguments: [address],
      run: call =>
        administer<{ released: number }>(call, 'user.resume', { address: call.args[0] }, ({ released }, terminal) =>
          terminal.out(`${say({ en: `sending ${released}`, ja: `${released} 通を送ります` }, terminal.language)}\n`),
        ),
    },
    {
      name: 'paused',
      text: { en: 'list whose sending is paused, and why', ja: '送信が一時停止中の利用者と理由の一覧' },
      run: call => administer<readonly Pause[]>(call, 'user.paused', {}, printPauses),
    },
    {
      name: 'import',
      text: { en: 'take users over, with their password hashes', ja: '利用者をパスワードのハッシュごと取り込む' },
      options: [
        {
          flags: '--passwd-file <file>',
          text: { en: 'a passwd-file in Dovecot’s format', ja: 'Dovecot形式のpasswd-file' },
        },
        {
          flags: '--add-domains',
          text: { en: 'also take in domains that are not ours yet', ja: '未登録のドメインも加える' },
        },
        {
          flags: '--domain <domain>',
          text: { en: 'for names without a domain', ja: 'ドメインのない名前に付けるドメイン' },
        },
        {
          flags: '--replace-passwords',
          text: {
            en: 'users who exist get the password of the file',
            ja: 'すでにいる利用者のパスワードをファイルのものに置き換える',
          },
        },
        {
          flags: '--without-password',
          text: { en: 'also make users without a password', ja: 'パスワードのない利用者も作る' },
        },
        { flags: '--dry-run', text: { en: 'only say what would happen', ja: '何が起きるかを示すだけ' } },
      ],
      run: importUsers,
    },
    {
      name: 'ls',
      text: { en: 'list them', ja: '一覧' },
      run: call => administer<readonly User[]>(call, 'user.ls', {}, printUsers),
    },
    onUser('enable', 'let the user log in again', 'ログインを再び許す'),
    onUser('disable', 'end sessions and refuse logins and mail', '接続を切り、ログインと受信を断る'),
    onUser('rm', 'remove the user; the mail stays on disk', '利用者を除く(メールはディスクに残る)'),
    {
      name: 'admin',
      text: {
        en: 'whether this user may set the quotas of others (by IMAP, SETQUOTA)',
        ja: 'この人がほかの人の容量制限を変えられるか(IMAPのSETQUOTA)',
      },
      arguments: [address, { name: 'on|off', text: { en: 'on or off', ja: 'on または off' } }],
      run: setAdministrator,
    },
    {
      name: 'pop3',
      text: {
        en: 'choose the mailbox that POP3 shows to this user; without --mailbox, what the configuration says',
        ja: 'この人のPOP3で見せるメールボックスを選ぶ(--mailbox が無ければ設定ファイルのとおり)',
      },
      arguments: [address],
      options: [
        {
          flags: '--mailbox <name>',
          text: { en: 'its full name, such as Work/Reports', ja: '「仕事/報告」のような完全な名前' },
        },
      ],
      run: call =>
        administer(
          call,
          'user.pop3',
          { address: call.args[0], mailbox: textOption(call, 'mailbox') ?? null },
          done(call),
        ),
    },
    appPassword,
    {
      name: 'second-factor-off',
      text: {
        en: 'take the second factor away, from somebody who has lost it',
        ja: '二段階認証を解除する(機器をなくした人のため)',
      },
      arguments: [address],
      run: call => administer(call, 'user.second-factor.remove', { address: call.args[0] }, done(call)),
    },
    {
      name: 'ticket',
      text: {
        en: 'a link that opens the webmail signed in, once, within ten minutes',
        ja: 'ログイン済みでWebメールを開くリンクを作る(1回だけ、10分以内)',
      },
      arguments: [address],
      run: call =>
        administer<{ url: string }>(call, 'user.ticket', { address: call.args[0] }, ({ url }, terminal) =>
          terminal.out(`${url}\n`),
        ),
    },
    {
      name: 'test',
      text: { en: 'say whether a password is right', ja: 'パスワードが正しいか確かめる' },
      arguments: [address],
      options: [passwordStdin],
      run: testUser,
    },
  ],
}

function onUser(name: string, en: string, ja: string): Command {
  return {
    name,
    text: { en, ja },
    arguments: [address],
    run: call => administer(call, `user.${name}`, { address: call.args[0] }, done(call)),
  }
}

async function setAdministrator(call: Call): Promise<ExitCode> {
  const [address, word] = call.args
  if (word !== 'on' && word !== 'off')
    throw new CouldNotRun({ en: 'say on or off', ja: 'on か off を指定してください' })
  return administer(call, 'user.admin', { address, on: word === 'on' }, done(call))
}

async function addUser(call: Call): Promise<ExitCode> {
  const name = textOption(call, 'name')
  const language = textOption(call, 'userLanguage')
  const password = await newPassword(call)
  const input = {
    address: call.args[0],
    password,
    ...(name !== undefined && { name }),
    ...(language !== undefined && { language }),
  }
  return administer<User>(call, 'user.add', input, (added, terminal) =>
    terminal.out(`${say({ en: `added ${added.address}`, ja: `${added.address} を加えました` }, terminal.language)}\n`),
  )
}

async function testUser(call: Call): Promise<ExitCode> {
  const { terminal } = call
  const password =
    call.options['passwordStdin'] === true
      ? firstLine(await terminal.input(64 * 1024))
      : await terminal.ask(say({ en: 'Password: ', ja: 'パスワード: ' }, terminal.language), { secret: true })
  return administer<{ scheme?: string }>(call, 'user.test', { address: call.args[0], password }, result =>
    terminal.out(
      `${say({ en: `the password is right (${result.scheme})`, ja: `パスワードは正しいです(${result.scheme})` }, terminal.language)}\n`,
    ),
  )
}

async function importUsers(call: Call): Promise<ExitCode> {
  const file = textOption(call, 'passwdFile')
  if (file === undefined)
    throw new CouldNotRun({ en: 'name the file with --passwd-file', ja: '--passwd-file でファイルを指定してください' })
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CouldNotRun({ en: `${file} cannot be read: ${reason}`, ja: `${file} を読めません: ${reason}` })
  })
  const isSet = (option: string) => call.options[option] === true
  const domain = textOption(call, 'domain')
  const input = {
    text,
    dryRun: isSet('dryRun'),
    addDomains: isSet('addDomains'),
    replacePasswords: isSet('replacePasswords'),
    withoutPassword: isSet('withoutPassword'),
    ...(domain !== undefined && { domain }),
  }
  return withAdmin(call, async client => {
    const answer = await client.call('user.import', input)
    const code = printAnswer<readonly ImportedLine[]>(call, answer, printImport)
    const lines = 'result' in answer ? (answer.result as readonly ImportedLine[]) : []
    return lines.some(line => line.outcome === 'problem') ? exitCodes.refused : code
  })
}

function printImport(lines: readonly ImportedLine[], terminal: Terminal): void {
  for (const line of lines) {
    const why = line.text ? `: ${say(line.text, terminal.language)}` : ''
    const who = line.address === '' ? '' : `${plain(line.address)} `
    terminal.out(`${line.line}: ${who}${line.outcome}${plain(why)}\n`)
  }
  const count = (...outcomes: ImportedLine['outcome'][]) => lines.filter(line => outcomes.includes(line.outcome)).length
  const [added, replaced] = [count('added', 'would-add'), count('replaced', 'would-replace')]
  const [exists, problems] = [count('exists'), count('problem')]
  const text = {
    en: `${added} added, ${replaced} with a new password, ${exists} already there, ${problems} problems`,
    ja: `追加 ${added}、パスワード更新 ${replaced}、既存 ${exists}、問題 ${problems}`,
  }
  terminal.out(`${say(text, terminal.language)}\n`)
}

function printUsers(users: readonly User[], terminal: Terminal): void {
  const title = (en: string, ja: string) => say({ en, ja }, terminal.language)
  const yes = title('yes', '有効')
  const no = title('no', '無効')
  terminal.out(
    printTable(
      users,
      [
        { title: title('address', 'アドレス'), cell: row => row.address },
        { title: title('name', '名前'), cell: row => row.name },
        { title: title('enabled', '状態'), cell: row => (row.enabled ? yes : no) },
        { title: title('administrator', '管理者'), cell: row => (row.administrator ? title('yes', 'はい') : '-') },
        { title: title('password', 'パスワード'), cell: row => row.passwordScheme ?? '-' },
      ],
      terminal,
    ),
  )
}

function printPauses(pauses: readonly Pause[], terminal: Terminal): void {
  const title = (en: string, ja: string) => say({ en, ja }, terminal.language)
  terminal.out(
    printTable(
      pauses,
      [
        { title: title('user', '利用者'), cell: row => row.address },
        { title: title('since', '開始'), cell: row => new Date(row.since).toISOString().slice(0, 16) },
        { title: title('why', '理由'), cell: row => say(pauseReasons[row.reason], terminal.language) },
      ],
      terminal,
    ),
  )
}
