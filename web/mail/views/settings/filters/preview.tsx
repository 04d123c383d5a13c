/** Which letters of a mailbox, or of all, fit, while somebody is still at it: how many, and the newest five. */
import { type ReadonlySignal, type Signal, useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Id, Mailbox } from '#protocols/jmap/wire.ts'
import { type EmailRow, rowProperties } from '../../../model/emails.ts'
import { pathOf, placesOf, type Scope, scopeFilter } from '../../../model/filters/acting.ts'
import { type FilterForm, filterOf, problemOf } from '../../../model/filters/form.ts'
import { matchesOf } from '../../../model/filters/matching.ts'
import { aloneNameOf } from '../../../model/people.ts'
import { plainName, subjectText } from '../../../model/plain-signs.ts'
import type { Mail } from '../../../model/mail.ts'
import { filterTexts } from '../../../texts/filters.ts'
import { t } from '../../../texts/texts.ts'
import { useMail } from '../../mail-context.ts'
import { mailboxName } from '../../mailbox-name.ts'

export type Previewed = { readonly ids: readonly Id[]; readonly isCut: boolean; readonly newest: readonly EmailRow[] }

export function idsOf(previewed: Previewed | 'failed' | 'incomplete' | undefined): readonly Id[] {
  return typeof previewed === 'object' ? previewed.ids : []
}

/** Behind the last key */
const pauseMs = 400
const shownRows = 5

/** Undefined: it is being found out; of the form as it is now, never of an earlier one. */
export function usePreview(
  form: Signal<FilterForm>,
  scope: ReadonlySignal<Scope>,
): ReadonlySignal<Previewed | 'failed' | 'incomplete' | undefined> {
  const mail = useMail()
  const found = useSignal<Previewed | 'failed' | 'incomplete' | undefined>(undefined)
  const { conditions, match } = form.value
  const asked = JSON.stringify([conditions, match, scope.value])
  useEffect(() => {
    const problem = problemOf({ ...form.peek(), place: 'trash' })
    const isIncomplete = problem === 'no-value' || problem === 'no-header' || problem === 'no-size'
    found.value = isIncomplete ? 'incomplete' : undefined
    if (isIncomplete) return undefined
    const end = new AbortController()
    const timer = setTimeout(() => {
      look(mail, form.peek(), { scope: scope.peek(), signal: end.signal }).then(
        previewed => !end.signal.aborted && (found.value = previewed),
        () => !end.signal.aborted && (found.value = 'failed'),
      )
    }, pauseMs)
    return () => {
      clearTimeout(timer)
      end.abort()
    }
  }, [asked])
  return found
}

type Looking = { readonly scope: Scope; readonly signal: AbortSignal }

async function look(mail: Mail, form: FilterForm, { scope, signal }: Looking): Promise<Previewed> {
  const places = placesOf(mail)
  const { ids, isCut } = await matchesOf(mail.client, filterOf(form, places), scopeFilter(scope, places), signal)
  const calls = mail.client.batch()
  const get = calls.call('Email/get', { ids: ids.slice(0, shownRows), properties: rowProperties })
  const rows = (await mail.client.send(calls, { signal })).of(get).list as readonly EmailRow[]
  return { ids, isCut, newest: ids.slice(0, shownRows).flatMap(id => rows.find(row => row.id === id) ?? []) }
}

export function Preview({
  matches,
  scope,
}: {
  readonly matches: ReadonlySignal<Previewed | 'failed' | 'incomplete' | undefined>
  readonly scope: Signal<Scope>
}) {
  const words = filterTexts()
  const now = matches.value
  if (now === 'incomplete') return null
  return (
    <section class="filters-preview" aria-live="polite">
      <ScopeSelect scope={scope} />
      <p>{now === undefined ? words.looking : now === 'failed' ? words.lookFailed : countWords(now)}</p>
      {typeof now === 'object' && now.newest.length > 0 && (
        <ul>
          {now.newest.map(({ id, from, subject }) => (
            <li key={id}>
              <span>{from?.[0] && aloneNameOf(from[0])}</span>
              <span>{subjectText(subject) ?? t().list.noSubject}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

/** Where is looked, and where the filter is applied when it is */
function ScopeSelect({ scope }: { readonly scope: Signal<Scope> }) {
  const { mailboxes } = useMail()
  const words = filterTexts()
  const chosen = scope.value === 'all' ? scope.value : scope.value.in
  const { byId } = mailboxes
  const shown = (mailbox: Mailbox) =>
    mailbox.role === null ? plainName(pathOf(mailbox, byId.value)) : mailboxName(mailbox)
  return (
    <label class="filters-scope">
      {words.scope}
      <select
        class="text-field"
        value={chosen}
        onChange={({ currentTarget: { value } }) => (scope.value = value === 'all' ? value : { in: value })}
      >
        {mailboxes.tree.value
          .filter(({ mailbox: { role } }) => role !== 'drafts')
          .map(({ mailbox }) => (
            <option key={mailbox.id} value={mailbox.id} selected={mailbox.id === chosen}>
              {shown(mailbox)}
            </option>
          ))}
        <option value="all">{words.scopeAll}</option>
      </select>
    </label>
  )
}

function countWords({ ids, isCut }: Previewed): string {
  const words = filterTexts()
  if (ids.length === 0) return words.matchingNone
  return isCut ? words.matchingMore(ids.length) : words.matching(ids.length)
}
