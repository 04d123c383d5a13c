/** The contacts, when somebody goes there. */
import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { EmailAddress } from '#protocols/jmap/wire.ts'
import type { Mail } from '../../model/mail.ts'
import { t } from '../../texts/texts.ts'
import { useMail } from '../mail-context.ts'
import type { ContactsPage } from './contacts-page.tsx'

export function LazyContacts() {
  const mail = useMail()
  const Loaded = useSignal<typeof ContactsPage | undefined>(undefined)
  useEffect(() => {
    import('./contacts-page.tsx').then(
      ({ ContactsPage: loaded }) => (Loaded.value = loaded),
      () => mail.notices.failed(),
    )
  }, [])
  return Loaded.value ? <Loaded.value /> : <div class="pane-list" aria-busy="true" aria-label={t().link.loading} />
}

export function addToContacts(mail: Mail, address: EmailAddress): void {
  import('./add-sender.ts').then(
    ({ addSender }) => addSender(mail, address),
    () => mail.notices.failed(),
  )
}
