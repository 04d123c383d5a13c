/** A file of vCards: chosen or dropped, what was understood of it, who is here already, taken in. */
import { type Signal, useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { readVcards } from '#formats/contacts/read-vcard.ts'
import { displayName, isGroup } from '../../model/contacts/facts.ts'
import {
  type Decision,
  type ImportPlan,
  type ImportResult,
  planImport,
  runImport,
} from '../../model/contacts/import.ts'
import { t } from '../../texts/texts.ts'
import { Button } from '../../../ui/button.tsx'
import { Dialog } from '../../../ui/dialog.tsx'
import { shrinkPhoto } from './shrink-photo.ts'
import { useContacts } from './contacts-view.ts'

/** No address book is larger, photos and all; a browser holds it in memory. */
const maxFileOctets = 128 * 1024 * 1024
const shownItems = 200
const shownProblems = 20

type Step =
  | { readonly kind: 'choosing'; readonly isUnreadable: boolean }
  | { readonly kind: 'deciding'; readonly plan: ImportPlan }
  | { readonly kind: 'busy'; readonly done: number; readonly all: number }
  | { readonly kind: 'done'; readonly result: ImportResult }

export function ImportDialog({ file, onClose }: { readonly file: File | undefined; readonly onClose: () => void }) {
  const { contacts } = useContacts()
  const texts = t().contacts.import
  const step = useSignal<Step>({ kind: 'choosing', isUnreadable: false })
  const take = async (chosen: File) => {
    try {
      if (chosen.size > maxFileOctets) throw new RangeError('too large')
      await contacts.load()
      step.value = {
        kind: 'deciding',
        plan: planImport(readVcards(new Uint8Array(await chosen.arrayBuffer())), contacts),
      }
    } catch {
      step.value = { kind: 'choosing', isUnreadable: true }
    }
  }
  useEffect(() => void (file && take(file)), [])
  const start = async (plan: ImportPlan) => {
    step.value = { kind: 'busy', done: 0, all: plan.items.length }
    const result = await runImport(contacts, plan, {
      onProgress: done => (step.value = { kind: 'busy', done, all: plan.items.length }),
      shrink: shrinkPhoto,
    })
    step.value = { kind: 'done', result }
  }
  const now = step.value
  const count = now.kind === 'deciding' ? now.plan.items.filter(({ decision }) => decision !== 'skip').length : 0
  return (
    <Dialog
      title={texts.title}
      closeLabel={texts.close}
      onClose={onClose}
      footer={
        now.kind === 'deciding' ? (
          <>
            <Button onClick={onClose}>{t().confirm.cancel}</Button>
            <Button kind="primary" disabled={count === 0} onClick={() => void start(now.plan)}>
              {texts.start(count)}
            </Button>
          </>
        ) : now.kind === 'done' ? (
          <Button kind="primary" onClick={onClose}>
            {t().contacts.group.done}
          </Button>
        ) : undefined
      }
    >
      {now.kind === 'choosing' && <Choosing isUnreadable={now.isUnreadable} onFile={chosen => void take(chosen)} />}
      {now.kind === 'deciding' && <Deciding plan={now.plan} step={step} />}
      {now.kind === 'busy' && (
        <div class="import-busy" role="status">
          <progress value={now.done} max={now.all} aria-label={texts.title} />
          <p>{texts.busy(now.done, now.all)}</p>
        </div>
      )}
      {now.kind === 'done' && <Done result={now.result} />}
    </Dialog>
  )
}

function Choosing({ isUnreadable, onFile }: { readonly isUnreadable: boolean; readonly onFile: (file: File) => void }) {
  const input = useRef<HTMLInputElement>(null)
  const texts = t().contacts.import
  return (
    <div
      class="import-choose"
      onDragOver={event => event.preventDefault()}
      onDrop={event => {
        event.preventDefault()
        const [file] = event.dataTransfer?.files ?? []
        if (file) onFile(file)
      }}
    >
      <p>{texts.hint}</p>
      <input
        ref={input}
        type="file"
        class="visually-hidden"
        accept=".vcf,.vcard,text/vcard,text/x-vcard"
        aria-label={texts.choose}
        tabIndex={-1}
        onChange={event => {
          const [file] = event.currentTarget.files ?? []
          event.currentTarget.value = ''
          if (file) onFile(file)
        }}
      />
      <Button kind="primary" icon="upload" onClick={() => input.current?.click()}>
        {texts.choose}
      </Button>
      {isUnreadable && (
        <p class="form-fault" role="alert">
          {texts.unreadable}
        </p>
      )}
    </div>
  )
}

function Deciding({ plan, step }: { readonly plan: ImportPlan; readonly step: Signal<Step> }) {
  const texts = t().contacts.import
  const groups = plan.items.filter(({ card }) => isGroup(card as never)).length
  const known = plan.items.filter(item => item.known)
  const decide = (isMeant: (at: number) => boolean, decision: Decision) => {
    const items = plan.items.map((item, at) => (item.known && isMeant(at) ? { ...item, decision } : item))
    step.value = { kind: 'deciding', plan: { ...plan, items } }
  }
  return (
    <div class="import-plan">
      <p class="import-count">
        {plan.items.length === 0 ? texts.nothing : texts.understood(plan.items.length - groups, groups)}
      </p>
      {plan.problemCount > 0 && <Problems plan={plan} />}
      {known.length > 0 && (
        <section>
          <h3>{texts.known(known.length)}</h3>
          <p class="import-hint">{texts.knownHint}</p>
          <ul class="import-known">
            {known.length > 1 && (
              <li>
                <strong>{texts.forAll}</strong>
                <DecisionSelect
                  label={texts.forAll}
                  value={common(plan)}
                  onChange={decision => decide(() => true, decision)}
                />
              </li>
            )}
            {plan.items.map((item, at) =>
              item.known && known.indexOf(item) < shownItems ? (
                <li key={`${item.line}`}>
                  <span>
                    {item.name || t().contacts.unnamed}
                    {displayName(item.known) !== item.name && (
                      <span class="import-other"> ＝ {displayName(item.known)}</span>
                    )}
                  </span>
                  <DecisionSelect
                    label={texts.decisionFor(item.name || t().contacts.unnamed)}
                    value={item.decision}
                    onChange={decision => decide(one => one === at, decision)}
                  />
                </li>
              ) : null,
            )}
          </ul>
        </section>
      )}
    </div>
  )
}

function common({ items }: ImportPlan): Decision | undefined {
  const decisions = new Set(items.filter(item => item.known).map(({ decision }) => decision))
  return decisions.size === 1 ? [...decisions][0] : undefined
}

type SelectProps = {
  readonly label: string
  readonly value: Decision | undefined
  readonly onChange: (decision: Decision) => void
}

function DecisionSelect({ label, value, onChange }: SelectProps) {
  const { decisions } = t().contacts.import
  return (
    <select
      class="text-field"
      aria-label={label}
      value={value ?? ''}
      onChange={event => {
        const chosen = event.currentTarget.value
        if (chosen === 'merge' || chosen === 'skip' || chosen === 'add') onChange(chosen)
      }}
    >
      {value === undefined && <option value="">—</option>}
      {(['merge', 'skip', 'add'] as const).map(one => (
        <option key={one} value={one} selected={one === value}>
          {decisions[one]}
        </option>
      ))}
    </select>
  )
}

function Problems({ plan: { problems, problemCount } }: { readonly plan: ImportPlan }) {
  const texts = t().contacts.import
  return (
    <details class="import-problems">
      <summary>{texts.problems(problemCount)}</summary>
      <ul>
        {problems.slice(0, shownProblems).map(({ line, code }) => (
          <li key={`${line} ${code}`}>
            {texts.line(line)}: {texts.codes[code]}
          </li>
        ))}
        {problemCount > shownProblems && <li>…</li>}
      </ul>
    </details>
  )
}

function Done({ result }: { readonly result: ImportResult }) {
  const texts = t().contacts.import
  return (
    <div class="import-plan" role="status">
      <p class="import-count">{texts.result(result.added, result.merged)}</p>
      {result.skipped > 0 && <p>{texts.skipped(result.skipped)}</p>}
      {result.photosLeftOut > 0 && <p>{texts.photosLeftOut(result.photosLeftOut)}</p>}
      {result.failed.length > 0 && (
        <>
          <p class="form-fault">{texts.failed(result.failed.length)}</p>
          <ul>
            {result.failed.slice(0, shownProblems).map(({ line, name }) => (
              <li key={line}>
                {name || t().contacts.unnamed} ({texts.line(line)})
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  )
}
