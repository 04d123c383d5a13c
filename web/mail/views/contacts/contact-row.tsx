import { emailsOf, readingOf, workOf } from '../../model/contacts/facts.ts'
import type { Listed } from '../../model/contacts/order.ts'
import { printRoute, route } from '../../model/route.ts'
import { t } from '../../texts/texts.ts'
import { Icon } from '../../../ui/icon.tsx'
import { openCard } from './contact-acts.ts'
import { ContactAvatar } from './contact-avatar.tsx'
import { idAt, useContacts } from './contacts-view.ts'

type Props = { readonly at: number; readonly listed: Listed | undefined; readonly isFirst: boolean }

export function ContactRow({ at, listed, isFirst }: Props) {
  return listed ? <Row at={at} listed={listed} isFirst={isFirst} /> : <div class="row-wait" />
}

function Row({ at, listed: { card, name, heading }, isFirst }: Props & { readonly listed: Listed }) {
  const view = useContacts()
  const { selection } = view
  const texts = t().contacts
  const isTicked = selection.ticked.value.has(card.id)
  const isOpen = route.value.contacts?.card === card.id
  const shown = name || texts.unnamed
  const reading = readingOf(card)
  const [email] = emailsOf(card)
  const second = [workOf(card), email?.address === name ? '' : (email?.address ?? '')].filter(one => one !== '')
  const tick = (event: MouseEvent) => {
    event.preventDefault()
    if (event.shiftKey) selection.extend(at, place => idAt(view, place))
    else selection.toggle(card.id, at)
  }
  const onClick = (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey) return
    event.preventDefault()
    if (event.shiftKey) return tick(event)
    openCard(view, at)
  }
  return (
    <div
      class="row contact-row"
      data-open={isOpen}
      data-ticked={isTicked}
      data-cursor={selection.cursor.value === at}
      data-first={isFirst && at > 0}
    >
      <span class="contact-heading" aria-hidden={!isFirst} title={headingText(heading)}>
        {isFirst ? heading : ''}
      </span>
      <button
        type="button"
        class="row-tick"
        role="checkbox"
        aria-checked={isTicked}
        aria-label={texts.tick(shown)}
        onClick={tick}
      >
        <ContactAvatar key={card.id} card={card} size={36} />
        <span class="row-box">{isTicked && <Icon name="check" size={16} />}</span>
      </button>
      <a
        class="row-link"
        href={printRoute({
          ...route.value,
          contacts: { card: card.id, isEditing: false, group: route.value.contacts?.group },
        })}
        onClick={onClick}
        draggable={false}
        {...(isOpen && { 'aria-current': 'true' as const })}
      >
        <span class="contact-name">
          <span>{shown}</span>
          {reading !== '' && reading !== shown && <span class="contact-reading">{reading}</span>}
        </span>
        {second.length > 0 && <span class="row-preview">{second.join(' · ')}</span>}
      </a>
    </div>
  )
}

function headingText(heading: string): string {
  if (heading === '漢') return t().contacts.noReading
  return heading === '#' ? t().contacts.others : heading
}
