import type { Composition } from '../../model/compose/composition.ts'
import type { Desk } from '../../model/compose/desk.ts'
import { t } from '../../texts/texts.ts'
import { IconButton } from '../../../ui/button.tsx'
import { useMail } from '../mail-context.ts'

/** Letters that were begun and are not written in now: one press goes on with them. */
export function FoldedLetters({ desk }: { readonly desk: Desk }) {
  const current = desk.current.value
  const folded = desk.open.value.filter(one => one !== current)
  if (folded.length === 0) return null
  return (
    <ul class="compose-folded" data-beside={current !== undefined} aria-label={t().writing.folded}>
      {folded.map(one => (
        <Folded key={one} desk={desk} composition={one} />
      ))}
    </ul>
  )
}

function Folded({ desk, composition }: { readonly desk: Desk; readonly composition: Composition }) {
  const { notices } = useMail()
  const words = t().writing
  const { subject } = composition.content.value
  const title = subject.trim() || words.newLetter
  return (
    <li>
      <button
        type="button"
        title={words.goOn(title)}
        aria-label={words.goOn(title)}
        onClick={() => desk.show(composition)}
      >
        {title}
      </button>
      <IconButton
        icon="close"
        size={16}
        label={words.closeNamed(title)}
        onClick={() => void desk.close(composition).catch(() => notices.failed())}
      />
    </li>
  )
}
