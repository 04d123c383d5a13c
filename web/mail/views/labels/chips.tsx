import type { EmailRow } from '../../model/emails.ts'
import { t } from '../../texts/texts.ts'
import { Icon } from '../../../ui/icon.tsx'
import { useMail } from '../mail-context.ts'
import './labels.css'

/** The labels of a conversation: all that one of its letters has. */
export function LabelChips({
  rows,
  most,
  onRemove,
}: {
  readonly rows: readonly EmailRow[]
  /** More are a number */
  readonly most?: number
  readonly onRemove?: (keyword: string) => void
}) {
  const all = useMail().labels.among(rows.map(({ keywords }) => keywords))
  if (all.length === 0) return null
  const shown = all.slice(0, most)
  return (
    <span class={onRemove ? 'labels labels-large' : 'labels'}>
      {shown.map(({ keyword, name, color }) => (
        <span key={keyword} class="label" data-color={color}>
          <span class="label-name">{name}</span>
          {onRemove && (
            <button
              type="button"
              aria-label={t().labels.off(name)}
              title={t().labels.off(name)}
              onClick={() => onRemove(keyword)}
            >
              <Icon name="close" size={13} />
            </button>
          )}
        </span>
      ))}
      {all.length > shown.length && (
        <span class="label-more" title={all.map(({ name }) => name).join(', ')}>
          +{all.length - shown.length}
        </span>
      )}
    </span>
  )
}
