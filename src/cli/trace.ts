import { join } from 'node:path'
import { type Language, say, type Text } from '#base/text.ts'
import type { StoredEvent } from '#mail/events.ts'
import { eventTexts } from '#protocols/http/status-texts.ts'
import type { Answer } from '#roles/admin-operations.ts'
import { configFileOf, configOf, printJson } from './administer.ts'
import { connectAdmin } from './admin-client.ts'
import { type Call, type Command, textOption } from './command.ts'
import { plain } from './table.ts'
import { type ExitCode, exitCodes, type Terminal } from './terminal.ts'

export const trace: Command = {
  name: 'trace',
  text: {
    en: 'what happened to a message, step by step; with several --config over several boxes, as one timeline',
    ja: 'メールに何が起きたかを順に示す(--config を複数書くと、複数の機械をまたいで時刻順に示す)',
  },
  arguments: [
    {
      name: 'about',
      text: { en: 'an address, a Message-ID or a delivery id', ja: 'アドレス、Message-ID、または配送ID' },
    },
  ],
  options: [
    {
      flags: '--demo <folder>',
      text: { en: 'both boxes of a demo in this folder', ja: 'このフォルダのデモの両方の機械' },
    },
  ],
  joinsBoxes: true,
  run: runTrace,
}

/** Clocks of two boxes differ a little: what one box says stays in its own order. */
async function runTrace(call: Call): Promise<ExitCode> {
  const { terminal } = call
  const about = (call.args[0] ?? '').replace(/^<(.*)>$/, '$1')
  const answers: Answer[] = []
  let silent = false
  for (const file of boxesOf(call)) {
    const config = configOf({ ...call, configFile: file })
    if (!config) return exitCodes.badConfig
    try {
      await using client = await connectAdmin(config)
      answers.push(await client.call('trace', { about }))
    } catch (error) {
      silent = true
      const why = error instanceof Error ? error.message : String(error)
      terminal.err(`${say(cannotAsk(file), terminal.language)}: ${plain(why)}\n`)
    }
  }
  const events = answers.flatMap(answer => ('result' in answer ? (answer.result as readonly StoredEvent[]) : []))
  const timeline = events.toSorted((a, b) => a.at - b.at)
  const boxes = answers.map(({ box }) => box)
  if (call.json)
    printJson(terminal, boxes.length === 1 ? { box: boxes[0], result: timeline } : { boxes, result: timeline })
  else {
    terminal.out(`${boxes.join(' ')}\n`)
    printTrace(timeline, terminal)
  }
  if (silent) return exitCodes.couldNotRun
  return answers.some(answer => 'refused' in answer) ? exitCodes.refused : exitCodes.well
}

function boxesOf(call: Call): readonly string[] {
  const demo = textOption(call, 'demo')
  if (demo !== undefined) return ['gateway', 'home'].map(box => join(demo, box, 'config.yaml'))
  return call.configFiles.length > 0 ? call.configFiles : [configFileOf(call)]
}

const cannotAsk = (file: string): Text => ({ en: `${file} cannot be asked`, ja: `${file} に尋ねられません` })

export function printTrace(events: readonly StoredEvent[], terminal: Pick<Terminal, 'language' | 'out'>): void {
  const { language } = terminal
  if (events.length === 0) terminal.out(`${say({ en: 'nothing is known', ja: '記録がありません' }, language)}\n`)
  for (const event of events) {
    const path =
      event.to === undefined ? '' : event.from === undefined ? ` ${event.to}` : ` <${event.from}> → ${event.to}`
    const facts = [
      event.delivery,
      event.messageId && `<${event.messageId}>`,
      event.client,
      event.reply,
      ...found(event),
      filed(event, language),
      sentOn(event, language),
    ]
      .filter(fact => fact !== undefined && fact !== '')
      .join(' · ')
    const what = say(eventTexts[event.kind], language)
    const line = `${new Date(event.at).toISOString()} ${event.box} ${what}${path}${facts === '' ? '' : ` · ${facts}`}`
    terminal.out(`${plain(line)}\n`)
  }
}

/** What the gateway found out about the sender: `spf pass example.org`, `dmarc fail example.org p=reject` … */
function found({ detail }: StoredEvent): string[] {
  // home has it from the gateway, whose own step says it
  if (detail?.['takenInAt'] !== undefined) return []
  return ['spf', 'dkim', 'dmarc', 'arc'].flatMap(method => {
    const result = detail?.[method]
    return typeof result === 'string' ? [`${method} ${result}`] : []
  })
}

const effects: Readonly<Record<string, Text>> = {
  redirect: { en: 'redirect', ja: '転送' },
  reply: { en: 'reply', ja: '自動返信' },
  notify: { en: 'notification', ja: '通知' },
  forward: { en: 'back to whose it was', ja: '元の差出人へ' },
}

/** What left because of a letter: `redirect, as outbox.0.…` */
function sentOn({ detail, kind }: StoredEvent, language: Language): string | undefined {
  if (kind !== 'sent-on' || !detail) return undefined
  const { as, effect } = detail
  const what = effects[String(effect)]
  return [what && say(what, language), as].filter(Boolean).join(language === 'ja' ? '、' : ', as ')
}

const deciders: Readonly<Record<string, Text>> = {
  script: { en: 'by the script', ja: 'フィルターによる' },
  'junk filter': { en: 'by the junk filter', ja: '迷惑メールの判定による' },
  loop: { en: 'because it had been here before', ja: '以前にここを通ったため' },
}
const roles: Readonly<Record<string, Text>> = {
  inbox: { en: 'inbox', ja: '受信トレイ' },
  junk: { en: 'Junk', ja: '迷惑メール' },
  sent: { en: 'Sent', ja: '送信済み' },
  drafts: { en: 'Drafts', ja: '下書き' },
  trash: { en: 'Trash', ja: 'ごみ箱' },
  archive: { en: 'Archive', ja: 'アーカイブ' },
}

const staysHere: Text = {
  en: 'not redirected: nothing proves that its author is of our domain',
  ja: '転送せず: 差出人が自ドメインの本人である証拠がないため',
}

/** Where home put it: `in Bills, by the script, 1 sent on` */
function filed({ detail }: StoredEvent, language: Language): string | undefined {
  const { by, effects, mailboxes, notRedirected } = detail ?? {}
  if (typeof mailboxes !== 'string' || typeof by !== 'string' || by === 'default') return undefined
  const where = mailboxes
    .split(', ')
    .map(name => say(roles[name] ?? { en: name, ja: name }, language))
    .join(', ')
  const decider = deciders[by]
  const sent = typeof effects === 'number' && effects > 0 ? effects : undefined
  const stayed = typeof notRedirected === 'string' ? staysHere : undefined
  const en = [where === '' ? 'kept nowhere' : `in ${where}`, decider?.en, sent && `${sent} sent on`, stayed?.en]
  const ja = [where === '' ? '保存なし' : `保存先: ${where}`, decider?.ja, sent && `${sent}通を送出`, stayed?.ja]
  return (language === 'ja' ? ja : en).filter(Boolean).join(language === 'ja' ? '、' : ', ')
}
