/** Text of any kind, decoded by the server; tables, calendars and cards as what they say. Nothing is ever read as markup. */
import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import type { BlobText } from '#protocols/jmap/wire-view.ts'
import type { Client } from '../jmap/client.ts'
import type { LetterPart } from '../model/conversation.ts'
import { momentDate, wallDate } from '../model/dates.ts'
import { calendarSummary, type DateKind, type Summary } from '../model/preview/summaries.ts'
import { readTable } from '../model/preview/table.ts'
import { language, t } from '../texts/texts.ts'
import { CharsetOptions } from '../views/charset-options.tsx'
import { dateText } from '../views/contacts/say-card.ts'
import { useMail } from '../views/mail-context.ts'
import { localeFor } from '../views/message-row.tsx'
import { useFetched } from './fetched.ts'
import { Problem, Waiting } from './states.tsx'

export type TextKind = 'text' | 'table' | 'calendar' | 'contacts'

/** Characters that are shown: more make the browser stand still */
const maxShown = 500_000

export function TextView({
  part,
  kind,
  zoom,
}: {
  readonly part: LetterPart
  readonly kind: TextKind
  readonly zoom: number
}) {
  const { client } = useMail()
  const [charset, setCharset] = useState('')
  const text = useFetched(() => read(client, part, charset), [part.blobId, charset])
  if (text.kind === 'failed') return <Problem text={t().preview.failed} />
  return (
    <div class="viewer-paper" style={{ fontSize: `${0.875 * zoom}rem` }}>
      {text.kind === 'loading' ? <Waiting /> : <Shown text={text.value} kind={kind} />}
      <CharsetChoice
        chosen={charset}
        found={text.kind === 'here' ? text.value.charset : undefined}
        onChoose={setCharset}
      />
    </div>
  )
}

async function read(client: Client, { blobId, charset }: LetterPart, viewCharset: string): Promise<BlobText> {
  const calls = client.batch()
  const call = calls.call('Blob/text', {
    ids: [blobId],
    ...(charset !== null && { declaredCharset: charset }),
    ...(viewCharset !== '' && { viewCharset }),
  })
  const [found] = (await client.send(calls)).of(call).list
  if (!found) throw new Error('The file is not there')
  return found
}

function CharsetChoice({
  chosen,
  found,
  onChoose,
}: {
  readonly chosen: string
  readonly found: string | undefined
  readonly onChoose: (charset: string) => void
}) {
  return (
    <label class="viewer-charset">
      {t().preview.charset}
      <select value={chosen} onChange={event => onChoose(event.currentTarget.value)}>
        <option value="">
          {t().preview.automatic}
          {chosen === '' && found !== undefined && ` (${found})`}
        </option>
        <CharsetOptions />
      </select>
    </label>
  )
}

function Shown({ text, kind }: { readonly text: BlobText; readonly kind: TextKind }) {
  const { value, isTruncated } = text
  if (value === '') return <p class="viewer-note">{t().preview.empty}</p>
  switch (kind) {
    case 'table':
      return <TableView value={value} isTruncated={isTruncated} />
    case 'calendar':
      return <SummaryView summary={calendarSummary(value, dateOf)} source={value} isTruncated={isTruncated} />
    case 'contacts':
      return <CardsView value={value} isTruncated={isTruncated} />
    case 'text':
      return (
        <>
          <pre>{value.slice(0, maxShown)}</pre>
          {(isTruncated || value.length > maxShown) && <Cut />}
        </>
      )
    default:
      return kind satisfies never
  }
}

function Cut({ children }: { readonly children?: ComponentChildren }) {
  return (
    <p class="viewer-cut">
      {t().preview.cut}
      {children}
    </p>
  )
}

function TableView({ value, isTruncated }: { readonly value: string; readonly isTruncated: boolean }) {
  const { rows, isCut } = readTable(value)
  const [head = [], ...others] = rows
  return (
    <>
      <div class="viewer-table">
        <table aria-label={t().preview.table}>
          <thead>
            <tr>
              {head.map((cell, at) => (
                <th key={at} scope="col">
                  {cell}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {others.map((row, at) => (
              <tr key={at}>
                {row.map((cell, column) => (
                  <td key={column}>{cell}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {(isCut || isTruncated) && <Cut />}
    </>
  )
}

function dateOf(date: Date, kind: DateKind): string {
  const locale = localeFor(language.value)
  return kind === 'moment' ? momentDate(date, locale) : wallDate(date, locale, kind === 'wall')
}

/** The reader of cards is large, and few files want it. */
function CardsView({ value, isTruncated }: { readonly value: string; readonly isTruncated: boolean }) {
  const reader = useFetched(() => import('../model/preview/cards.ts'), [])
  if (reader.kind === 'failed') return <Problem text={t().preview.failed} />
  if (reader.kind === 'loading') return <Waiting />
  const summary = reader.value.contactsSummary(value, date => dateText(date, localeFor(language.value)))
  return <SummaryView summary={summary} source={value} isTruncated={isTruncated} />
}

function SummaryView({
  summary: { entries, isCut },
  source,
  isTruncated,
}: {
  readonly summary: Summary
  readonly source: string
  readonly isTruncated: boolean
}) {
  if (entries.length === 0) return <pre>{source.slice(0, maxShown)}</pre>
  return (
    <>
      {entries.map(({ title, facts }, at) => (
        <section key={at} class="viewer-entry">
          <h3>{title === '' ? t().preview.untitled : title}</h3>
          <dl>
            {facts.map(({ kind, value }, index) => (
              <div key={index}>
                <dt>{t().preview.facts[kind]}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
      {(isCut || isTruncated) && <Cut />}
    </>
  )
}
