/** The configuration as it is in effect, defaults included, secrets masked; written the way the file is. */
import { stringify } from 'yaml'
import { type Endpoint, printEndpoint } from './endpoint.ts'
import { type Config, configSchema } from './schema.ts'
import { printDuration, printSize } from './values.ts'
import { type AnySchema, mapLeaves, isRecord } from './walk.ts'

export const mask = '********'

/** Plain data, as it would be written in the file. */
export function effectiveConfig(config: Config): Readonly<Record<string, unknown>> {
  const { source: _, ...values } = config
  return maskedValue(configSchema, values) as Record<string, unknown>
}

export function printConfig(config: Config): string {
  return stringify(effectiveConfig(config), { lineWidth: 0 })
}

/** One value of the configuration, as it would be written, secrets masked. */
export function maskedValue(schema: AnySchema, value: unknown): unknown {
  const printed = mapLeaves(schema, value, leaf => {
    if (leaf.value === undefined) return undefined
    if (leaf.doc?.kind === 'secret') return mask
    if (leaf.doc?.kind === 'endpoint' && isRecord(leaf.value)) return printEndpoint(leaf.value as Endpoint)
    if (typeof leaf.value === 'number' && leaf.doc?.type === 'time') return printDuration(leaf.value)
    if (typeof leaf.value === 'number' && leaf.doc?.type === 'size') return printSize(leaf.value)
    return leaf.value
  })
  return withoutAbsent(printed)
}

function withoutAbsent(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutAbsent)
  if (!isRecord(value)) return value
  const present = Object.entries(value).filter(([, inner]) => inner !== undefined)
  return Object.fromEntries(present.map(([name, inner]) => [name, withoutAbsent(inner)]))
}
