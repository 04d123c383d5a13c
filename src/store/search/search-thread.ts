/** Answers searches: from the indexes, and by reading letters, which holds nobody else up for longer than `readMs`. */
import { join } from 'node:path'
import { previewOf } from '#formats/message/preview.ts'
import { readReferences } from '#formats/message/references.ts'
import { parseStructure } from '#formats/message/structure.ts'
import { answerTerm, match, noMatch, undecided } from '#formats/search/segment.ts'
import { letterFacts, matchFact } from '#formats/search/facts.ts'
import type { Letter } from '#formats/search/letter-texts.ts'
import { isFact, isOfBody, matchTerms, type SearchTerm, type TextTerm } from '#formats/search/term.ts'
import { failureOf } from '../account/failures.ts'
import { ReaderConnections } from '../account/reader-connections.ts'
import type { Database } from '../sqlite.ts'
import type { ThreadCall } from '../thread.ts'
import { type Batch, serveThread, threadData } from '../thread-port.ts'
import { documentTexts, notIndexedDocuments } from './documents.ts'
import { isDamage, isOfAccount } from './index-file.ts'
import { type LetterRow, readLetterRow, withLetter } from './letters.ts'
import { fewLetters, readMs, smallLetterBytes } from './limits.ts'
import { gone, type SearchOperations } from './operations.ts'
import { currentSegments, type OpenIndex, SearchConnections } from './search-connections.ts'
import { type LoadedSegment, readState, segmentKinds } from './tables.ts'

type Narrow = SearchOperations['narrow']
type Read = SearchOperations['read']
type References = SearchOperations['references']
type Previews = SearchOperations['previews']
type Columns = readonly Uint8Array<ArrayBuffer>[]

const { folder } = threadData as { readonly folder: string }
const accounts = new ReaderConnections(folder, { busyTimeoutMs: 5000 })
const indexes = new SearchConnections(folder)

serveThread(runBatch, () => {
  indexes.close()
  accounts.close()
})

function runBatch(batch: Batch): void {
  for (const call of batch.calls) {
    try {
      run(batch, call)
    } catch (error) {
      const { message, code } = failureOf(error)
      batch.refuse(call, message, code)
    }
    batch.flush()
  }
}

function run(batch: Batch, call: ThreadCall): void {
  switch (call.operation as keyof SearchOperations) {
    case 'narrow': {
      const output = narrow(call.input as Narrow['input'])
      return batch.answer(
        call,
        output,
        output.columns.map(column => column.buffer),
      )
    }
    case 'read':
      return batch.answer(call, read(call.input as Read['input']))
    case 'references':
      return batch.answer(call, references(call.input as References['input']))
    case 'previews':
      return batch.answer(call, previews(call.input as Previews['input']))
    case 'close': {
      const { account } = call.input as SearchOperations['close']['input']
      indexes.forget(account)
      accounts.forget(account)
      return batch.answer(call, {})
    }
  }
}

function narrow({ account, terms, emails }: Narrow['input']): Narrow['output'] {
  let damaged = false
  try {
    const index = indexes.of(account)
    const columns = index?.database.read(() => columnsFrom(index, account, terms, emails))
    if (columns) decideFew(columns, account, terms, emails)
    if (columns) return { columns, damaged }
  } catch (error) {
    if (!isDamage(error)) throw error
    indexes.forget(account)
    damaged = true
  }
  return { columns: terms.map(() => new Uint8Array(emails.length).fill(undecided)), damaged }
}

function columnsFrom(
  index: OpenIndex,
  account: string,
  terms: Narrow['input']['terms'],
  emails: Float64Array,
): Columns | undefined {
  const state = readState(index.database)
  if (!state || !isOfAccount(state, accounts.of(account))) return undefined
  const segments = currentSegments(index, state.wordSeed)
  const { first, span } = rangeOf(emails)
  const ofLetters = segments.filter(({ row }) => row.kind === segmentKinds.letters)
  const ofDocuments = segments.filter(({ row }) => row.kind === segmentKinds.documents)
  const read = notIndexedDocuments(index.database)
  return terms.map(term => {
    // by email id: what no segment has is not indexed yet
    const states = new Uint8Array(span).fill(undecided)
    for (const segment of ofLetters) markSegment(states, first, segment, term)
    if (isOfBody(term)) addDocuments(states, first, { segments: ofDocuments, read }, term)
    const column = new Uint8Array(emails.length)
    for (let at = 0; at < emails.length; at++) column[at] = states[(emails[at] ?? 0) - first] ?? undecided
    return column
  })
}

