/** One letter of a conversation: a line while it is folded, else all of it. */
import type { Conversation, Letter } from '../model/conversation.ts'
import { fullDate, longDate } from '../model/dates.ts'
import type { EmailRow } from '../model/emails.ts'
import { aloneNameOf, isSame, nameOf } from '../model/people.ts'
import { plainSigns } from '../model/plain-signs.ts'
import { language, t } from '../texts/texts.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { Button, IconButton } from '../../ui/button.tsx'
import { letterParts } from './letter-body.ts'
import { LetterDetails, Recipients } from './letter-details.tsx'
import { LetterMenu } from './letter-menu.tsx'
import { LabelChips } from './labels/chips.tsx'
import { useMail } from './mail-context.ts'
import { localeFor } from './message-row.tsx'
import { JunkReasons } from './junk-reasons.tsx'
import { ProofBadge } from './sender-proof.tsx'
import { SentBadge, SentMark } from './track/sent-state.tsx'
import { UnsubscribeButton } from './unsubscribe-button.tsx'
import { writing } from './writing.ts'
import './letter.css'
import './letter-tools.css'

type Props = { readonly row: EmailRow; readonly conversation: Conversation }

export function LetterView({ row, conversation }: Props) {
  const open = conversation.open.value
  return open.has(row.id) ? (
    <Unfolded row={row} letter={open.get(row.id)} conversation={conversation} />
  ) : (
    <Folded row={row} conversation={conversation} />
  )
}

function Folded({ row, conversation }: Props) {
  const sender = row.from?.[0]
  return (
    <section class="sheet folded" data-letter={row.id}>
      <button
        type="button"
        class="letter-line"
        aria-expanded={false}
        onClick={() => void conversation.unfold([row.id]).catch(() => undefined)}
      >
        <Avatar name={sender ? nameOf(sender) : '?'} seed={sender?.email ?? ''} size={28} />
        <span class="letter-who">{useSenderName(row, aloneNameOf)}</span>
        {row.keywords['$draft'] && <span class="row-draft">{t().list.draft}</span>}
        <span class="letter-preview">{row.preview}</span>
        <SentMark row={row} />
        <LetterDate row={row} />
      </button>
    </section>
  )
}

function Unfolded({ row, letter, conversation }: Props & { readonly letter: Letter | undefined }) {
  const { actions } = useMail()
  const sender = row.from?.[0]
  const isStarred = row.keywords['$flagged'] === true
  const canFold = conversation.rows.length > 1
  const parts = letterParts.value
  return (
    <section class="sheet" data-letter={row.id} aria-busy={letter === undefined}>
      <header class="letter-head">
        <Avatar name={sender ? nameOf(sender) : '?'} seed={sender?.email ?? ''} size={40} />
        <div class="letter-facts">
          <div class="letter-from">
            {canFold ? (
              <button type="button" class="letter-who" aria-expanded={true} onClick={() => conversation.fold(row.id)}>
                {useSenderName(row)}
              </button>
            ) : (
              <span class="letter-who">{useSenderName(row)}</span>
            )}
            {row.keywords['$draft'] && <span class="row-draft">{t().list.draft}</span>}
            {sender && <span class="letter-address">{plainSigns(sender.email)}</span>}
            {letter && <ProofBadge letter={letter} />}
            {letter && <UnsubscribeButton letter={letter} />}
          </div>
          <Recipients row={row} letter={letter} />
        </div>
        <div class="letter-tools">
          <SentBadge row={row} />
          {isLabelledAlone(row, conversation) && <LabelChips rows={[row]} most={2} />}
          <LetterDate row={row} />
          <IconButton
            icon="star"
            size={18}
            class="letter-star"
            filled={isStarred}
            pressed={isStarred}
            label={isStarred ? t().actions.unstar : t().actions.star}
            onClick={() => void actions.starEmail(row.id, !isStarred)}
          />
          {letter && <LetterMenu letter={letter} />}
        </div>
      </header>
      {letter ? (
        <>
          <LetterDetails letter={letter} />
          <JunkReasons letter={letter} />
          {letter.viewCharset !== undefined && <ViewedAs letter={letter} conversation={conversation} />}
          {parts ? <parts.LetterContent letter={letter} /> : <div class="letter-wait" aria-busy="true" />}
          {row.keywords['$draft'] && writing.value && (
            <p class="letter-edit">
              <Button icon="drafts" onClick={() => writing.value?.start({ kind: 'draft', emailId: row.id })}>
                {t().actions.edit}
              </Button>
            </p>
          )}
          {parts && <parts.Attachments letter={letter} />}
        </>
      ) : (
        <div class="letter-wait" />
      )}
    </section>
  )
}

/** It is read in another charset than it says: its own subject and sender may be others too. */
function ViewedAs({ letter, conversation }: { readonly letter: Letter; readonly conversation: Conversation }) {
  const { notices } = useMail()
  const [sender] = letter.from ?? []
  const facts = [letter.subject, sender && nameOf(sender)].filter(one => one).join(' · ')
  const back = () => void conversation.viewAs(letter.id, undefined).catch(() => notices.failed())
  return (
    <p class="letter-note viewed-as" role="status">
      <span>
        {t().letter.viewedAs(letter.viewCharset ?? '')} {facts}
      </span>
      <Button onClick={back}>{t().letter.asFound}</Button>
    </p>
  )
}

/** What all letters of a conversation have stands above it. */
function isLabelledAlone(row: EmailRow, { rows }: Conversation): boolean {
  return Object.keys(row.keywords).some(keyword => rows.some(other => other.keywords[keyword] !== true))
}

function useSenderName(row: EmailRow, called = nameOf): string {
  const { user } = useMail()
  const sender = row.from?.[0]
  if (!sender) return t().list.noSender
  return isSame(sender.email, user.username) ? t().list.me : called(sender)
}

function LetterDate({ row }: { readonly row: EmailRow }) {
  const locale = localeFor(language.value)
  const date = new Date(row.receivedAt)
  return (
    <time class="letter-date" dateTime={row.receivedAt} title={fullDate(date, locale)}>
      {longDate(date, new Date(), { locale, yesterday: t().list.yesterday })}
    </time>
  )
}
