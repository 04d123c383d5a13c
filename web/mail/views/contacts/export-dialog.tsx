import { type Signal, useSignal } from '@preact/signals'
import type { ContactCard } from '#protocols/jmap/wire-contacts.ts'
import { blobReader, exportVcards, type VcardVersion } from '../../model/contacts/export.ts'
import { displayName } from '../../model/contacts/facts.ts'
import { t } from '../../texts/texts.ts'
import { Button } from '../../../ui/button.tsx'
import { Dialog } from '../../../ui/dialog.tsx'
import { useMail } from '../mail-context.ts'
import { useContacts } from './contacts-view.ts'

type Which = 'all' | 'group' | 'chosen'

type Exporting = {
  /** Those that were chosen */
  readonly cards: readonly ContactCard[] | undefined
  readonly onClose: () => void
}

export function ExportDialog(props: Exporting) {
  const { which, version, isBusy, fault, choices, save } = useExport(props)
  const texts = t().contacts.export
  return (
    <Dialog
      title={texts.title}
      closeLabel={t().actions.close}
      onClose={props.onClose}
      footer={
        <>
          <Button onClick={props.onClose}>{t().confirm.cancel}</Button>
          <Button kind="primary" icon="download" disabled={isBusy.value} onClick={() => void save()}>
            {texts.start}
          </Button>
        </>
      }
    >
      <Choice legend={texts.which} name="which" all={choices} chosen={which} />
      <Choice
        legend={texts.version}
        name="version"
        all={[
          ['4.0', texts.v4],
          ['3.0', texts.v3],
        ]}
        chosen={version}
      />
      {fault.value !== '' && (
        <p class="form-fault" role="alert">
          {fault.value}
        </p>
      )}
    </Dialog>
  )
}

function useExport({ cards, onClose }: Exporting) {
  const { client } = useMail()
  const { contacts, group } = useContacts()
  const texts = t().contacts.export
  const which = useSignal<Which>(cards ? 'chosen' : group.peek() ? 'group' : 'all')
  const version = useSignal<VcardVersion>('4.0')
  const isBusy = useSignal(false)
  const fault = useSignal('')
  const here = group.value
  const meant = (): readonly ContactCard[] => {
    if (which.peek() === 'chosen' && cards) return cards
    // a group goes with its people
    return which.peek() === 'group' && here ? [...contacts.membersOf(here), here] : contacts.all.peek()
  }
  const save = async () => {
    isBusy.value = true
    try {
      const text = await exportVcards(meant(), version.peek(), blobReader(client))
      saveFile(`${here && which.peek() === 'group' ? displayName(here) : texts.fileName}.vcf`, text)
      onClose()
    } catch {
      fault.value = texts.failed
    }
    isBusy.value = false
  }
  const choices: readonly (readonly [Which, string])[] = [
    ...(cards ? [['chosen', texts.chosen(cards.length)] as const] : []),
    ...(here ? [['group', texts.group(displayName(here), contacts.membersOf(here).length)] as const] : []),
    ['all', texts.all(contacts.people.value.length)],
  ]
  return { which, version, isBusy, fault, choices, save }
}

function Choice<Value extends string>({
  legend,
  name,
  all,
  chosen,
}: {
  readonly legend: string
  readonly name: string
  readonly all: readonly (readonly [Value, string])[]
  readonly chosen: Signal<Value>
}) {
  return (
    <fieldset class="form-group export-choice">
      <legend>{legend}</legend>
      {all.map(([one, label]) => (
        <label key={one}>
          <input
            type="radio"
            name={name}
            value={one}
            checked={one === chosen.value}
            onChange={() => (chosen.value = one)}
          />
          {label}
        </label>
      ))}
    </fieldset>
  )
}

function saveFile(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/vcard;charset=utf-8' }))
  const link = document.createElement('a')
  link.href = url
  link.download = name.replaceAll(/[\p{Cc}\p{Cf}/\\:*?"<>|]/gu, ' ').trim()
  document.body.append(link)
  link.click()
  link.remove()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
