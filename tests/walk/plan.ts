/** What a client does next. */
import type { Command, Ground } from './command.ts'
import type { Client } from './client.ts'
import { append } from './commands-append.ts'
import { copyOrMove } from './commands-copy.ts'
import { close, expunge, uidExpunge, unselect } from './commands-expunge.ts'
import { fetch, learn } from './commands-fetch.ts'
import { list, namespace, status } from './commands-mailboxes.ts'
import { notify } from './commands-notify.ts'
import { refusedNumber, usesNumbers } from './commands-numbers.ts'
import { search } from './commands-search.ts'
import { select } from './commands-select.ts'
import { bareNoop, enable, idle, noop } from './commands-session.ts'
import { store } from './commands-store.ts'

type Choice = readonly [weight: number, make: (ground: Ground) => Command | undefined]

const withNumbers: readonly Choice[] = [
  [8, ground => fetch(ground, true)],
  [8, ground => store(ground, true)],
  [6, ground => search(ground, true)],
]
/** EXPUNGE may come in their answers, so that no number may follow. RFC 9051 §5.5 */
const withoutNumbers: readonly Choice[] = [
  [8, ground => fetch(ground, false)],
  [8, ground => store(ground, false)],
  [6, ground => search(ground, false)],
  [10, noop],
  [6, append],
  [4, ground => copyOrMove(ground, false, false)],
  [4, status],
  [1, list],
]
const lastWithNumbers: readonly Choice[] = [
  [4, ground => copyOrMove(ground, true, false)],
  [3, ground => copyOrMove(ground, true, true)],
]
const lasts: readonly Choice[] = [
  [3, ground => copyOrMove(ground, false, true)],
  [3, expunge],
  [3, uidExpunge],
  [2, select],
  [1, close],
  [1, unselect],
  [4, idle],
  [3, notify],
]
const unselected: readonly Choice[] = [
  [10, select],
  [6, enable],
  [4, notify],
  [2, append],
  [2, status],
  [1, list],
  [1, bareNoop],
]

/** One command, or in a shared round several that are sent in one go. */
export function planCommands(ground: Ground): readonly Command[] {
  const { client, random } = ground
  const { view } = client
  if (!view) return [draw(ground, unselected)]
  const isIgnorant = view.slots.some(slot => slot.uid === undefined || slot.flags === undefined)
  const first = isIgnorant && random.integer(2) === 0 ? learn(ground) : undefined
  const commands = [first ?? draw(ground, allChoices(client))]
  while (ground.isShared && commands.length < 4 && !commands.at(-1)?.isLast && random.integer(2) === 0) {
    const saved = commands.findLast(command => command.saves)?.saves ?? ground.saved
    commands.push(draw({ ...ground, saved }, following(client, commands)))
  }
  return commands
}

function allChoices(client: Client): readonly Choice[] {
  const numbered = usesNumbers(client) ? [...withNumbers, ...lastWithNumbers] : [[2, refusedNumber] as const]
  return [...numbered, ...withoutNumbers, ...lasts]
}

function following(client: Client, commands: readonly Command[]): readonly Choice[] {
  return commands.every(command => command.keepsNumbers) ? allChoices(client) : withoutNumbers
}

/** CREATE, DELETE and their like, alone in their round. */
export function planNamespace(ground: Ground): readonly Command[] {
  return [namespace(ground) ?? bareNoop()]
}

function draw(ground: Ground, choices: readonly Choice[]): Command {
  for (;;) {
    let at = ground.random.integer(choices.reduce((sum, [weight]) => sum + weight, 0))
    const chosen = choices.find(([weight]) => (at -= weight) < 0)
    const command = chosen?.[1](ground)
    if (command && (!command.waits || !ground.isShared)) return command
  }
}
