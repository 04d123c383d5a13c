/** What stands in for the server while it cannot be reached, as the rest of the model sees it: model/offline/ brings it in, behind the first view. */
import type { ReadonlySignal, Signal } from '@preact/signals'
import type { Id, Invocation } from '#protocols/jmap/wire.ts'
import type { Answers } from '../jmap/batch.ts'
import type { Content } from './compose/content.ts'
import type { Entry, What } from './offline/entry.ts'
import type { Ending } from './offline/journal.ts'
import type { KeptFiles } from './offline/kept-files.ts'
import type { Replaced } from './offline/replaced.ts'

/** No server has this state of a query: whoever asks for changes since then is told to ask for everything. */
export const keptQueryState = 'kept-here'

/** A letter that is being written and could not be saved on the server */
export type LocalDraft = {
  readonly key: string
  readonly content: Content
  readonly draftId: Id | undefined
  /** What the server was being told when its page ended */
  readonly replaced?: Replaced | undefined
}

export type Away = {
  /** In order */
  readonly waiting: ReadonlySignal<readonly Entry[]>
  /** Something is to be done yet; what the server refused is not. */
  isWaiting(): boolean
  /** Milliseconds since 1970: what is shown was true then */
  readonly asOf: Signal<number | undefined>
  /** Undefined: it is not kept here. */
  answer(calls: readonly Invocation[]): Promise<{ readonly answers: Answers; readonly emailState: string } | undefined>
  blob(id: Id): Promise<Blob | undefined>
  /** Resolves when it is safe here; `over` when it was carried out, refused or taken back. */
  add(what: What): Promise<{ readonly key: string; readonly over: Promise<Ending> }>
  /** Undefined: too late. */
  takeBack(key: string): Promise<Entry | undefined>
  keepDraft(draft: LocalDraft): Promise<void>
  dropDraft(key: string): Promise<void>
  /** Those that no other tab has open; they are this tab's from now on */
  takeDrafts(): Promise<readonly LocalDraft[]>
  /** Before a draft takes the place of others; and when it has */
  noteReplaced(replaced: Replaced): Promise<void>
  dropReplaced(key: string): Promise<void>
  /** Of letters that wait for the network */
  readonly files: KeptFiles
  /** Facts that the worker reads too; undefined takes one away */
  note(key: 'notify' | 'push' | 'pushState', value: unknown): Promise<void>
  noted<Value>(key: 'push'): Promise<Value | undefined>
  /** The server is there again: what waits is told to it first. */
  linked(): Promise<void>
  /** The account has changed, or another mailbox is looked at: what is kept follows in a while. */
  follow(): void
  close(): void
}
