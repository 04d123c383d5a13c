/** What somebody wrote by hand among the filters, as text. The server reads all of it before it takes it. */
import { useRef } from 'preact/hooks'
import type { Piece } from '#formats/sieve/filters/document.ts'
import { type FilterStore, withHand } from '../../../model/filters/filter-store.ts'
import { filterTexts } from '../../../texts/filters.ts'
import { Button } from '../../../../ui/button.tsx'
import { useTold } from './said.tsx'

type Props = {
  readonly store: FilterStore
  readonly piece: Extract<Piece, { kind: 'hand' }>
  readonly onClose: () => void
}

export function HandEditor({ store, piece, onClose }: Props) {
  const words = filterTexts()
  const area = useRef<HTMLTextAreaElement>(null)
  const told = useTold()
  const before = piece.text.trim()
  const save = async () => {
    const written = area.current?.value ?? before
    if (written.trim() === '' && !confirm(words.removeSure(words.byHand))) return
    // an empty line parts it from what stands before it
    const text = `\r\n${written.trim().replaceAll(/\r?\n/g, '\r\n')}\r\n`
    if (await told.act(() => store.change(document => withHand(document, piece, text)))) onClose()
  }
  return (
    <form
      class="account-form filters"
      aria-label={words.byHand}
      onSubmit={event => {
        event.preventDefault()
        void save()
      }}
    >
      <h3>{words.byHand}</h3>
      <p class="account-hint">{words.handHint}</p>
      <textarea
        ref={area}
        class="text-field filters-script"
        aria-label={words.byHand}
        spellcheck={false}
        rows={12}
        defaultValue={before}
      />
      <div class="account-row">
        <Button kind="primary" type="submit" disabled={told.isBusy.value}>
          {words.save}
        </Button>
        <Button onClick={onClose}>{words.cancel}</Button>
        <p class="account-said" role="status">
          {told.text.value}
        </p>
      </div>
    </form>
  )
}
