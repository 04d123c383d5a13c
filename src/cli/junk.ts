import { readFile } from 'node:fs/promises'
import { say } from '#base/text.ts'
import { maxExaminedBytes } from '#formats/content/limits.ts'
import type { KeptVerdict } from '#mail/content/field.ts'
import type { JunkStatus } from '#mail/content/learning.ts'
import { reasonText } from '#mail/content/texts.ts'
import type { JunkWhy } from '#roles/admin-junk.ts'
import { administer, printAnswer, withAdmin } from './administer.ts'
import { type Call, type Command, textOption } from './command.ts'
import { done } from './domain.ts'
import { plain } from './table.ts'
import { CouldNotRun, type ExitCode, exitCodes, type Terminal } from './terminal.ts'

const address = { name: 'address', text: { en: 'the user’s full address', ja: '利用者のアドレス(@を含む)' } }

export const junk: Command = {
  name: 'junk',
  text: { en: 'the junk filter: its reasons, and what it has learnt', ja: '迷惑メールフィルターの判定理由と学習' },
  subcommands: [
    {
      name: 'why',
      text: { en: 'why a message is where it is', ja: 'メールがそこに入った理由' },
      arguments: [
        address,
        { name: 'message', text: { en: 'its Message-ID, or its UID', ja: 'Message-ID、またはUID' } },
      ],
      options: [
        {
          flags: '--mailbox <name>',
          text: {
            en: 'where the UID counts; Junk, then INBOX unless told',
            ja: 'UIDを探すメールボックス。指定が無ければ迷惑メール、次にINBOX',
          },
        },
      ],
      run: call => {
        const mailbox = textOption(call, 'mailbox')
        const input = { address: call.args[0], about: call.args[1], ...(mailbox !== undefined && { mailbox }) }
        return administer<JunkWhy>(call, 'junk.why', input, printWhy)
      },
    },
    {
      name: 'status',
      text: { en: 'how much it has learnt from a user', ja: '利用者からどれだけ学習したか' },
      arguments: [address],
      run: call => administer<JunkStatus>(call, 'junk.status', { address: call.args[0] }, printStatus),
    },
    {
      name: 'train',
      text: { en: 'teach it by letters in files, one a file', ja: 'ファイルのメール(1ファイル1通)で学習させる' },
      arguments: [address, { name: 'files', text: { en: 'the letters', ja: 'メールのファイル' }, variadic: true }],
      options: [
        { flags: '--junk', text: { en: 'they are junk', ja: '迷惑メールとして' } },
        { flags: '--ham', text: { en: 'they are not', ja: '迷惑メールではないものとして' } },
      ],
      run: train,
    },
    {
      name: 'forget',
      text: {
        en: 'forget all that was learnt from a user; it begins anew',
        ja: '利用者から学習した内容をすべて忘れ、最初からやり直す',
      },
      arguments: [address],
      run: call => administer(call, 'junk.forget', { address: call.args[0] }, done(call)),
    },
    {
      name: 'relearn',
      text: {
        en: 'throw it away and learn again from what lies in the mailboxes',
        ja: '学習した内容を捨て、今あるメールから学習し直す',
      },
      arguments: [address],
      run: call => administer<JunkStatus>(call, 'junk.relearn', { address: call.args[0] }, printStatus),
    },
  ],
}

async function train(call: Call): Promise<ExitCode> {
  const isJunk = call.options['junk'] === true
  if (isJunk === (call.options['ham'] === true))
    throw new CouldNotRun({ en: 'say --junk or --ham', ja: '--junk か --ham のどちらかを付けてください' })
  return withAdmin(call, async client => {
    let learnt = 0
    for (const file of call.args.slice(1)) {
      const message = (await readFile(file)).subarray(0, maxExaminedBytes).toString('base64')
      const answer = await client.call('junk.train', { address: call.args[0], junk: isJunk, message })
      if ('refused' in answer) return printAnswer(call, answer, () => undefined)
      if ((answer.result as { readonly learnt: boolean }).learnt) learnt++
    }
    const count = call.args.length - 1
    call.terminal.out(
      `${say({ en: `learnt from ${learnt} of ${count}; the others were known`, ja: `${count}通のうち${learnt}通から学習しました(残りは学習済み)` }, call.terminal.language)}\n`,
    )
    return exitCodes.well
  })
}

function printWhy({ mailbox, uid, verdict }: JunkWhy, terminal: Terminal): void {
  terminal.out(`${plain(mailbox)} ${uid}\n`)
  printVerdict(verdict, terminal)
}

/** One sentence a reason, with its points. */
export function printVerdict(
  { junk: isJunk, score, junkFrom, reasons }: Pick<KeptVerdict, 'junk' | 'score' | 'junkFrom' | 'reasons'>,
  terminal: Terminal,
): void {
  const { language } = terminal
  const verdict = isJunk ? { en: 'Junk', ja: '迷惑メール' } : { en: 'Not junk', ja: '迷惑メールではない' }
  const points = {
    en: `${score} points; junk from ${junkFrom} on.`,
    ja: `${score}点。${junkFrom}点以上が迷惑メールです。`,
  }
  terminal.out(`${say(verdict, language)}: ${say(points, language)}\n`)
  if (reasons.length === 0)
    terminal.out(`  ${say({ en: 'Nothing speaks against it.', ja: '疑わしい点はありません。' }, language)}\n`)
  for (const reason of reasons) {
    const sign = reason.points > 0 ? '+' : ''
    terminal.out(`  ${`${sign}${reason.points}`.padStart(6)}  ${plain(say(reasonText(reason), language))}\n`)
  }
}

function printStatus(status: JunkStatus, terminal: Terminal): void {
  const { junk: junkLetters, ham, tokens, senders, correspondents } = status
  terminal.out(
    `${say(
      {
        en: `Learnt from ${junkLetters} junk letters and ${ham} others: ${tokens} words, ${senders} senders; ${correspondents} known correspondents.`,
        ja: `迷惑メール${junkLetters}通、それ以外${ham}通から学習しました(語 ${tokens}、差出人 ${senders}、知人 ${correspondents})。`,
      },
      terminal.language,
    )}\n`,
  )
  if (junkLetters < enough || ham < enough)
    terminal.out(
      `${say({ en: 'It is sure of itself only with some more of both.', ja: '両方がもう少し増えると、判定が確かになります。' }, terminal.language)}\n`,
    )
}
const enough = 5
