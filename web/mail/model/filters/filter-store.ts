/** The account's filters and its scripts by hand: read, changed, and read again where another program was faster. */
import { type Signal, signal } from '@preact/signals'
import {
  type FilterDocument,
  noFilters,
  type Piece,
  printFilters,
  readFilters,
} from '#formats/sieve/filters/document.ts'
import type { Filter } from '#formats/sieve/filters/filter.ts'
import type { SetError } from '#protocols/jmap/wire.ts'
import type { SieveCapability, SieveScript } from '#protocols/jmap/wire-sending.ts'
import { sieveCapability } from '#protocols/jmap/wire.ts'
import type { FilterScript } from '#protocols/jmap/wire-filters.ts'
import type { Client } from '../../jmap/client.ts'
import { MethodFault } from '../../jmap/fault.ts'
import { Refused } from '../refused.ts'

/** Somebody else changed the filters meanwhile: what stands there now has been read, and nothing was written. */
export class ChangedElsewhere extends Error {}

/** What an edit makes of the document that is there now; undefined: what it was about is gone. */
export type Edit = (document: FilterDocument) => FilterDocument | undefined

const tries = 3
const singleton = 'singleton'

export class FilterStore {
  readonly script: Signal<FilterScript | undefined> = signal(undefined)
  readonly document: Signal<FilterDocument> = signal(noFilters)
  /** By name; ours among them */
  readonly scripts: Signal<readonly SieveScript[]> = signal([])
  readonly #client: Client
  readonly #offers: (extension: string) => boolean
  #state = ''

  constructor(client: Client) {
    this.#client = client
    const account = client.session?.accounts[client.accountId]?.accountCapabilities[sieveCapability]
    const extensions = (account as SieveCapability | undefined)?.sieveExtensions
    this.#offers = extension => extensions?.includes(extension) ?? true
  }

  async read(): Promise<void> {
    const calls = this.#client.batch()
    const get = calls.call('FilterScript/get', { ids: [singleton] })
    const scripts = calls.call('SieveScript/get', { ids: null })
    const answers = await this.#client.send(calls)
    const { state, list } = answers.of(get)
    const [script] = list
    this.#state = state
    this.scripts.value = answers.of(scripts).list
    if (script?.text !== this.script.peek()?.text) this.document.value = readFilters(script?.text ?? '') ?? noFilters
    this.script.value = script
  }

