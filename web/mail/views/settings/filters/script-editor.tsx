/** A script by hand: shown as it is; who wants to change it gets the server's word about each line. */
import { useSignal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import type { SieveScript } from '#protocols/jmap/wire-sending.ts'
import type { FilterStore, ScriptFault } from '../../../model/filters/filter-store.ts'
import { filterTexts } from '../../../texts/filters.ts'
import { t } from '../../../texts/texts.ts'
import { Button } from '../../../../ui/button.tsx'
import { useLoaded } from '../loaded.ts'
import { useTold } from './said.tsx'

type Shown = { readonly store: FilterStore; readonly script: SieveScript; readonly onClose: () => void }

export function ScriptEditor({ store, script, onClose }: Shown) {
  const text = useLoaded(() => store.textOf(script))
  if (text.hasFailed.value) return <p>{t().account.loadFailed}</p>
  return text.value.value === undefined ? null : (
    <ScriptForm store={store} script={script} onClose={onClose} text={text.value.value} />
  )
}

function ScriptForm({ store, script, onClose, text }: Shown & { readonly text: string }) {
  const words = filterTexts()
  const area = useRef<HTMLTextAreaElement>(null)
  const isEdited = useSignal(false)
  const written = () => (area.current?.value ?? text).replaceAll(/\r?\n/g, text.includes('\r\n') ? '\r\n' : '\n')
  const { faults, told, check, save } = useSaving({ store, script, onClose }, written)
  return (
    <div class="filters">
      <h3>{script.name}</h3>
      <textarea
        ref={area}
        class="text-field filters-script"
        aria-label={words.scriptText(script.name)}
        spellcheck={false}
        rows={18}
        readOnly={!isEdited.value}
        defaultValue={text}
        onInput={() => (faults.value = [])}
      />
      <Faults faults={faults.value} go={(line, column) => goTo(area.current, line, column)} />
      <div class="account-row">
        {isEdited.value ? (
          <>
            <Button kind="primary" disabled={told.isBusy.value} onClick={() => void save()}>
              {words.saveScript}
            </Button>
            <Button onClick={() => void told.act(check)}>{words.check}</Button>
          </>
        ) : (
          <Button onClick={() => (isEdited.value = true)}>{words.change}</Button>
        )}
        <Button kind="quiet" onClick={onClose}>
          {isEdited.value ? words.cancel : t().actions.close}
        </Button>
        <p class="account-said" role="status">
          {told.text.value}
        </p>
      </div>
    </div>
  )
}

function useSaving({ store, script, onClose }: Shown, written: () => string) {
  const words = filterTexts()
  const now = useSignal(script)
  const faults = useSignal<readonly ScriptFault[]>([])
  const told = useTold()
  const check = async () => {
    faults.value = await store.faultsOf(written())
    told.text.value = faults.value.length === 0 ? words.faultless : ''
    return faults.value.length === 0
  }
  const save = () =>
    told.act(async () => {
      if (!(await check())) return
      try {
        await store.saveScript(now.peek(), written())
      } catch (error) {
        // whoever saves again has been told, and means it
        now.value = store.scripts.peek().find(({ id }) => id === script.id) ?? now.peek()
        throw error
      }
      onClose()
    }, words.scriptChanged)
  return { faults, told, check, save }
}

function Faults({
  faults,
  go,
}: {
  readonly faults: readonly ScriptFault[]
  readonly go: (line: number, column: number) => void
}) {
  if (faults.length === 0) return null
  return (
    <ul class="filters-faults">
      {faults.map(({ line, column, text: about }) => (
        <li key={`${line}:${column}:${about}`}>
          <button type="button" onClick={() => go(line, column)}>
            {filterTexts().fault(line, column, about)}
          </button>
        </li>
      ))}
    </ul>
  )
}

/** The cursor to where the mistake is */
function goTo(area: HTMLTextAreaElement | null, line: number, column: number): void {
  if (!area) return
  const before = area.value.split('\n').slice(0, line - 1)
  const at = before.reduce((sum, one) => sum + one.length + 1, 0) + column - 1
  area.focus()
  area.setSelectionRange(at, at + 1)
}
