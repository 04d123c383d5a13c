import { shortDate } from '../model/dates.ts'
import { language, t } from '../texts/texts.ts'
import { showDialog } from './dialog-request.ts'
import { useMail } from './mail-context.ts'
import { localeFor } from './message-row.tsx'

/** While the server cannot be reached, and while something waits for it: how old this is, and what waits. */
export function AwayLine() {
  const { isLinked, away } = useMail()
  const words = t().away
  const kept = away.value
  const waiting = kept?.waiting.value ?? []
  const isUp = isLinked.value
  if (isUp && waiting.every(({ refused }) => refused === undefined)) return null
  const asOf = isUp ? undefined : kept?.asOf.value
  const letters = waiting.filter(({ what }) => what.kind === 'send').length
  const isLettersOnly = letters > 0 && letters === waiting.length
  return (
    <div class="away">
      <span role="status">
        {!isUp && words.reconnecting} {asOf !== undefined && words.asOf(timeText(asOf))}
      </span>
      {waiting.length > 0 && (
        <button type="button" class="away-waiting" onClick={() => showDialog({ kind: 'waiting' })}>
          {isLettersOnly ? words.lettersWait(letters) : words.waiting(waiting.length)}
        </button>
      )}
    </div>
  )
}

/** The time alone where it is today's */
function timeText(at: number): string {
  const options = { locale: localeFor(language.value), yesterday: t().list.yesterday }
  return shortDate(new Date(at), new Date(), options)
}
