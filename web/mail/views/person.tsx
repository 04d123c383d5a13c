import type { EmailAddress } from '#protocols/jmap/wire.ts'
import { useRef } from 'preact/hooks'
import { isContact } from '../model/contacts/is-contact.ts'
import { plainSigns } from '../model/plain-signs.ts'
import { go } from '../model/route.ts'
import { t } from '../texts/texts.ts'
import { MenuItem, MenuPanel } from '../../ui/menu.tsx'
import { addToContacts } from './contacts/lazy-contacts.tsx'
import { useMail } from './mail-context.ts'
import { writing } from './writing.ts'

/** Somebody in a header, and what one may want of them. */
export function Person({ name, address }: { readonly name: string; readonly address: EmailAddress }) {
  const button = useRef<HTMLButtonElement>(null)
  const panel = useRef<HTMLDivElement>(null)
  const words = t().reading
  const { email } = address
  const mail = useMail()
  const isKnown = isContact.value?.(email) ?? false
  return (
    <span class="person">
      <button ref={button} type="button" onClick={() => panel.current?.togglePopover()}>
        <strong>{name}</strong> {name !== email && <span>{plainSigns(email)}</span>}
      </button>
      <MenuPanel panel={panel} anchor={() => button.current}>
        {writing.value && (
          <MenuItem icon="compose" onClick={() => writing.value?.start({ kind: 'new', to: [address] })}>
            {words.writeTo(email)}
          </MenuItem>
        )}
        <MenuItem icon="search" onClick={() => go({ place: 'search', search: email, thread: undefined })}>
          {words.lettersOf(email)}
        </MenuItem>
        <MenuItem icon="person" onClick={() => addToContacts(mail, address)}>
          {isKnown ? t().contacts.fromLetter.show : t().contacts.fromLetter.add(email)}
        </MenuItem>
        <MenuItem icon="copy" onClick={() => void navigator.clipboard.writeText(email)}>
          {words.copyAddress(email)}
        </MenuItem>
      </MenuPanel>
    </span>
  )
}
