/** A journal whose server is here: it counts what it was told, and loses answers. */
import type { Invocation, JsonObject } from '#protocols/jmap/wire.ts'
import { Answers, Batch } from '../../jmap/batch.ts'
import type { Client } from '../../jmap/client.ts'
import { Fault, MethodFault } from '../../jmap/fault.ts'
import type { Content } from '../compose/content.ts'
import { carryOut } from './carry-out.ts'
import type { Entry, What } from './entry.ts'
import { type Ending, Journal } from './journal.ts'
import { keptFilesOn } from './kept-files.ts'
import { memoryShelf, sharedTabs } from './offline.testbed.ts'

export const content = {
  identityId: 'I1',
  from: { name: null, email: 'hanako@home.test' },
  to: [{ name: null, email: 'taro@home.test' }],
  cc: [],
  bcc: [],
  subject: 'On the train',
  attachments: [],
  answered: undefined,
} as unknown as Content

export function letter(given: Partial<Extract<What, { kind: 'send' }>> = {}): What {
  return {
    kind: 'send',
    at: undefined,
    content,
    email: { subject: 'On the train' },
    messageId: 'one@home.test',
    lostId: undefined,
    draftId: undefined,
    emailId: undefined,
    stage: 'new',
    ...given,
  }
}

/** A server that counts letters, whose answers are lost when `swallow` says so. */
function openServer() {
  const state = {
    isAway: false,
    swallow: (_names: readonly string[]) => false,
    drafts: new Map<string, JsonObject>(),
    submitted: [] as string[],
    asked: [] as string[],
    refuse: undefined as string | undefined,
    patched: [] as unknown[],
    state: 1,
    /** Files that went up, and those of them that are gone meanwhile */
    uploads: [] as string[],
    gone: new Set<string>(),
    /** The network says a request of this method again, as browsers do */
    sayAgain: undefined as string | undefined,
  }
  const check = (given: Record<string, unknown>) => {
    const { ifInState } = given
    if (ifInState !== undefined && ifInState !== String(state.state)) throw new MethodFault({ type: 'stateMismatch' })
    state.state++
  }
  const methods = (name: string, given: Record<string, unknown>): object => {
    switch (name) {
      case 'Email/get':
        return { state: String(state.state), list: [] }
      case 'Email/set': {
        check(given)
        for (const id of (given['destroy'] ?? []) as string[]) state.drafts.delete(id)
        if (given['update']) state.patched.push(given['update'])
        const create = given['create'] as Record<string, JsonObject> | undefined
        if (!create) return {}
        const { bodyStructure } = (create['letter'] ?? {}) as { readonly bodyStructure?: object }
        if ([...state.gone].some(id => JSON.stringify(bodyStructure)?.includes(`"${id}"`)))
          return { notCreated: { letter: { type: 'blobNotFound' } } }
        if (state.refuse) return { notCreated: { letter: { type: state.refuse } } }
        const id = `E${state.drafts.size + 1}`
        state.drafts.set(id, create['letter'] ?? {})
        return { created: { letter: { id } } }
      }
      case 'Email/query':
        return { ids: [...state.drafts.keys()].slice(0, 1) }
      case 'EmailSubmission/set': {
        check(given)
        const create = given['create'] as { readonly letter: { readonly emailId: string } }
        state.submitted.push(create.letter.emailId)
        return { created: { letter: { id: 'S1' } } }
      }
      case 'EmailSubmission/query':
        return { ids: state.submitted }
      case 'EmailSubmission/get':
        return {
          state: String(state.state),
          list: state.submitted.map(emailId => ({ id: 'S1', emailId, undoStatus: 'final' })),
        }
      default:
        throw new Error(name)
    }
  }
  const client = {
    limits: { maxObjectsInSet: 500 },
    batch: () => new Batch('A1'),
    send(batch: Batch) {
      if (state.isAway) return Promise.reject(new Fault('unreachable'))
      const names = batch.calls.map(([name]) => name)
      state.asked.push(...names)
      const answer = () =>
        batch.calls.map(([name, given, id]): Invocation => {
          try {
            return [name, methods(name, given) as JsonObject, id]
          } catch (error) {
            if (error instanceof MethodFault) return ['error', { type: error.type }, id]
            throw error
          }
        })
      if (names.some(name => name === state.sayAgain)) answer()
      const responses = answer()
      if (state.swallow(names)) return Promise.reject(new Fault('unreachable'))
      return Promise.resolve(new Answers(responses))
    },
  } as unknown as Client
  const upload = async (file: Blob): Promise<string> => {
    if (state.isAway) throw new Fault('unreachable')
    const id = `B${state.uploads.push(await file.text())}`
    if (state.swallow(['upload'])) throw new Fault('unreachable')
    return id
  }
  return { state, client, upload }
}

const mailboxes = { role: (name: string) => ({ id: `M-${name}` }) as never }

export function openBed() {
  const server = openServer()
  const shelf = memoryShelf()
  const files = keptFilesOn(shelf)
  const { client, upload } = server
  const tab = sharedTabs()
  const endings: (readonly [Ending, string])[] = []
  const openJournal = () =>
    new Journal({
      shelf,
      tabs: tab(),
      carryOut: (entry, note) => carryOut({ client, mailboxes, files, upload }, entry, note),
      onEnding: (_entry: Entry, ending, why) => endings.push([ending, why]),
    })
  return { ...server, shelf, files, journal: openJournal(), openJournal, endings }
}
