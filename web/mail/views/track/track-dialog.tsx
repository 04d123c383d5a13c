import { useSignal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import type { Id } from '#protocols/jmap/wire.ts'
import type { EmailTrace, TraceRecipient } from '#protocols/jmap/wire-trace.ts'
import { plainSigns } from '../../model/plain-signs.ts'
import { type ShownStep, shownSteps } from '../../model/track/summary.ts'
import { Tracker } from '../../model/track/tracker.ts'
import {
  asText,
  boxText,
  headText,
  recipientText,
  stepNotes,
  stepText,
  verdictLines,
  type Wording,
} from '../../model/track/words.ts'
import { t } from '../../texts/texts.ts'
import { Button } from '../../../ui/button.tsx'
import { Dialog } from '../../../ui/dialog.tsx'
import { useMail } from '../mail-context.ts'
import { useWording } from './wording.ts'
import './track.css'

/** What happened to a letter, step by step over all our boxes; asked again while something waits. */
export function TrackDialog({ emailId, onClose }: { readonly emailId: Id; readonly onClose: () => void }) {
  const { client, sync } = useMail()
  const tracker = useMemo(() => new Tracker(client, emailId, () => !document.hidden), [client, emailId])
  const news = sync.arrived.value
  useEffect(() => void tracker.ask(), [tracker, news])
  useEffect(() => () => tracker.close(), [tracker])
  const copied = useSignal(false)
  const wording = useWording()
  const trace = tracker.trace.value
  const copy = () => {
    if (!trace) return
    void navigator.clipboard.writeText(asText(trace, wording, Date.now())).then(() => (copied.value = true))
  }
  return (
    <Dialog
      title={t().track.title}
      closeLabel={t().actions.close}
      onClose={onClose}
      footer={
        <Button icon="copy" onClick={copy} disabled={!trace}>
          {copied.value ? wording.words.copied : wording.words.copy}
        </Button>
      }
    >
      <div class="track" aria-busy={!trace && !tracker.failed.value}>
        {tracker.failed.value && <p class="track-note caution">{wording.words.failed}</p>}
        {trace ? (
          <Told trace={trace} wording={wording} />
        ) : (
          !tracker.failed.value && <p class="track-note">{wording.words.loading}</p>
        )}
      </div>
    </Dialog>
  )
}

function Told({ trace, wording }: { readonly trace: EmailTrace; readonly wording: Wording }) {
  const { words } = wording
  const head = headText(trace, wording, Date.now())
  const steps = useMemo(() => shownSteps(trace), [trace])
  return (
    <>
      <p class="track-head" role="status">
        {head}
      </p>
      {trace.direction === 'stored' && (
        <p class="track-note">
          {words.stored(trace.storedAt === null ? '' : wording.moment(new Date(trace.storedAt)))}
        </p>
      )}
      {trace.foundBy === 'messageId' && <p class="track-note">{words.byMessageId}</p>}
      {trace.direction === 'sent' && <RecipientList all={trace.recipients} wording={wording} />}
      {trace.direction !== 'stored' && trace.list.length === 0 && <p class="track-note">{words.nothing}</p>}
      {trace.omitted && <p class="track-note">{words.omitted}</p>}
      {steps.length > 0 && (
        <ol class="track-steps" aria-label={words.steps}>
          {steps.map((step, at) => (
            <Step
              key={`${step.at} ${step.box} ${step.kind} ${step.recipient} ${at}`}
              step={step}
              wording={wording}
              names={trace.recipients.length > 1}
            />
          ))}
        </ol>
      )}
      {trace.boxes.map(box => {
        const text = boxText(box, wording)
        return (
          text !== undefined && (
            <p key={box.box} class="track-note caution">
              {text}
            </p>
          )
        )
      })}
    </>
  )
}

function RecipientList({ all, wording }: { readonly all: readonly TraceRecipient[]; readonly wording: Wording }) {
  return (
    <ul class="track-recipients" aria-label={wording.words.recipients}>
      {all.map(one => (
        <li key={one.email} data-state={one.state}>
          <strong>{one.email}</strong>
          <span class="track-state">{recipientText(one, wording)}</span>
          {one.reply !== null && one.state !== 'delivered' && <q class="track-words">{plainSigns(one.reply)}</q>}
        </li>
      ))}
    </ul>
  )
}

const tones: Partial<Readonly<Record<ShownStep['kind'], 'good' | 'bad' | 'wait'>>> = {
  delivered: 'good',
  sent: 'good',
  'attempt-failed': 'bad',
  refused: 'bad',
  expired: 'bad',
  removed: 'bad',
  held: 'wait',
  'attempt-deferred': 'wait',
}

function Step({
  step,
  wording,
  names,
}: {
  readonly step: ShownStep
  readonly wording: Wording
  readonly names: boolean
}) {
  const { time, words } = wording
  const verdicts = verdictLines(step)
  return (
    <li data-tone={tones[step.kind] ?? 'plain'} data-kind={step.kind}>
      <p class="track-when">
        <time dateTime={step.at}>{time(new Date(step.at))}</time>
        <span class="track-box" title={step.box}>
          {words.chip[step.role]}
        </span>
        {names && step.recipient !== null && <span class="track-to">{step.recipient}</span>}
      </p>
      <p class="track-what">{stepText(step, wording)}</p>
      {stepNotes(step, wording).map(note => (
        <p key={note} class="track-more">
          {note}
        </p>
      ))}
      {(step.reply !== null || verdicts.length > 0) && (
        <details>
          <summary>{words.words}</summary>
          <code>{plainSigns([...(step.reply === null ? [] : [step.reply]), ...verdicts].join('\n'))}</code>
        </details>
      )}
    </li>
  )
}
