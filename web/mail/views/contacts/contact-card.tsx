/** Somebody, as the card has them. */
import type { ComponentChildren } from 'preact'
import type { ContactCard } from '#protocols/jmap/wire-contacts.ts'
import {
  addressLines,
  addressOf,
  displayName,
  emailsOf,
  entries,
  phonesOf,
  readingOf,
  workOf,
} from '../../model/contacts/facts.ts'
import { plainName } from '../../model/plain-signs.ts'
import { go, goContacts, leaveCard } from '../../model/route.ts'
import { language, t } from '../../texts/texts.ts'
import { Button, IconButton } from '../../../ui/button.tsx'
import { Icon, type IconName } from '../../../ui/icon.tsx'
import { MenuButton, MenuItem } from '../../../ui/menu.tsx'
import { localeFor } from '../message-row.tsx'
import { useMail } from '../mail-context.ts'
import { writing } from '../writing.ts'
import { deleteCards, editCard, writeTo } from './contact-acts.ts'
import { ContactAvatar } from './contact-avatar.tsx'
import { useContacts } from './contacts-view.ts'
import { dateText, safeLink, typeText } from './say-card.ts'
import './contact-card.css'

export function ContactCardView({ card }: { readonly card: ContactCard }) {
  return (
    <>
      <CardBar card={card} />
      <div class="reading-scroll" tabIndex={-1}>
        <article class="contact">
          <CardHead card={card} />
          <Ways card={card} />
          <Facts card={card} />
          <CardGroups card={card} />
        </article>
      </div>
    </>
  )
}

function CardBar({ card }: { readonly card: ContactCard }) {
  const mail = useMail()
  const view = useContacts()
  const texts = t().contacts
  const { group } = view
  const mayChange = mail.isLinked.value
  return (
    <header class="reading-bar">
      <IconButton icon="back" class="reading-back" label={texts.back} onClick={leaveCard} />
      <span class="spring" />
      {mayChange && (
        <>
          <IconButton icon="drafts" label={texts.edit} keys="e" onClick={() => editCard(card)} />
          <IconButton icon="trash" label={texts.delete} keys="#" onClick={() => deleteCards(mail, view, [card])} />
        </>
      )}
      <MenuButton icon="more" label={texts.more}>
        {mayChange && (
          <MenuItem icon="people" onClick={() => (view.dialog.value = { kind: 'groups', cards: [card] })}>
            {texts.group.addTo}
          </MenuItem>
        )}
        {mayChange && group.value && (
          <MenuItem
            icon="minus"
            onClick={() =>
              group.value &&
              void view.contacts.removeMembers(group.value, [card]).catch(() => mail.notices.say(texts.group.failed))
            }
          >
            {texts.group.removeFrom(displayName(group.value))}
          </MenuItem>
        )}
        <MenuItem icon="download" onClick={() => (view.dialog.value = { kind: 'export', cards: [card] })}>
          {texts.export.menu}
        </MenuItem>
      </MenuButton>
    </header>
  )
}

function CardHead({ card }: { readonly card: ContactCard }) {
  const mail = useMail()
  const texts = t().contacts
  const name = displayName(card)
  const reading = readingOf(card)
  const work = workOf(card)
  const nicknames = entries(card.nicknames).map(one => one.name)
  const address = addressOf(card)
  return (
    <header class="contact-head">
      <ContactAvatar card={card} size={84} />
      <div class="contact-who">
        {reading !== '' && reading !== name && <p class="contact-kana">{plainName(reading)}</p>}
        <h2>{name || texts.unnamed}</h2>
        {nicknames.length > 0 && nicknames[0] !== name && <p class="contact-sub">{plainName(nicknames.join(', '))}</p>}
        {work !== '' && work !== name && <p class="contact-sub">{work}</p>}
        {address && (
          <p class="contact-acts">
            {writing.value && (
              <Button kind="primary" icon="compose" onClick={() => writeTo(mail, [card])}>
                {texts.write}
              </Button>
            )}
            <Button icon="search" onClick={() => go({ place: 'search', search: lettersWith(card), thread: undefined })}>
              {texts.lettersWith}
            </Button>
          </p>
        )}
      </div>
    </header>
  )
}

/** Any of their addresses */
function lettersWith(card: ContactCard): string {
  return emailsOf(card)
    .map(({ address }) => address)
    .join(' OR ')
}

