/** A filter is done to letters that are there: how far it is, and the way back. */
import { useSignal } from '@preact/signals'
import type { BulkRun } from '../../../model/bulk/run.ts'
import { filterTexts } from '../../../texts/filters.ts'
import { t } from '../../../texts/texts.ts'
import { Button } from '../../../../ui/button.tsx'
import { useMail } from '../../mail-context.ts'

export function Applying({ run, onClose }: { readonly run: BulkRun; readonly onClose: () => void }) {
  const { sync } = useMail()
  const words = filterTexts()
  const back = useSignal<BulkRun | undefined>(undefined)
  const now = back.value ?? run
  const state = now.state.value
  const undo = () => {
    const way = run.undo()
    back.value = way
    void way?.run().then(() => sync.now().catch(() => undefined))
  }
  const changed = now.changed.value
  return (
    <div class="filters">
      <p role="status">
        {state === 'running'
          ? words.applying(now.seen.value, now.total)
          : back.value
            ? words.undone(changed)
            : state === 'failed'
              ? words.applyFailed(changed)
              : words.applied(changed)}
      </p>
      <progress max={now.total} value={now.seen.value} aria-label={words.what} />
      <div class="account-row">
        {state === 'running' ? (
          <Button onClick={() => now.stop()}>{words.stop}</Button>
        ) : (
          <>
            <Button kind="primary" onClick={onClose}>
              {t().actions.close}
            </Button>
            {!back.value && changed > 0 && <Button onClick={undo}>{words.undo}</Button>}
          </>
        )}
      </div>
    </div>
  )
}
