import type { Letter } from '../model/conversation.ts'
import { leftKeyword, waysOut } from '../model/leave-list.ts'
import { t } from '../texts/texts.ts'
import { showDialog } from './dialog-request.ts'
import { useMail } from './mail-context.ts'

/** Beside the sender of a list's letter: how it is left, or that it was. */
export function UnsubscribeButton({ letter }: { readonly letter: Letter }) {
  const { user, emails } = useMail()
  if (!waysOut(letter, user.authservIds ?? [])) return null
  const words = t().letter
  if (emails.get(letter.id)?.keywords[leftKeyword] === true) return <span class="list-left">{words.left}</span>
  return (
    <button type="button" class="list-leave" onClick={() => showDialog({ kind: 'unsubscribe', letter })}>
      {words.leave}
    </button>
  )
}
