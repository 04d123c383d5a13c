import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { Composition } from '../../model/compose/composition.ts'
import type { Content } from '../../model/compose/content.ts'
import type { Desk } from '../../model/compose/desk.ts'
import { momentOf, wallTime } from '../../model/zone.ts'
import { t } from '../../texts/texts.ts'
import { Button, IconButton } from '../../../ui/button.tsx'
import { MenuButton, MenuItem, MenuLine } from '../../../ui/menu.tsx'
import { useMail } from '../mail-context.ts'
import { rememberFormat } from './open-desk.ts'
import { htmlOfText } from './clean-html.ts'
import { daysToMonday, type Doubt, doubtAbout, morning, send } from './send.ts'

type Props = {
  readonly desk: Desk
  readonly composition: Composition
  readonly onFiles: (files: readonly File[]) => void
  readonly read: () => Pick<Content, 'html' | 'text'> | undefined
  readonly focus: () => void
}

export function ComposeFoot({ desk, composition, onFiles, read, focus }: Props) {
  const mail = useMail()
  const words = t().writing
  const files = useRef<HTMLInputElement>(null)
  const when = useRef<HTMLInputElement>(null)
  const foot = useRef<HTMLElement>(null)
  const doubt = useSignal<(Doubt & { readonly at?: Date | undefined }) | undefined>(undefined)
  const asksWhen = useSignal<true | undefined>(undefined)
  const go = (at?: Date, isSure = false) => {
    // what is typed in a field of addresses becomes one when it is left
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur()
    const found = doubtAbout(composition.content.peek(), read()?.text ?? composition.content.peek().text)
    if (found && !(isSure && found.kind === 'ask')) doubt.value = { ...found, at }
    else {
      doubt.value = undefined
      void send(mail, desk, at)
    }
  }
  useEffect(() => {
    const window = foot.current?.closest<HTMLElement>('.compose')
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || event.isComposing || event.keyCode === 229)
        return
      event.preventDefault()
      event.stopPropagation()
      go()
    }
    window?.addEventListener('keydown', onKey, { capture: true })
    return () => window?.removeEventListener('keydown', onKey, { capture: true })
  }, [])
  const { format } = composition.content.value
  const isSending = composition.state.value === 'sending'
  const maySendLater = desk.maxDelaySeconds >= 24 * 3600
  return (
    <footer class="compose-foot" ref={foot}>
      {doubt.value && (
        <div class="compose-doubt" role="alert">
          <span>{doubt.value.text}</span>
          {doubt.value.kind === 'ask' && (
            <Button kind="primary" onClick={() => go(doubt.value?.at, true)}>
              {words.sendAnyway}
            </Button>
          )}
          <Button onClick={() => back(doubt)}>{words.keepWriting}</Button>
        </div>
      )}
      {asksWhen.value && (
        <form
          class="compose-doubt"
          onSubmit={event => {
            event.preventDefault()
            const at = momentOf(when.current?.value ?? '')
            asksWhen.value = undefined
            if (at.getTime() > Date.now()) go(at)
          }}
        >
          <input
            ref={when}
            type="datetime-local"
            class="text-field"
            aria-label={words.sendAt}
            required
            autofocus
            min={wallTime(new Date())}
            max={wallTime(new Date(Date.now() + desk.maxDelaySeconds * 1000))}
          />
          <Button kind="primary" type="submit">
            {words.sendLater}
          </Button>
          <Button onClick={() => back(asksWhen)}>{words.keepWriting}</Button>
        </form>
      )}
      <div class="compose-actions">
        <Button kind="primary" icon="sent" disabled={isSending} keys="Ctrl+Enter" onClick={() => go()}>
          {words.send}
        </Button>
        {maySendLater && (
          <MenuButton icon="later" size={18} label={words.sendLater}>
            <MenuItem onClick={() => go(morning(1))}>{words.tomorrowMorning}</MenuItem>
            <MenuItem onClick={() => go(morning(daysToMonday(new Date())))}>{words.mondayMorning}</MenuItem>
            <MenuLine />
            <MenuItem onClick={() => (asksWhen.value = true)}>{words.sendAt}</MenuItem>
          </MenuButton>
        )}
        <IconButton icon="attachment" size={18} label={words.attach} onClick={() => files.current?.click()} />
        <input
          ref={files}
          type="file"
          multiple
          hidden
          onChange={event => {
            onFiles([...(event.currentTarget.files ?? [])])
            event.currentTarget.value = ''
          }}
        />
        <span class="compose-space" />
        <MenuButton icon="more" size={18} label={t().actions.more}>
          <MenuItem checked={format === 'rich'} onClick={() => change('rich')}>
            {words.rich}
          </MenuItem>
          <MenuItem checked={format === 'plain'} onClick={() => change('plain')}>
            {words.plain}
          </MenuItem>
        </MenuButton>
        <IconButton
          icon="trash"
          size={18}
          label={words.discard}
          onClick={() =>
            void desk.discard().then(
              () => mail.notices.say(words.discarded),
              () => mail.notices.failed(),
            )
          }
        />
      </div>
    </footer>
  )

  function back(question: { value: unknown }): void {
    question.value = undefined
    focus()
  }

  function change(wanted: Content['format']): void {
    if (wanted === format) return
    rememberFormat(wanted)
    const { text } = read() ?? composition.content.peek()
    composition.change({ format: wanted, text, html: wanted === 'rich' ? htmlOfText(text) : '' })
  }
}
