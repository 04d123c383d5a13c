import { useSignal } from '@preact/signals'
import type { ContactCard } from '#protocols/jmap/wire-contacts.ts'
import { displayName, emailsOf, photoOf } from '../../model/contacts/facts.ts'
import { Avatar } from '../../../ui/avatar.tsx'
import { useMail } from '../mail-context.ts'

/** The photo where there is one that can be shown, else the first sign of the name. */
export function ContactAvatar({ card, size }: { readonly card: ContactCard; readonly size: number }) {
  const { client } = useMail()
  const isBroken = useSignal(false)
  const photo = photoOf(card)
  const name = displayName(card)
  if (!photo || isBroken.value)
    return <Avatar name={name || '?'} seed={emailsOf(card)[0]?.address ?? card.uid} size={size} />
  const source = photo.blobId === undefined ? photo.uri : client.downloadUrl(photo.blobId, 'photo', 'image/jpeg')
  return (
    <img
      class="avatar contact-photo"
      src={source ?? ''}
      alt=""
      width={size}
      height={size}
      loading="lazy"
      style={{ '--avatar-size': `${size}px` }}
      onError={() => (isBroken.value = true)}
    />
  )
}
