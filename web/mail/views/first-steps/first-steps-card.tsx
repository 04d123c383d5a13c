import { useEffect, useMemo } from 'preact/hooks'
import { FirstSteps } from '../../model/first-steps/first-steps.ts'
import { go, route } from '../../model/route.ts'
import { language, t } from '../../texts/texts.ts'
import { Button, IconButton } from '../../../ui/button.tsx'
import { Icon } from '../../../ui/icon.tsx'
import { useMail } from '../mail-context.ts'
import { startWriting, writing } from '../writing.ts'
import type { FirstStep } from '../../jmap/sign-in.ts'
import './first-steps.css'

/** An invitation to whoever is new, until it is followed or closed. */
export function FirstStepsCard() {
  const mail = useMail()
  const steps = useMemo(() => new FirstSteps({ ...mail, route, storage: localStorage }), [mail])
  useEffect(() => () => steps.close(), [steps])
  const words = t().firstSteps
  if (steps.isOver.value || steps.steps.length === 0) return null
  const isAllDone = steps.isAllDone.value
  return (
    <section class="first-steps" aria-label={words.title}>
      <header>
        <h2>{isAllDone ? words.allDone : words.title}</h2>
        <IconButton icon="close" size={18} label={words.end} onClick={() => steps.end()} />
      </header>
      <ol>
        {steps.steps.map(step => (
          <Step key={step.search ?? step.writeTo} step={step} isDone={steps.isDone(step)} />
        ))}
      </ol>
    </section>
  )
}

function Step({ step, isDone }: { readonly step: FirstStep; readonly isDone: boolean }) {
  const words = t().firstSteps
  const { search, writeTo = '', note } = step
  const act = () =>
    search === undefined
      ? startWriting({ kind: 'new', to: [{ name: null, email: writeTo }] })
      : go({ place: 'search', search, thread: undefined })
  return (
    <li data-done={isDone}>
      <span class="first-step-mark" role="img" aria-label={isDone ? words.done : words.open}>
        {isDone && <Icon name="check" size={14} />}
      </span>
      <div>
        <Button kind="quiet" disabled={search === undefined && !writing.value} onClick={act}>
          {search === undefined ? words.writeTo(writeTo) : words.search(search)}
        </Button>
        {note && <p>{note[language.value]}</p>}
      </div>
    </li>
  )
}
