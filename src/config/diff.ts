/** What SIGHUP can take over, and what only a restart can. */
import { keyDocs } from './key.ts'
import { type Config, configSchema } from './schema.ts'
import { type AnySchema, isRecord, shapeOf, unwrap } from './walk.ts'
import { maskedValue } from './show.ts'

export type ConfigChange = {
  /** `limits.messageSize` */
  readonly key: string
  /** Masked where secret; undefined where absent */
  readonly from: unknown
  readonly to: unknown
  readonly needs: 'reload' | 'restart'
}

/** Changes from `before` to `after`, key by key; a list counts as one value. */
export function diffConfig(before: Config, after: Config): readonly ConfigChange[] {
  return compare(configSchema, before, after, '', false)
}

function compare(schema: AnySchema, from: unknown, to: unknown, key: string, live: boolean): readonly ConfigChange[] {
  const { core, doc } = unwrap(schema)
  const reload = live || (keyDocs.get(schema) ?? doc)?.reload === true
  const shape = shapeOf(core)
  if (shape && isRecord(from) && isRecord(to))
    return Object.entries(shape).flatMap(([name, inner]) =>
      compare(inner, from[name], to[name], key === '' ? name : `${key}.${name}`, reload),
    )
  if (JSON.stringify(from) === JSON.stringify(to)) return []
  return [{ key, from: maskedValue(schema, from), to: maskedValue(schema, to), needs: reload ? 'reload' : 'restart' }]
}