/** Letters that the index leaves open are read at once where they are few and small: it spares their asker the way here and back. */
function decideFew(
  columns: Columns,
  account: string,
  terms: Narrow['input']['terms'],
  emails: Float64Array<ArrayBuffer>,
): void {
  const open: number[] = []
  for (const column of columns)
    for (let at = column.indexOf(undecided); at >= 0; at = column.indexOf(undecided, at + 1)) {
      if (!open.includes(at)) open.push(at)
      if (open.length > fewLetters) return
    }
  if (open.length === 0) return
  const database = accounts.of(account)
  const documents = documentsOf(account)
  for (const at of open) {
    const row = readLetterRow(database, emails[at] ?? 0)
    if (!row || row.sizeBytes > smallLetterBytes) continue
    const found = matchRow(database, join(folder, account), row, terms, documents)
    if (found) for (const [index, column] of columns.entries()) column[at] = found[index] ? match : noMatch
  }
}

/** What a letter's own text does not have its documents may. `read`: those that are in no segment */
function addDocuments(
  states: Uint8Array,
  first: number,
  { segments, read }: { readonly segments: readonly LoadedSegment[]; readonly read: readonly number[] },
  term: SearchTerm,
): void {
  if (segments.length === 0 && read.length === 0) return
  const documents = new Uint8Array(states.length)
  for (const segment of segments) markSegment(documents, first, segment, term)
  for (const email of read) if (email >= first && email - first < documents.length) documents[email - first] = undecided
  for (let at = 0; at < states.length; at++) {
    if (documents[at] === match) states[at] = match
    else if (documents[at] === undecided && states[at] === noMatch) states[at] = undecided
  }
}

function rangeOf(emails: Float64Array): { readonly first: number; readonly span: number } {
  let first = Infinity
  let last = 0
  for (const id of emails) {
    if (id < first) first = id
    if (id > last) last = id
  }
  return { first, span: Math.max(0, last - first + 1) }
}

function markSegment(states: Uint8Array, first: number, segment: LoadedSegment, term: SearchTerm): void {
  const { firstEmail, lastEmail } = segment.row
  const base = firstEmail - first
  if (base >= states.length || lastEmail < first) return
  const answers = answerTerm(term, segment)
  for (let letter = 0; letter < answers.length; letter++) {
    const at = base + (segment.offsets[letter] ?? 0)
    if (at >= 0 && at < states.length) states[at] = answers[letter] ?? undecided
  }
}

function read({ account, terms, emails }: Read['input']): Read['output'] {
  const database = accounts.of(account)
  const accountFolder = join(folder, account)
  const documents = documentsOf(account)
  const columns = terms.map(() => new Uint8Array(emails.length))
  const begun = performance.now()
  let done = 0
  for (const id of emails) {
    if (done > 0 && performance.now() - begun > readMs) break
    const row = readLetterRow(database, id)
    const found = row && matchRow(database, accountFolder, row, terms, documents)
    for (const [index, column] of columns.entries()) column[done] = found ? (found[index] ? match : noMatch) : gone
    done++
  }
  return { columns, done }
}

/** Texts of an email's documents, as far as they have been read; none while the index is another account's, or damaged. */
function documentsOf(account: string): (email: number) => readonly string[] {
  const index = indexes.of(account)
  const state = index && readState(index.database)
  if (!index || !state || !isOfAccount(state, accounts.of(account))) return () => []
  return email => documentTexts(index.database, email)
}

function references({ account, emails }: References['input']): References['output'] {
  const database = accounts.of(account)
  const accountFolder = join(folder, account)
  const begun = performance.now()
  const ids: (readonly string[])[] = []
  for (const id of emails) {
    if (ids.length > 0 && performance.now() - begun > readMs) break
    const row = readLetterRow(database, id)
    const found =
      row && withLetter(database, accountFolder, row, ({ reader, headerBytes }) => readReferences(reader, headerBytes))
    ids.push(found ?? [])
  }
  return { ids, done: ids.length }
}

function previews({ account, emails }: Previews['input']): Previews['output'] {
  const database = accounts.of(account)
  const accountFolder = join(folder, account)
  const begun = performance.now()
  const made: (string | undefined)[] = []
  for (const id of emails) {
    if (made.length > 0 && performance.now() - begun > readMs) break
    const row = readLetterRow(database, id)
    made.push(row && withLetter(database, accountFolder, row, letterPreview))
  }
  return { previews: made }
}

/** As when the letter came: what the parser gave up has none. */
function letterPreview({ reader, parsed }: Letter): string {
  return parsed ? previewOf(reader, parseStructure(reader).root) : ''
}

/** Undefined when the letter is gone. It is opened only for its texts. */
function matchRow(
  database: Database,
  accountFolder: string,
  row: LetterRow,
  terms: readonly SearchTerm[],
  documents: (email: number) => readonly string[],
): readonly boolean[] | undefined {
  const texts = terms.filter((term): term is TextTerm => !isFact(term))
  const facts = texts.length < terms.length ? letterFacts(row) : undefined
  const found =
    texts.length > 0
      ? withLetter(database, accountFolder, row, letter =>
          matchTerms(texts, { ...letter, documents: () => documents(row.id) }),
        )
      : []
  let next = 0
  return (
    found && terms.map(term => (isFact(term) ? facts !== undefined && matchFact(term, facts) : found[next++] === true))
  )
}
