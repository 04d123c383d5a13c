import { useSignal } from '@preact/signals'
import type { Piece } from '#formats/sieve/filters/document.ts'
import type { FilterScript } from '#protocols/jmap/wire-filters.ts'
import { type Edit, type FilterStore, moved, withFilter, without } from '../../../model/filters/filter-store.ts'
import { filterLike } from '../../../model/filters/proposals.ts'
import { filterTexts } from '../../../texts/filters.ts'
import { Button, IconButton } from '../../../../ui/button.tsx'
import { useMail } from '../../mail-context.ts'
import { inWords } from './filter-words.ts'
import type { Editing } from './filters-section.tsx'
import { HandScripts } from './hand-scripts.tsx'
import { useTold } from './said.tsx'

type Listing = { readonly store: FilterStore; readonly onEdit: (editing: Editing) => void }

export function FilterList({ store, onEdit }: Listing) {
  const words = filterTexts()
  const told = useTold()
  const script = store.script.value
  const { pieces } = store.document.value
  const isUsed = pieces.length > 0
  return (
    <div class="filters">
      <p class="filters-order">{orderOf(script)}</p>
      {isUsed && script && !script.isEnabled && (
        <div class="filters-off">
          <p>{offWords(script)}</p>
          <Button kind="primary" onClick={() => void told.act(() => store.enable(true))}>
            {words.turnOn}
          </Button>
        </div>
      )}
      {isUsed ? <p class="account-hint">{words.hint}</p> : <p>{words.none}</p>}
      {isUsed && <Pieces store={store} onEdit={onEdit} act={edit => void told.act(() => store.change(edit))} />}
      <div class="account-row">
        <Button
          kind={isUsed ? 'plain' : 'primary'}
          onClick={() =>
            onEdit({ kind: 'filter', piece: undefined, filter: filterLike(undefined, ''), like: undefined })
          }
        >
          {words.add}
        </Button>
        {isUsed && script?.isEnabled && (
          <Button kind="quiet" onClick={() => void told.act(() => store.enable(false))}>
            {words.turnOff}
          </Button>
        )}
      </div>
      <p class="account-said" role="status">
        {told.text.value}
      </p>
      <HandScripts store={store} onEdit={onEdit} />
    </div>
  )
}

function orderOf(script: FilterScript | undefined): string {
  const words = filterTexts()
  const names = (script?.runs ?? []).map(({ kind, name }) => (kind === 'script' ? words.script(name) : words[kind]))
  return names.length === 0 ? words.orderNone : words.order(names.join(words.between))
}

function offWords({ runs }: FilterScript): string {
  const other = runs.find(({ kind }) => kind === 'script')
  return other ? filterTexts().offBy(other.name) : filterTexts().off
}

type Acting = Listing & { readonly act: (edit: Edit) => void }

function Pieces({ store, onEdit, act }: Acting) {
  const { pieces } = store.document.value
  /** What is being dragged */
  const dragged = useSignal<Piece | undefined>(undefined)
  const over = useSignal(-1)
  return (
    <ol class="filters-list">
      {pieces.map((piece, at) => (
        <li
          key={piece.kind === 'filter' ? `${at} ${piece.filter.name}` : `${at} hand`}
          class={over.value === at ? 'filters-piece over' : 'filters-piece'}
          draggable
          onDragStart={() => (dragged.value = piece)}
          onDragEnd={() => {
            dragged.value = undefined
            over.value = -1
          }}
          onDragOver={event => {
            if (!dragged.value) return
            event.preventDefault()
            over.value = at
          }}
          onDrop={event => {
            event.preventDefault()
            const one = dragged.value
            if (one && one !== piece) act(document => moved(document, one, at))
          }}
        >
          {piece.kind === 'filter' ? (
            <FilterRow piece={piece} onEdit={onEdit} act={act} />
          ) : (
            <HandPiece piece={piece} onEdit={onEdit} />
          )}
          <Places piece={piece} at={at} last={pieces.length - 1} act={act} />
        </li>
      ))}
    </ol>
  )
}

type FilterPiece = Extract<Piece, { kind: 'filter' }>

function nameOf(piece: Piece): string {
  if (piece.kind === 'hand') return filterTexts().byHand
  return piece.filter.name === '' ? filterTexts().unnamed : piece.filter.name
}

function FilterRow({ piece, onEdit, act }: Omit<Acting, 'store'> & { readonly piece: FilterPiece }) {
  const { filter } = piece
  const { labels } = useMail()
  const words = filterTexts()
  const name = nameOf(piece)
  return (
    <>
      <input
        type="checkbox"
        aria-label={words.isOn(name)}
        checked={filter.isOn}
        onChange={({ currentTarget: { checked } }) =>
          act(document => withFilter(document, piece, { ...filter, isOn: checked }))
        }
      />
      <button
        type="button"
        class={filter.isOn ? 'filters-name' : 'filters-name off'}
        title={words.edit(name)}
        onClick={() => onEdit({ kind: 'filter', piece, filter, like: undefined })}
      >
        <strong>{name}</strong>
        <span>{inWords(filter, keyword => labels.of(keyword)?.name ?? keyword)}</span>
      </button>
      <IconButton
        icon="trash"
        size={18}
        label={`${words.remove}: ${name}`}
        onClick={() => confirm(words.removeSure(name)) && act(document => without(document, piece))}
      />
    </>
  )
}

type Hand = { readonly piece: Extract<Piece, { kind: 'hand' }>; readonly onEdit: Listing['onEdit'] }

function HandPiece({ piece, onEdit }: Hand) {
  const words = filterTexts()
  return (
    <details class="filters-hand">
      <summary>
        <strong>{words.byHand}</strong>
        <span>{words.byHandHint}</span>
      </summary>
      <pre>{piece.text.trim()}</pre>
      <Button onClick={() => onEdit({ kind: 'hand', piece })}>{words.change}</Button>
    </details>
  )
}

type Placing = { readonly piece: Piece; readonly at: number; readonly last: number; readonly act: (edit: Edit) => void }

function Places({ piece, at, last, act }: Placing) {
  const words = filterTexts()
  const name = nameOf(piece)
  return (
    <span class="filters-places">
      <IconButton
        icon="up"
        size={18}
        label={words.up(name)}
        disabled={at === 0}
        onClick={() => act(document => moved(document, piece, at - 1))}
      />
      <IconButton
        icon="down"
        size={18}
        label={words.down(name)}
        disabled={at === last}
        onClick={() => act(document => moved(document, piece, at + 1))}
      />
    </span>
  )
}
