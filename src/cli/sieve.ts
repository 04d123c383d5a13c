import { readFile } from 'node:fs/promises'
import { say, type Text } from '#base/text.ts'
import { checkScript } from '#formats/sieve/check.ts'
import { maxScriptBytesEver } from '#formats/sieve/limits.ts'
import type { Trial } from '#mail/sieve/trial.ts'
import type { GlobalFile, ListedScript, ShownScript } from '#roles/admin-sieve.ts'
import { administer, printJson } from './administer.ts'
import { type Call, type Command, textOption } from './command.ts'
import { printTable } from './table.ts'
import { CouldNotRun, type ExitCode, exitCodes, type Terminal } from './terminal.ts'

const address = { name: 'address', text: { en: 'a user', ja: '利用者のアドレス' } }
const name = { name: 'name', text: { en: 'the script’s name', ja: 'スクリプトの名前' } }
const file = {
  name: 'file',
  text: { en: 'a file with a script; - is standard input', ja: 'スクリプトのファイル。- は標準入力' },
}

export const sieve: Command = {
  name: 'sieve',
  text: { en: 'the mail filters of users (Sieve scripts)', ja: '利用者のメール振り分け(Sieveスクリプト)' },
  subcommands: [
    {
      name: 'ls',
      text: { en: 'list a user’s scripts', ja: '利用者のスクリプトの一覧' },
      arguments: [address],
      run: call => administer<readonly ListedScript[]>(call, 'sieve.list', { address: call.args[0] }, printScripts),
    },
    {
      name: 'show',
      text: { en: 'print a script; the active one unless named', ja: 'スクリプトを表示する。名前を省くと有効なもの' },
      arguments: [address, { ...name, optional: true }],
      run: call => {
        const [of, named] = call.args
        const input = { address: of, ...(named !== undefined && { name: named }) }
        return administer<ShownScript>(call, 'sieve.show', input, ({ text }, terminal) => terminal.out(text))
      },
    },
    {
      name: 'put',
      text: {
        en: 'keep a script under a name, after it was checked; one of that name is replaced',
        ja: 'スクリプトを確かめてから保存する。同じ名前のものは置き換える',
      },
      arguments: [address, name, file],
      run: async call => {
        const [of, named, from = '-'] = call.args
        const input = { address: of, name: named, text: await textIn(from, call) }
        return administer(call, 'sieve.put', input, saying({ en: `kept ${named}`, ja: `${named} を保存しました` }))
      },
    },
    {
      name: 'check',
      text: {
        en: 'look for mistakes in a script, without an installation; each with line:column',
        ja: 'スクリプトの誤りを探す(設置前でも可)。行:文字 の位置つきで示す',
      },
      arguments: [file],
      run: check,
    },
    {
      name: 'global',
      text: {
        en: 'list the administrator’s scripts and lists, and what is wrong with them',
        ja: '管理者のスクリプトとリストの一覧と、その誤り',
      },
      run: call => administer<readonly GlobalFile[]>(call, 'sieve.global', {}, printFiles),
    },
    {
      name: 'test',
      text: {
        en: 'say what the scripts would do with a letter for a user, and do nothing',
        ja: '利用者宛のメールにスクリプトが何をするかを示す(実際には何もしない)',
      },
      arguments: [
        address,
        {
          name: 'letter',
          text: { en: 'a file with the letter; - is standard input', ja: 'メールのファイル。- は標準入力' },
        },
      ],
      options: [
        { flags: '--from <address>', text: { en: 'the sender in the envelope', ja: 'エンベロープの差出人' } },
        {
          flags: '--script <file>',
          text: { en: 'a script in place of the active one', ja: '有効なものの代わりに使うスクリプト' },
        },
      ],
      run: tryLetter,
    },
    {
      name: 'activate',
      text: { en: 'let a script run for new mail, in place of any other', ja: '新しいメールに使うスクリプトを選ぶ' },
      arguments: [address, name],
      run: call => {
        const [of, named] = call.args
        const told = { en: `${named} is active`, ja: `${named} を有効にしました` }
        return administer(call, 'sieve.activate', { address: of, name: named }, saying(told))
      },
    },
    {
      name: 'deactivate',
      text: { en: 'let no script run: all mail to the inbox', ja: 'スクリプトを使わず、すべて受信箱に入れる' },
      arguments: [address],
      run: call =>
        administer(
          call,
          'sieve.activate',
          { address: call.args[0] },
          saying({ en: 'no script is active', ja: 'スクリプトを無効にしました' }),
        ),
    },
    {
      name: 'rm',
      text: { en: 'remove a script that is not active', ja: '有効でないスクリプトを消す' },
      arguments: [address, name],
      run: call => {
        const [of, named] = call.args
        const told = { en: `removed ${named}`, ja: `${named} を消しました` }
        return administer(call, 'sieve.rm', { address: of, name: named }, saying(told))
      },
    },
  ],
}