  /** Throws ChangedElsewhere, or Refused with the server's words. A filter that is saved for the first time switches filters on. */
  async change(edit: Edit): Promise<void> {
    const before = this.script.peek()?.text
    const isFirst = before === ''
    for (let tried = 0; ; tried++) {
      const document = edit(this.document.peek())
      if (!document) throw new ChangedElsewhere()
      const text = printFilters(document, { offers: this.#offers })
      if (await this.#set({ text, ...(isFirst && { isEnabled: true }) })) return await this.read()
      await this.read()
      if (this.script.peek()?.text !== before || tried === tries) throw new ChangedElsewhere()
    }
  }

  async enable(isEnabled: boolean): Promise<void> {
    for (let tried = 0; !(await this.#set({ isEnabled })); tried++) {
      if (tried === tries) throw new ChangedElsewhere()
      await this.read()
    }
    await this.read()
  }

  /** False: the state is not the one that we know. */
  async #set(patch: Partial<FilterScript>): Promise<boolean> {
    const calls = this.#client.batch()
    const set = calls.call('FilterScript/set', { ifInState: this.#state, update: { [singleton]: patch } })
    try {
      refuse((await this.#client.send(calls, { again: false })).of(set).notUpdated?.[singleton])
      return true
    } catch (error) {
      if (error instanceof MethodFault && error.type === 'stateMismatch') return false
      throw error
    }
  }

  async textOf({ blobId }: Pick<SieveScript, 'blobId'>): Promise<string> {
    const calls = this.#client.batch()
    const get = calls.call('Blob/get', { ids: [blobId], properties: ['data:asText'] })
    return (await this.#client.send(calls)).of(get).list[0]?.['data:asText'] ?? ''
  }

  /** What is wrong with it, line by line in the user's language; empty: nothing */
  async faultsOf(text: string): Promise<readonly ScriptFault[]> {
    const calls = this.#client.batch()
    const upload = calls.call('Blob/upload', { create: { script: { data: [{ 'data:asText': text }] } } })
    const validate = calls.call('SieveScript/validate', { blobId: '#script' })
    const answers = await this.#client.send(calls)
    answers.of(upload)
    return faultsIn(answers.of(validate).error)
  }

  /** Throws ChangedElsewhere where that script is another one now than what was read. */
  async saveScript(script: SieveScript, text: string): Promise<void> {
    const calls = this.#client.batch()
    calls.call('Blob/upload', { create: { script: { data: [{ 'data:asText': text }] } } })
    const update = { [script.id]: { blobId: '#script' } }
    const set = calls.call('SieveScript/set', { ifInState: this.#state, update })
    try {
      refuse((await this.#client.send(calls, { again: false })).of(set).notUpdated?.[script.id])
    } catch (error) {
      if (!(error instanceof MethodFault && error.type === 'stateMismatch')) throw error
      await this.read()
      const now = this.scripts.peek().find(({ id }) => id === script.id)
      if (now?.blobId !== script.blobId) throw new ChangedElsewhere()
      return await this.saveScript(script, text)
    }
    await this.read()
  }
}

export type ScriptFault = { readonly line: number; readonly column: number; readonly text: string }

/** The server says `line:column: words`, one a line. */
export function faultsIn(error: Pick<SetError, 'type' | 'description'> | null): readonly ScriptFault[] {
  if (!error) return []
  return (error.description ?? error.type).split('\n').map(told => {
    const [, line = '1', column = '1', text = told] = /^(\d+):(\d+): (.*)$/.exec(told) ?? []
    return { line: Number(line), column: Number(column), text }
  })
}

function refuse(error: SetError | undefined): void {
  if (error) throw new Refused(error)
}

/** Where a piece stands now, after the document was read again: it has to be the same in all it says. */
export function placeOf({ pieces }: FilterDocument, piece: Piece): number {
  const same = JSON.stringify(piece)
  const at = pieces.indexOf(piece)
  return at < 0 ? pieces.findIndex(one => JSON.stringify(one) === same) : at
}

/** In the place of `piece`, or at the end. */
export function withFilter(
  document: FilterDocument,
  piece: Piece | undefined,
  filter: Filter,
): FilterDocument | undefined {
  const fresh: Piece = { kind: 'filter', filter, source: undefined }
  if (!piece) return { ...document, pieces: [...document.pieces, fresh] }
  const at = placeOf(document, piece)
  return at < 0 ? undefined : { ...document, pieces: document.pieces.with(at, fresh) }
}

/** After another program was at it: in the place of what is still like the piece by name or by what it asks, else at the end. */
export function withFilterAnyway(document: FilterDocument, piece: Piece | undefined, filter: Filter): FilterDocument {
  const exact = withFilter(document, piece, filter)
  if (exact) return exact
  const was = piece?.kind === 'filter' ? piece.filter : filter
  const like = document.pieces.find(
    one =>
      one.kind === 'filter' &&
      ((was.name !== '' && one.filter.name === was.name) ||
        JSON.stringify(one.filter.conditions) === JSON.stringify(was.conditions)),
  )
  return withFilter(document, like, filter) ?? document
}

/** Another text by hand in its place; what it requires goes to the head, where alone it may stand (RFC 5228 §3.2). Empty: it is gone. */
export function withHand(document: FilterDocument, piece: Piece, text: string): FilterDocument | undefined {
  const at = placeOf(document, piece)
  if (at < 0) return undefined
  const required = /^(?:\s*require\s*(?:"[^"]*"|\[[^\]]*\])\s*;)*/i.exec(text)?.[0] ?? ''
  const { head, requires } = document.rest
  const fresh = [...required.matchAll(/"([^"]*)"/g)]
    .map(([, name = '']) => name)
    .filter(name => !requires.includes(name))
  const rest = text.slice(required.length)
  const pieces = rest.trim() === '' ? [] : [{ kind: 'hand', text: ended(rest) } as const]
  return {
    ...document,
    pieces: document.pieces.toSpliced(at, 1, ...pieces),
    rest: {
      ...document.rest,
      head: fresh.length === 0 ? head : `${ended(head)}require [${fresh.map(name => `"${name}"`).join(', ')}];\r\n`,
      requires: [...requires, ...fresh],
    },
  }
}

function ended(text: string): string {
  return text.endsWith('\n') ? text : `${text}\r\n`
}

export function without(document: FilterDocument, piece: Piece): FilterDocument | undefined {
  const at = placeOf(document, piece)
  return at < 0 ? undefined : { ...document, pieces: document.pieces.toSpliced(at, 1) }
}

/** `to`: its place afterwards */
export function moved(document: FilterDocument, piece: Piece, to: number): FilterDocument | undefined {
  const at = placeOf(document, piece)
  if (at < 0) return undefined
  const pieces = document.pieces.toSpliced(at, 1)
  pieces.splice(Math.max(0, Math.min(to, pieces.length)), 0, document.pieces[at] ?? piece)
  return { ...document, pieces }
}
