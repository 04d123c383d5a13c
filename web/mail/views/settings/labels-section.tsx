import { useSignal } from '@preact/signals'
import { type LabelColor, labelColors } from '#protocols/jmap/wire-preferences.ts'
import type { Client } from '../../jmap/client.ts'
import type { KnownLabel } from '../../model/labels/labels.ts'
import { t } from '../../texts/texts.ts'
import { Button, IconButton } from '../../../ui/button.tsx'
import { MenuButton, MenuItem } from '../../../ui/menu.tsx'
import { takeOffAll } from '../bulk/act.ts'
import { useMail } from '../mail-context.ts'
import { textIn } from './form-text.ts'
import { Said, type Saying, useSaying } from './saying.tsx'

export function LabelsSection() {
  const { labels } = useMail()
  const words = t().labels
  const saying = useSaying()
  const onAdd = async (event: Event & { readonly currentTarget: HTMLFormElement }) => {
    event.preventDefault()
    const form = event.currentTarget
    const name = textIn(form, 'name').trim()
    if (labels.named(name)) return void (saying.text.value = words.taken)
    if (await saying.act(() => labels.add(name))) form.reset()
  }
  return (
    <section class="account-form">
      <p class="account-hint">{words.hint}</p>
      <ul class="account-list labels-list">
        {labels.all.value.map(label => (
          <LabelLine key={label.keyword} label={label} saying={saying} />
        ))}
      </ul>
      <form class="account-row" onSubmit={event => void onAdd(event)}>
        <input
          class="text-field"
          name="name"
          required
          maxLength={100}
          aria-label={words.newName}
          placeholder={words.newName}
        />
        <Button kind="primary" type="submit">
          {words.add}
        </Button>
      </form>
      <Said saying={saying} />
    </section>
  )
}

function LabelLine({ label, saying }: { readonly label: KnownLabel; readonly saying: Saying }) {
  const mail = useMail()
  const words = t().labels
  const toRemove = useSignal<number | undefined>(undefined)
  const onRename = (name: string) => {
    const there = mail.labels.named(name)
    if (name === '' || name === label.name) return
    if (there && there.keyword !== label.keyword) return void (saying.text.value = words.taken)
    void saying.act(() => mail.labels.change(label, { name }))
  }
  const count = () =>
    void saying.act(async () => {
      toRemove.value = await lettersWith(mail.client, label)
    })
  // one of Thunderbird's is there again, by the name that it has there
  const remove = () => void saying.act(() => takeOffAll(mail, label)).then(() => (toRemove.value = undefined))
  if (toRemove.value !== undefined)
    return (
      <li class="labels-remove">
        <span role="alert">
          <strong>{words.removeTitle(label.name)}</strong>
          <span class="account-hint">{words.removeText(toRemove.value)}</span>
        </span>
        <span class="account-row">
          <Button onClick={() => (toRemove.value = undefined)}>{t().confirm.cancel}</Button>
          <Button kind="danger" onClick={remove}>
            {words.removeSure}
          </Button>
        </span>
      </li>
    )
  return (
    <li>
      <ColorMenu label={label} onChoose={color => void saying.act(() => mail.labels.change(label, { color }))} />
      <input
        key={label.name}
        class="text-field"
        defaultValue={label.name}
        maxLength={100}
        aria-label={words.rename(label.name)}
        title={words.keyword(label.keyword)}
        onChange={event => onRename(event.currentTarget.value.trim())}
      />
      <IconButton icon="trash" label={words.remove(label.name)} onClick={count} />
    </li>
  )
}

function ColorMenu({
  label,
  onChoose,
}: {
  readonly label: KnownLabel
  readonly onChoose: (color: LabelColor) => void
}) {
  const words = t().labels
  return (
    <span class="label-color" data-color={label.color}>
      <MenuButton icon="label" label={words.color(label.name)}>
        {labelColors.map(color => (
          <MenuItem key={color} checked={color === label.color} onClick={() => onChoose(color)}>
            <span class="label-dot" data-color={color} /> {words.colors[color]}
          </MenuItem>
        ))}
      </MenuButton>
    </span>
  )
}

async function lettersWith(client: Client, { keyword }: KnownLabel): Promise<number> {
  const calls = client.batch()
  const query = calls.call('Email/query', { filter: { hasKeyword: keyword }, limit: 1, calculateTotal: true })
  return (await client.send(calls)).of(query).total ?? 0
}
