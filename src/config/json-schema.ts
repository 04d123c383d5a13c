import { z } from 'zod'
import { keyDocs } from './key.ts'
import { configSchema } from './schema.ts'

/** JSON Schema of the configuration file, with the English sentences as descriptions. */
export function jsonSchema(): object {
  return z.toJSONSchema(configSchema, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      const doc = keyDocs.get(zodSchema)
      if (doc) jsonSchema.description = doc.en
    },
  })
}
