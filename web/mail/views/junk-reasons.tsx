import { reasonText } from '#mail/content/texts.ts'
import type { Letter } from '../model/conversation.ts'
import { junkVerdict } from '../model/junk-verdict.ts'
import { language, t } from '../texts/texts.ts'
import { Icon } from '../../ui/icon.tsx'
import { useMail } from './mail-context.ts'

/** Over a letter in Junk: what spoke against it. */
export function JunkReasons({ letter }: { readonly letter: Letter }) {
  const { mailboxes, emails } = useMail()
  const junk = mailboxes.byRole.value.get('junk')?.id ?? ''
  const verdict = junkVerdict(letter.headers)
  if (emails.get(letter.id)?.mailboxIds[junk] !== true || !verdict?.isJunk) return null
  const against = verdict.reasons.filter(({ points }) => points > 0).toSorted((a, b) => b.points - a.points)
  if (against.length === 0) return null
  return (
    <aside class="junk-why">
      <strong>
        <Icon name="junk" size={16} /> {t().reading.junkWhy}
      </strong>
      <ul>
        {against.map(reason => (
          <li key={reason.code}>{reasonText(reason)[language.value]}</li>
        ))}
      </ul>
    </aside>
  )
}
