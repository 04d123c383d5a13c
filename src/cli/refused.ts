import { say } from '#base/text.ts'
import type { ListedRefused } from '#roles/admin-junk.ts'
import { administer } from './administer.ts'
import type { Command } from './command.ts'
import { done } from './domain.ts'
import { printVerdict } from './junk.ts'
import { plain, printTable } from './table.ts'
import type { Terminal } from './terminal.ts'

const id = { name: 'id', text: { en: 'its id in the list', ja: '一覧のID' } }

export const refused: Command = {
  name: 'refused',
  text: {
    en: 'mail that was refused for its content; kept for some days',
    ja: '内容を理由に拒否したメール(数日間保管)',
  },
  subcommands: [
    {
      name: 'ls',
      text: { en: 'list it', ja: '一覧' },
      run: call => administer<readonly ListedRefused[]>(call, 'refused.list', {}, printList),
    },
    {
      name: 'show',
      text: { en: 'one message, and why it was refused', ja: '1通の詳細と拒否した理由' },
      arguments: [id],
      run: call => administer<ListedRefused>(call, 'refused.show', { id: call.args[0] }, printOne),
    },
    {
      name: 'deliver',
      text: {
        en: 'put it into its recipient’s inbox; the sender counts as known from then on',
        ja: '宛先の受信トレイに入れる。以後その差出人は知人として扱う',
      },
      arguments: [id],
      options: [
        {
          flags: '--even-with-virus',
          text: { en: 'also one in which a virus was found', ja: 'ウイルスが見つかったものでも配達する' },
        },
      ],
      run: call => {
        const virus = call.options['evenWithVirus'] === true
        return administer<{ readonly again: boolean }>(
          call,
          'refused.deliver',
          { id: call.args[0], virus },
          ({ again }, terminal) => terminal.out(`${say(again ? alreadyDelivered : delivered, terminal.language)}\n`),
        )
      },
    },
    {
      name: 'rm',
      text: { en: 'throw it away', ja: '捨てる' },
      arguments: [id],
      run: call => administer(call, 'refused.drop', { id: call.args[0] }, done(call)),
    },
  ],
}

const delivered = { en: 'delivered', ja: '配達しました' }
const alreadyDelivered = { en: 'it had been delivered already', ja: 'すでに配達済みです' }

function printList(rows: readonly ListedRefused[], terminal: Terminal): void {
  const title = (en: string, ja: string) => say({ en, ja }, terminal.language)
  terminal.out(
    printTable(
      rows,
      [
        { title: title('id', 'ID'), cell: row => row.id },
        { title: title('refused', '拒否'), cell: row => new Date(row.refusedAt).toISOString().slice(0, 16) },
        { title: title('from', '差出人'), cell: row => row.sender || `<${row.reversePath}>` },
        { title: title('to', '宛先'), cell: row => row.recipient },
        { title: title('subject', '件名'), cell: row => row.subject },
        { title: title('state', '状態'), cell: row => stateOf(row, terminal) },
      ],
      terminal,
    ),
  )
}

function stateOf({ deliveredAt, content }: ListedRefused, terminal: Terminal): string {
  if (deliveredAt !== null) return say({ en: 'delivered', ja: '配達済み' }, terminal.language)
  return content.virus ?? say({ en: 'kept', ja: '保管中' }, terminal.language)
}

function printOne(row: ListedRefused, terminal: Terminal): void {
  const { content, id: name, recipient, reply, reversePath, sender, sizeBytes, subject, times } = row
  terminal.out(`${name} <${plain(reversePath)}> → ${plain(recipient)}, ${sizeBytes} B, ${times} ×\n`)
  terminal.out(`${plain(sender)}: ${plain(subject)}\n${plain(reply)}\n`)
  printVerdict({ ...content, junk: true }, terminal)
}
