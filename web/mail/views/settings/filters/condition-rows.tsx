import type { Signal } from '@preact/signals'
import { type Condition, type Filter, textTests } from '#formats/sieve/filters/filter.ts'
import { conditionOf, type FilterForm } from '../../../model/filters/form.ts'
import { filterTexts } from '../../../texts/filters.ts'
import { Button, IconButton } from '../../../../ui/button.tsx'

const kinds = ['from', 'to', 'list', 'subject', 'body', 'attachment', 'size', 'header'] as const
const fresh: Condition = { kind: 'from', test: 'contains', value: '' }

export function ConditionRows({ form }: { readonly form: Signal<FilterForm> }) {
  const words = filterTexts()
  const { conditions, match } = form.value
  const put = (all: readonly Condition[]) => void (form.value = { ...form.peek(), conditions: all })
  return (
    <fieldset class="filters-set">
      <legend>{words.which}</legend>
      {conditions.length > 1 && (
        <select
          class="text-field"
          aria-label={words.which}
          value={match}
          onChange={({ currentTarget: { value } }) =>
            (form.value = { ...form.peek(), match: value as Filter['match'] })
          }
        >
          <option value="all">{words.all}</option>
          <option value="any">{words.any}</option>
        </select>
      )}
      {conditions.map((condition, at) => (
        <ConditionRow
          key={at}
          condition={condition}
          onChange={one => put(conditions.with(at, one))}
          onRemove={() => put(conditions.toSpliced(at, 1))}
        />
      ))}
      {conditions.length === 0 && <p class="filters-everything">{words.everything}</p>}
      <Button kind="quiet" onClick={() => put([...conditions, fresh])}>
        {words.addCondition}
      </Button>
    </fieldset>
  )
}

type Row = {
  readonly condition: Condition
  readonly onChange: (condition: Condition) => void
  readonly onRemove: () => void
}

function ConditionRow({ condition, onChange, onRemove }: Row) {
  const words = filterTexts()
  const { tests } = words
  return (
    <div class="filters-condition" role="group">
      <select
        class="text-field"
        aria-label={words.kind}
        value={condition.kind}
        onChange={({ currentTarget: { value } }) => onChange(conditionOf(value as Condition['kind'], condition))}
      >
        {kinds.map(kind => (
          <option key={kind} value={kind}>
            {words.kinds[kind]}
          </option>
        ))}
      </select>
      {condition.kind === 'header' && (
        <input
          class="text-field"
          aria-label={words.headerName}
          placeholder="X-Priority"
          value={condition.name}
          onInput={({ currentTarget: { value } }) => onChange({ ...condition, name: value })}
        />
      )}
      <select
        class="text-field"
        aria-label={words.test}
        value={condition.test}
        onChange={({ currentTarget: { value } }) => onChange({ ...condition, test: value } as Condition)}
      >
        {testsFor(condition).map(test => (
          <option key={test} value={test}>
            {tests[test]}
          </option>
        ))}
      </select>
      <ConditionValue condition={condition} onChange={onChange} />
      <IconButton icon="close" size={16} label={words.removeCondition} onClick={onRemove} />
    </div>
  )
}

function ConditionValue({ condition, onChange }: Omit<Row, 'onRemove'>) {
  const words = filterTexts()
  if (condition.kind === 'attachment') return null
  if (condition.kind === 'size')
    return (
      <span class="filters-size">
        <input
          class="text-field"
          type="number"
          min={1}
          max={10_000}
          aria-label={words.amount}
          value={condition.amount}
          onInput={({ currentTarget: { valueAsNumber } }) => onChange({ ...condition, amount: valueAsNumber })}
        />
        <select
          class="text-field"
          aria-label={words.unit}
          value={condition.unit}
          onChange={({ currentTarget: { value } }) => onChange({ ...condition, unit: value as 'K' | 'M' })}
        >
          <option value="K">{words.units.K}</option>
          <option value="M">{words.units.M}</option>
        </select>
      </span>
    )
  return (
    <input
      class="text-field"
      aria-label={words.value}
      maxLength={500}
      value={condition.value}
      onInput={({ currentTarget: { value } }) => onChange({ ...condition, value })}
    />
  )
}

function testsFor({ kind }: Condition) {
  switch (kind) {
    case 'from':
    case 'to':
      return [...textTests, 'domain'] as const
    case 'body':
      return ['contains', 'notContains'] as const
    case 'attachment':
      return ['has', 'hasNot'] as const
    case 'size':
      return ['over', 'under'] as const
    case 'subject':
    case 'list':
    case 'header':
      return textTests
    default:
      return kind satisfies never
  }
}
