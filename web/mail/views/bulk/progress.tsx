import { t } from '../../texts/texts.ts'
import { Button } from '../../../ui/button.tsx'
import { underWay } from './over-all.ts'
import './bulk.css'

/** How far something is that is done to many letters, and a way to stop it. */
export function BulkProgress() {
  const now = underWay.value
  if (!now) return null
  const words = t().bulk
  const { run, doing } = now
  return (
    <div class="bulk-progress">
      <label>
        <span role="status">{words.doing[doing]}</span>
        <progress max={run.total} value={run.seen.value} />
      </label>
      <span class="bulk-count">{words.progress(run.seen.value, run.total)}</span>
      <Button kind="quiet" onClick={() => run.stop()}>
        {words.stop}
      </Button>
    </div>
  )
}