function Ways({ card }: { readonly card: ContactCard }) {
  const texts = t().contacts
  const [emails, phones] = [emailsOf(card), phonesOf(card)]
  const name = displayName(card)
  if (emails.length + phones.length === 0) return null
  return (
    <section class="contact-box">
      {emails.map(one => (
        <Line key={one.address} icon="unread" label={texts.email} type={typeText(one)} copy={one.address}>
          <button
            type="button"
            class="contact-link"
            onClick={() =>
              writing.value?.start({
                kind: 'new',
                to: [{ name: name === one.address ? null : name, email: one.address }],
              })
            }
          >
            {plainName(one.address)}
          </button>
        </Line>
      ))}
      {phones.map(one => {
        const number = one.number.replace(/^tel:/i, '')
        return (
          <Line key={one.number} icon="phone" label={texts.phone} type={typeText(one)} copy={number}>
            <a class="contact-link" href={`tel:${number.replaceAll(/[^\d+*#;=a-z-]/gi, '')}`}>
              {plainName(number)}
            </a>
          </Line>
        )
      })}
    </section>
  )
}

function Facts({ card }: { readonly card: ContactCard }) {
  const texts = t().contacts
  const locale = localeFor(language.value)
  const addresses = Object.entries(card.addresses ?? {}).filter(([, one]) => addressLines(one).length > 0)
  const dates = entries(card.anniversaries)
  const [links, services, notes] = [entries(card.links), entries(card.onlineServices), entries(card.notes)]
  if (addresses.length + dates.length + links.length + services.length + notes.length === 0) return null
  return (
    <section class="contact-box">
      {addresses.map(([key, one]) => (
        <Line key={key} icon="place" label={texts.address} type={typeText(one)} copy={addressLines(one).join('\n')}>
          {addressLines(one).map(line => (
            <span key={line} class="contact-text">
              {line}
            </span>
          ))}
        </Line>
      ))}
      {dates.map(one => (
        <Line key={one.kind} icon="cake" label={one.kind === 'birth' ? texts.birthday : texts.anniversary}>
          {dateText(one.date, locale)}
        </Line>
      ))}
      {links.map(one => (
        <Line key={one.uri} icon="link" label={texts.link} type={typeText(one)}>
          {safeLink(one.uri) ? (
            <a class="contact-link" href={one.uri} target="_blank" rel="noopener noreferrer">
              {plainName(one.uri)}
            </a>
          ) : (
            plainName(one.uri)
          )}
        </Line>
      ))}
      {services.map(one => (
        <Line
          key={one.uri ?? one.user ?? ''}
          icon="person"
          label={plainName(one.service ?? texts.online)}
          type={typeText(one)}
        >
          {plainName(one.user ?? one.uri ?? '')}
        </Line>
      ))}
      {notes.map(({ note }) => (
        <Line key={note} icon="note" label={texts.note}>
          <span class="contact-note">{plainName(note)}</span>
        </Line>
      ))}
    </section>
  )
}

type LineProps = {
  readonly icon: IconName
  readonly label: string
  readonly type?: string
  readonly copy?: string
  readonly children: ComponentChildren
}

function Line({ icon, label, type = '', copy, children }: LineProps) {
  const { notices } = useMail()
  const texts = t().contacts
  return (
    <div class="contact-line">
      <span class="contact-icon" role="img" aria-label={label} title={label}>
        <Icon name={icon} size={19} />
      </span>
      <div class="contact-value">
        <div>{children}</div>
        <p class="contact-type">{type === '' ? label : type}</p>
      </div>
      {copy !== undefined && (
        <IconButton
          icon="copy"
          size={17}
          class="contact-copy"
          label={`${texts.copy}: ${copy.replaceAll('\n', ' ')}`}
          onClick={() =>
            void navigator.clipboard.writeText(copy).then(() => notices.say(texts.copied(copy.replaceAll('\n', ' '))))
          }
        />
      )}
    </div>
  )
}

function CardGroups({ card }: { readonly card: ContactCard }) {
  const { contacts } = useContacts()
  const groups = contacts.groupsOf(card)
  const words = Object.keys(card.keywords ?? {})
  if (groups.length + words.length === 0) return null
  return (
    <p class="contact-groups">
      {groups.map(group => (
        <button key={group.id} type="button" class="group-chip" onClick={() => goContacts({ group: group.id })}>
          <Icon name="people" size={15} /> <span>{displayName(group)}</span>
        </button>
      ))}
      {words.map(word => (
        <span key={word} class="contact-word">
          {plainName(word)}
        </span>
      ))}
    </p>
  )
}