const saying = (text: Text) => (_: unknown, terminal: Terminal) => terminal.out(`${say(text, terminal.language)}\n`)

async function textIn(from: string, { terminal }: Call): Promise<string> {
  if (from === '-') return terminal.input(maxScriptBytesEver)
  try {
    return await readFile(from, 'utf8')
  } catch {
    throw new CouldNotRun({ en: `${from} cannot be read`, ja: `${from} を読めません` })
  }
}

async function check(call: Call): Promise<ExitCode> {
  const [from = '-'] = call.args
  const { json, terminal } = call
  const problems = checkScript(await textIn(from, call), { maxScriptBytes: maxScriptBytesEver })
  if (json) printJson(terminal, { problems })
  else if (problems.length === 0)
    terminal.out(`${say({ en: 'no mistakes', ja: '誤りはありません' }, terminal.language)}\n`)
  else
    for (const { column, line, text } of problems)
      terminal.err(`${from}:${line}:${column}: ${say(text, terminal.language)}\n`)
  return problems.length > 0 ? exitCodes.refused : exitCodes.well
}

async function tryLetter(call: Call): Promise<ExitCode> {
  const [of, letter = '-'] = call.args
  const file = textOption(call, 'script')
  const message = Buffer.from((await textIn(letter, call)).replaceAll(/\r?\n/g, '\r\n')).toString('base64')
  const input = {
    address: of,
    message,
    from: textOption(call, 'from') ?? '',
    ...(file !== undefined && { script: await textIn(file, call) }),
  }
  return administer<Trial>(call, 'sieve.test', input, printTrial)
}

const sentTo = {
  redirect: (to: string): Text => ({ en: `redirected: ${to}`, ja: `転送: ${to}` }),
  reply: (to: string): Text => ({ en: `answered: ${to}`, ja: `返信: ${to}` }),
  notify: (to: string): Text => ({ en: `notified: ${to}`, ja: `通知: ${to}` }),
}

function printTrial({ passedOver, placements, problem, refused, sent }: Trial, terminal: Terminal): void {
  const line = (text: Text) => terminal.out(`${say(text, terminal.language)}\n`)
  for (const { column, line: at, script, text } of passedOver)
    line({
      en: `passed over: ${script}:${at}:${column}: ${text.en}`,
      ja: `飛ばしました: ${script}:${at}:${column}: ${text.ja}`,
    })
  if (problem) {
    const place = `${problem.script}:${problem.line}:${problem.column}`
    line({ en: `failed: ${place}: ${problem.text.en}`, ja: `失敗しました: ${place}: ${problem.text.ja}` })
  }
  for (const { edited, flags, mailbox } of placements) {
    const more = flags.map(flag => ` ${flag}`).join('')
    line({
      en: `into ${mailbox}${more}${edited ? ', changed' : ''}`,
      ja: `${mailbox} に入れる${more}${edited ? '(変更あり)' : ''}`,
    })
  }
  for (const { kind, to } of sent) line(sentTo[kind](to.join(', ')))
  if (refused !== undefined) line({ en: `refused: ${refused.trim()}`, ja: `拒否: ${refused.trim()}` })
  if (placements.length + sent.length === 0 && refused === undefined) line({ en: 'discarded', ja: '破棄する' })
}

function printFiles(files: readonly GlobalFile[], terminal: Terminal): void {
  const title = (en: string, ja: string) => say({ en, ja }, terminal.language)
  terminal.out(
    printTable(
      files,
      [
        { title: title('use', '用途'), cell: row => row.use },
        { title: title('name', '名前'), cell: row => row.name },
        { title: title('file', 'ファイル'), cell: row => row.file },
        {
          title: '',
          cell: ({ problems: [problem] }) =>
            problem ? `${problem.line}:${problem.column}: ${say(problem.text, terminal.language)}` : '',
        },
      ],
      terminal,
    ),
  )
}

function printScripts(scripts: readonly ListedScript[], terminal: Terminal): void {
  const title = (en: string, ja: string) => say({ en, ja }, terminal.language)
  const active = say({ en: 'active', ja: '有効' }, terminal.language)
  terminal.out(
    printTable(
      scripts,
      [
        { title: title('script', 'スクリプト'), cell: row => row.name },
        { title: title('octets', 'バイト'), cell: row => String(row.sizeBytes) },
        { title: title('changed', '変更'), cell: row => new Date(row.changedAt).toISOString().slice(0, 16) },
        { title: '', cell: row => (row.active ? active : '') },
      ],
      terminal,
    ),
  )
}
