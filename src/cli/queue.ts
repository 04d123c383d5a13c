import { say, type Text } from '#base/text.ts'
import { printReply } from '#formats/smtp-reply.ts'
import { causeOf, causeTexts } from '#mail/queue/reply-cause.ts'
import type { ListedEntry } from '#roles/admin-queue.ts'
import { administer } from './administer.ts'
import type { Command } from './command.ts'
import { done } from './domain.ts'
import { plain, printTable } from './table.ts'
import type { Terminal } from './terminal.ts'

const id = { name: 'id', text: { en: 'the delivery id', ja: '配送ID' } }

export const queue: Command = {
  name: 'queue',
  text: { en: 'mail that waits: for home, or on its way out', ja: '待機中のメール(home待ち、送信待ち)' },
  subcommands: [
    {
      name: 'ls',
      text: { en: 'list it', ja: '一覧' },
      run: call => administer<readonly ListedEntry[]>(call, 'queue.ls', {}, printQueue),
    },
    {
      name: 'show',
      text: { en: 'one message, with each recipient’s last answer', ja: '1通の詳細と宛先ごとの最後の返事' },
      arguments: [id],
      run: call => administer<ListedEntry>(call, 'queue.show', { id: call.args[0] }, printEntry),
    },
    {
      name: 'retry',
      text: { en: 'try one message now, or all', ja: '今すぐ再送する(IDが無ければすべて)' },
      arguments: [{ ...id, optional: true }],
      run: call =>
        administer<{ tried: number }>(
          call,
          'queue.retry',
          call.args[0] === undefined ? {} : { id: call.args[0] },
          ({ tried }, terminal) =>
            terminal.out(`${say({ en: `trying ${tried}`, ja: `${tried} 通を再送します` }, terminal.language)}\n`),
        ),
    },
    {
      name: 'reroute',
      text: {
        en: 'send it another way than the rules say, now: upstreams by name in order, mx, or rules',
        ja: '経路を変えて今すぐ送る。中継サービスの名前を順に、または mx、rules(規則どおりに戻す)',
      },
      arguments: [
        id,
        { name: 'via', text: { en: 'upstreams, mx or rules', ja: '中継サービス、mx、rules' }, variadic: true },
      ],
      run: call => {
        const [entry, ...names] = call.args
        const word = names.length === 1 && (names[0] === 'mx' || names[0] === 'rules') ? names[0] : names
        return administer(call, 'queue.reroute', { id: entry, via: word }, done(call))
      },
    },
    onEntry('hold', 'keep it back', '送らずに留め置く'),
    onEntry('release', 'let it go on', '留め置きを解く'),
    onEntry('rm', 'remove it; nobody is told', '取り除く(誰にも知らせない)'),
  ],
}

function onEntry(name: string, en: string, ja: string): Command {
  return {
    name,
    text: { en, ja },
    arguments: [id],
    run: call => administer(call, `queue.${name}`, { id: call.args[0] }, done(call)),
  }
}

function printQueue(entries: readonly ListedEntry[], terminal: Terminal): void {
  if (entries.length === 0) {
    terminal.out(`${say({ en: 'nothing waits', ja: '待機中のメールはありません' }, terminal.language)}\n`)
    return
  }
  const title = (en: string, ja: string) => say({ en, ja }, terminal.language)
  terminal.out(
    printTable(
      entries,
      [
        { title: title('queue', 'キュー'), cell: row => row.queue },
        { title: title('id', 'ID'), cell: row => row.id },
        { title: title('received', '受信'), cell: row => new Date(row.receivedAt).toISOString().slice(0, 16) },
        { title: title('size', '大きさ'), cell: row => row.sizeBytes, right: true },
        { title: title('from', '差出人'), cell: row => `<${row.reversePath}>` },
        { title: title('to', '宛先'), cell: row => row.recipients.map(item => item.address).join(', ') },
        { title: title('state', '状態'), cell: row => statesOf(row, terminal) },
      ],
      terminal,
    ),
  )
}

function statesOf({ recipients }: ListedEntry, { language }: Terminal): string {
  return [...new Set(recipients.map(({ state }) => say(stateTexts[state], language)))].join(', ')
}

const stateTexts: Readonly<Record<ListedEntry['recipients'][number]['state'], Text>> = {
  waiting: { en: 'waiting', ja: '待機中' },
  trying: { en: 'trying', ja: '送信中' },
  held: { en: 'held', ja: '留め置き' },
  delivered: { en: 'delivered', ja: '配達済み' },
  failed: { en: 'failed', ja: '失敗' },
}

function printEntry(entry: ListedEntry, terminal: Terminal): void {
  const at = (ms: number) => new Date(ms).toISOString()
  terminal.out(`${entry.queue} ${entry.id} <${plain(entry.reversePath)}> ${entry.sizeBytes} B\n`)
  terminal.out(`${say({ en: 'received', ja: '受信' }, terminal.language)} ${at(entry.receivedAt)}, `)
  terminal.out(`${say({ en: 'until', ja: '期限' }, terminal.language)} ${at(entry.expiresAt)}\n`)
  if (entry.releaseAt !== undefined)
    terminal.out(`${say({ en: 'to be sent', ja: '送信予定' }, terminal.language)} ${at(entry.releaseAt)}\n`)
  if (entry.via !== undefined)
    terminal.out(`${say({ en: 'sent via', ja: '経路' }, terminal.language)} ${[entry.via].flat().join(', ')}\n`)
  for (const recipient of entry.recipients) {
    const { attempts, nextAttemptAt, state } = recipient
    const tried: Text = { en: `tried ${attempts} ×`, ja: `試行 ${attempts} 回` }
    const next: Text = { en: `next at ${at(nextAttemptAt)}`, ja: `次回 ${at(nextAttemptAt)}` }
    const words = [stateTexts[state], tried, ...(state === 'waiting' && nextAttemptAt > Date.now() ? [next] : [])]
    terminal.out(`  ${plain(recipient.address)}: ${words.map(text => say(text, terminal.language)).join(', ')}\n`)
    if (!recipient.last) continue
    terminal.out(`    ${plain(printReply(recipient.last.reply))}\n`)
    const cause = causeOf(recipient.last.reply)
    if (cause) terminal.out(`    ${say(causeTexts[cause], terminal.language)}\n`)
  }
}
