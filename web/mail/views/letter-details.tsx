import { type Signal, signal } from '@preact/signals'
import type { EmailAddress, Id } from '#protocols/jmap/wire.ts'
import type { Letter } from '../model/conversation.ts'
import { fullDate } from '../model/dates.ts'
import type { EmailRow } from '../model/emails.ts'
import { fieldsNamed } from '../model/header.ts'
import { distinct, isSame, nameOf, shortNameOf } from '../model/people.ts'
import { language, t } from '../texts/texts.ts'
import { Icon } from '../../ui/icon.tsx'
import { showDialog } from './dialog-request.ts'
import { useMail } from './mail-context.ts'
import { localeFor } from './message-row.tsx'
import { Person } from './person.tsx'

/** Letters whose header is spread out */
const detailed: Signal<ReadonlySet<Id>> = signal(new Set())
/** Names in the short line */
const shownNames = 3

/** "to me, Taro": a click spreads the header out. */
export function Recipients({ row, letter }: { readonly row: EmailRow; readonly letter: Letter | undefined }) {
  const { user } = useMail()
  const isOpen = detailed.value.has(row.id)
  const all = distinct([...(row.to ?? []), ...(letter?.cc ?? []), ...(letter?.bcc ?? [])])
  const names = all.slice(0, shownNames).map(one => (isSame(one.email, user.username) ? t().list.me : shortNameOf(one)))
  const rest = all.length - names.length
  const text = [names.join(', '), ...(rest > 0 ? [t().reading.andOthers(rest)] : [])].join(' ')
  return (
    <button
      type="button"
      class="letter-to"
      aria-expanded={isOpen}
      title={isOpen ? t().reading.hideDetails : t().reading.details}
      onClick={() => toggle(row.id)}
    >
      <span>{all.length > 0 ? t().reading.toWhom(text) : t().reading.details}</span>
      <Icon name={isOpen ? 'up' : 'down'} size={14} />
    </button>
  )
}

function toggle(id: Id): void {
  const next = new Set(detailed.peek())
  if (!next.delete(id)) next.add(id)
  detailed.value = next
}

export function LetterDetails({ letter }: { readonly letter: Letter }) {
  if (!detailed.value.has(letter.id)) return null
  const words = t().reading
  const locale = localeFor(language.value)
  const [list] = fieldsNamed(letter.headers, 'list-id')
  return (
    <>
      <dl class="letter-details">
        <People label={words.from} all={letter.from} />
        <People label={words.replyTo} all={letter.replyTo} />
        <People label={words.to} all={letter.to} />
        <People label={words.cc} all={letter.cc} />
        <People label={words.bcc} all={letter.bcc} />
        {letter.sentAt !== null && <Fact label={words.date}>{fullDate(new Date(letter.sentAt), locale)}</Fact>}
        <Fact label={words.received}>{fullDate(new Date(letter.receivedAt), locale)}</Fact>
        {list !== undefined && <Fact label={words.list}>{list}</Fact>}
      </dl>
      {letter.keywords['$draft'] !== true && (
        <button type="button" class="track-link" onClick={() => showDialog({ kind: 'track', emailId: letter.id })}>
          {t().track.title}
        </button>
      )}
    </>
  )
}

function Fact({ label, children }: { readonly label: string; readonly children: string }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  )
}

function People({ label, all }: { readonly label: string; readonly all: readonly EmailAddress[] | null }) {
  if (!all || all.length === 0) return null
  return (
    <div>
      <dt>{label}</dt>
      <dd>
        {all.map(one => (
          <Person key={one.email} name={nameOf(one)} address={one} />
        ))}
      </dd>
    </div>
  )
}
