/** What the schema says about a key besides its type: the documentation, and what the loader does with the value. */
import { z } from 'zod'
import type { Text } from '#base/text.ts'

/**
 * `path`: made absolute, relative to the configuration file. `file`: also must be readable. `secret-file`: also only for its
 * owner. `secret`: may come only from `${file:}` or `${env:}`, and is masked when printed. `endpoint`: a `unix:` path inside.
 */
export type KeyKind = 'plain' | 'path' | 'file' | 'secret-file' | 'secret' | 'endpoint'

export type KeyDoc = Text & {
  readonly example?: string
  readonly kind?: KeyKind
  /** How the type is called in the documentation, where the schema's own name says too little */
  readonly type?: string
  /** Applied on SIGHUP; all others need a restart. Holds for what is inside, too. */
  readonly reload?: boolean
}

export const keyDocs = z.registry<KeyDoc>()

/** Attaches the documentation to a schema. Use it last, after `.default`, so that it belongs to the whole key. */
export function key<Schema extends z.ZodType>(schema: Schema, doc: KeyDoc): Schema {
  // A copy: `path` and its like stand behind many keys, each with its own sentence.
  const own = schema.clone()
  keyDocs.add(own, doc)
  return own
}
