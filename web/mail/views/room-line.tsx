import { useEffect, useMemo } from 'preact/hooks'
import { sizeText } from '../model/dates.ts'
import { filledPart, isTight, MailRoom } from '../model/room.ts'
import { language, t } from '../texts/texts.ts'
import { useMail } from './mail-context.ts'
import { localeFor } from './message-row.tsx'

/** How full the mailbox is, at the foot of the mailboxes; nothing where there is no limit. */
export function RoomLine() {
  const mail = useMail()
  const room = useMemo(() => new MailRoom(mail), [mail])
  useEffect(() => () => room.close(), [room])
  const now = room.value.value
  if (!now) return null
  const size = (octets: number) => sizeText(octets, localeFor(language.value))
  const text = t().mailboxes.room(size(now.used), size(now.hardLimit))
  return (
    <div class="room" data-tight={isTight(now)}>
      <meter min={0} max={1} value={filledPart(now)} aria-label={t().mailboxes.roomLabel}>
        {text}
      </meter>
      <span>{text}</span>
    </div>
  )
}
