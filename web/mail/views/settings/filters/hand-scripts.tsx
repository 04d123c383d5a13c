import type { FilterStore } from '../../../model/filters/filter-store.ts'
import { filterTexts } from '../../../texts/filters.ts'
import type { Editing } from './filters-section.tsx'

export function HandScripts({
  store,
  onEdit,
}: {
  readonly store: FilterStore
  readonly onEdit: (editing: Editing) => void
}) {
  const words = filterTexts()
  const script = store.script.value
  const runs = script?.runs ?? []
  const isVacation = (name: string) =>
    name === 'Vacation response' || runs.some(one => one.kind === 'vacation' && one.name === name)
  const all = store.scripts.value.filter(({ name }) => name !== script?.name && !isVacation(name))
  if (all.length === 0) return null
  return (
    <section class="filters-scripts">
      <h3>{words.scripts}</h3>
      <p class="account-hint">{words.scriptsHint}</p>
      <ul class="account-list">
        {all.map(one => (
          <li key={one.id}>
            <button
              type="button"
              class="filters-name"
              title={words.editScript(one.name)}
              onClick={() => onEdit({ kind: 'script', script: one })}
            >
              <strong>{one.name}</strong>
              <span>{runs.some(({ name }) => name === one.name) ? words.running : words.notRunning}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}
