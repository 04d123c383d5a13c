import { t } from '../../texts/texts.ts'
import { Button } from '../../../ui/button.tsx'
import { loadedThreads, tickLoaded } from '../commands.ts'
import { useMail } from '../mail-context.ts'
import { chooseAll } from './over-all.ts'
import './bulk.css'

/** Below the bar of what is ticked: whoever has ticked all that is loaded may want all that there is. */
export function WholeLine() {
  const mail = useMail()
  const words = t().bulk
  const whole = mail.selection.whole.value
  const list = mail.list.value
  if (!list) return null
  const isMailbox = list.query.mailbox !== undefined
  if (whole?.kind === 'collecting')
    return (
      <Line
        text={words.collecting(whole.found)}
        act={words.stop}
        onAct={() => mail.selection.tick(loadedThreads(mail))}
      />
    )
  if (whole) {
    const { ids, total } = whole.everything
    const all = isMailbox ? words.allOfMailbox(ids.size) : words.allOfSearch(ids.size)
    const text = ids.size < total && ids.size >= mostAtOnce ? words.bounded(ids.size, total) : all
    return <Line text={text} act={words.onlyLoaded} onAct={() => tickLoaded(mail)} />
  }
  const ticked = mail.selection.ticked.value
  const total = list.total.value
  if (ticked.size < 2 || total <= ticked.size || !loadedThreads(mail).every(one => ticked.has(one))) return null
  const take = isMailbox ? words.takeMailbox(total) : words.takeSearch(total)
  return <Line text={words.loaded(ticked.size)} act={take} onAct={() => chooseAll(mail)} />
}

/** As model/bulk/everything.ts has it, which is not loaded with this page */
const mostAtOnce = 100_000

function Line({ text, act, onAct }: { readonly text: string; readonly act: string; readonly onAct: () => void }) {
  return (
    <p class="whole-line" role="status">
      <span>{text}</span>
      <Button kind="quiet" onClick={onAct}>
        {act}
      </Button>
    </p>
  )
}
