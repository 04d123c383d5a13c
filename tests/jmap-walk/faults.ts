/** Faults that the walk has to find, as a server might have them: in what is answered, and in what is done. */
import type { JsonObject } from '#protocols/jmap/wire.ts'
import type { Command } from './commands.ts'
import type { ComplaintKind } from './complaint.ts'
import type { Ask } from './jmap-client.ts'

type Plant = (ask: Ask) => Ask
type PlantCommand = (command: Command) => Command

export type Fault = {
  readonly name: string
  readonly kinds: readonly ComplaintKind[]
  readonly plant?: Plant
  readonly plantCommand?: PlantCommand
}

/** Answers of this method are others, from the first one on that `change` makes another. */
function answers(method: string, change: (answer: JsonObject, given: JsonObject) => JsonObject | undefined): Plant {
  return ask => async (name, given) => {
    const answer = await ask(name, given)
    return name === method ? (change(answer, given) ?? answer) : answer
  }
}

function ids(answer: JsonObject, name: string): readonly string[] {
  return answer[name] as readonly string[]
}

function withoutOne(method: string, name: string): Plant {
  return answers(method, answer => ({ ...answer, [name]: ids(answer, name).slice(1) }))
}

function stateOfFirst(method: string): Plant {
  let first: string | undefined
  return answers(method, answer => ({ ...answer, state: (first ??= answer['state'] as string) }))
}

/** Commands whose words begin so are answered as done, and are not. */
function undone(words: RegExp): PlantCommand {
  return command => (words.test(command.text) ? { ...command, run: async () => true } : command)
}

export const faults: readonly Fault[] = [
  {
    name: 'Email/changes forgets one that was updated',
    kinds: ['follower'],
    plant: withoutOne('Email/changes', 'updated'),
  },
  {
    name: 'Email/changes forgets one that is gone',
    kinds: ['follower'],
    plant: withoutOne('Email/changes', 'destroyed'),
  },
  { name: 'Email/changes forgets one that is new', kinds: ['follower'], plant: withoutOne('Email/changes', 'created') },
  { name: 'Thread/changes forgets one', kinds: ['follower'], plant: withoutOne('Thread/changes', 'updated') },
  {
    name: 'Mailbox/changes does not tell of counts',
    kinds: ['follower'],
    plant: answers('Mailbox/changes', answer =>
      answer['updatedProperties'] === null ? undefined : { ...answer, updated: [], updatedProperties: null },
    ),
  },
  {
    name: 'an email in two mailboxes is shown in one',
    kinds: ['story'],
    plant: answers('Email/get', answer => ({
      ...answer,
      list: (answer['list'] as readonly JsonObject[]).map(one => ({
        ...one,
        mailboxIds: Object.fromEntries(Object.entries(one['mailboxIds'] as object).slice(0, 1)),
      })),
    })),
  },
  {
    name: 'a thread counts as unread only by what lies in the mailbox',
    kinds: ['story'],
    plant: answers('Mailbox/get', answer => ({
      ...answer,
      list: (answer['list'] as readonly JsonObject[]).map(one => ({
        ...one,
        unreadThreads: Math.min(Number(one['unreadThreads']), Number(one['unreadEmails'])),
      })),
    })),
  },
  {
    name: 'Email/queryChanges tells a place that is one too far',
    kinds: ['query'],
    plant: answers('Email/queryChanges', answer => ({
      ...answer,
      added: (answer['added'] as readonly { id: string; index: number }[]).map(({ id, index }) => ({
        id,
        index: index + 1,
      })),
    })),
  },
  {
    name: 'Email/queryChanges does not take away',
    kinds: ['query'],
    plant: answers('Email/queryChanges', answer => ({ ...answer, removed: [] })),
  },
  { name: 'the state of emails stands still', kinds: ['state'], plant: stateOfFirst('Email/get') },
  {
    name: 'what changes an email is news of threads',
    kinds: ['state'],
    plant: ask => async (name, given) => {
      const answer = await ask(name, given)
      return name === 'Thread/get'
        ? { ...answer, state: (await ask('Email/get', { ids: [] }))['state'] as string }
        : answer
    },
  },
  { name: 'Email/set destroys nothing', kinds: ['model'], plantCommand: undone(/^JMAP destroys E/) },
  { name: 'STORE is answered and not done', kinds: ['model'], plantCommand: undone(/^IMAP STORE/) },
  {
    // the other way round: what copies is taken for a move
    name: 'MOVE leaves the message where it was',
    kinds: ['model'],
    plantCommand: command =>
      command.text.startsWith('IMAP COPY')
        ? { ...command, effect: model => model.move(...(moved(command.text) as [string, number, string])) }
        : command,
  },
  { name: 'a letter is lost', kinds: ['model'], plantCommand: undone(/^a letter comes/) },
]

function moved(text: string): readonly [string, number, string] {
  const [, from = '', uid, to = ''] = /^IMAP COPY (.*?) (\d+) (.*)$/.exec(text) ?? []
  return [from, Number(uid), to]
}
