/** The schema read as data: for unknown keys, for what the loader does with a value, and for the documentation. */
import type { z } from 'zod'
import { type KeyDoc, keyDocs } from './key.ts'

export type AnySchema = z.core.$ZodType

/** A schema without its wrappers, and what they said. */
export type Unwrapped = {
  /** object, array, union, string, number, boolean, enum, literal */
  readonly core: AnySchema
  readonly doc: KeyDoc | undefined
  /** May be left out */
  readonly optional: boolean
  /** As it would be written in the file */
  readonly fallback: unknown
}

export function unwrap(schema: AnySchema): Unwrapped {
  let doc = keyDocs.get(schema)
  let optional = false
  let fallback: unknown
  let core = schema
  for (let inner = innerOf(core); inner; inner = innerOf(core)) {
    if (inner.optional) optional = true
    fallback ??= inner.fallback
    core = inner.schema
    doc ??= keyDocs.get(core)
  }
  return { core, doc, optional, fallback }
}

function innerOf(schema: AnySchema): { schema: AnySchema; optional: boolean; fallback?: unknown } | undefined {
  const { def } = (schema as z.core.$ZodTypes)._zod
  if (def.type === 'optional') return { schema: def.innerType, optional: true }
  if (def.type === 'default' || def.type === 'prefault')
    return { schema: def.innerType, optional: true, fallback: def.defaultValue }
  return def.type === 'pipe' ? { schema: def.in, optional: false } : undefined
}

export function shapeOf(core: AnySchema): Readonly<Record<string, AnySchema>> | undefined {
  const { def } = (core as z.core.$ZodTypes)._zod
  return def.type === 'object' ? def.shape : undefined
}

export function elementOf(core: AnySchema): AnySchema | undefined {
  const { def } = (core as z.core.$ZodTypes)._zod
  return def.type === 'array' ? def.element : undefined
}

export function optionsOf(core: AnySchema): readonly AnySchema[] | undefined {
  const { def } = (core as z.core.$ZodTypes)._zod
  return def.type === 'union' ? def.options : undefined
}

/** The values of an enum or literal. */
export function choicesOf(core: AnySchema): readonly string[] | undefined {
  const { def } = (core as z.core.$ZodTypes)._zod
  if (def.type === 'enum') return Object.values(def.entries).map(String)
  if (def.type === 'literal') return def.values.map(String)
  return undefined
}

export function typeOf(core: AnySchema): string {
  return (core as z.core.$ZodTypes)._zod.def.type
}

/** The part of the schema that speaks about this value: in a union, the option with the same `service` or the fitting type. */
export function fitting(schema: AnySchema, value: unknown): Unwrapped {
  const unwrapped = unwrap(schema)
  const options = optionsOf(unwrapped.core)
  if (!options) return unwrapped
  for (const option of options) {
    const { core, doc } = unwrap(option)
    const shape = shapeOf(core)
    if (
      Array.isArray(value) ? typeOf(core) === 'array' : shape ? fitsShape(shape, value) : typeof value === typeOf(core)
    )
      return { ...unwrapped, core, doc: unwrapped.doc ?? doc }
  }
  return unwrapped
}

function fitsShape(shape: Readonly<Record<string, AnySchema>>, value: unknown): boolean {
  if (!isRecord(value)) return false
  const service = shape['service']
  return !service || (choicesOf(unwrap(service).core)?.includes(String(value['service'])) ?? false)
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export type PathKeys = readonly (string | number)[]

/** Every value that is no map or list, with its documentation; the visitor's answer takes its place. */
export function mapLeaves(
  schema: AnySchema,
  value: unknown,
  visit: (leaf: { path: PathKeys; value: unknown; doc: KeyDoc | undefined; core: AnySchema }) => unknown,
  path: PathKeys = [],
): unknown {
  const { core, doc } = fitting(schema, value)
  const shape = shapeOf(core)
  if (shape && isRecord(value)) {
    const mapped = Object.entries(value).map(([name, item]) => {
      const inner = Object.hasOwn(shape, name) ? shape[name] : undefined
      return [name, inner ? mapLeaves(inner, item, visit, [...path, name]) : item]
    })
    return Object.fromEntries(mapped)
  }
  const element = elementOf(core)
  if (element && Array.isArray(value))
    return value.map((item, index) => mapLeaves(element, item, visit, [...path, index]))
  return visit({ path, value, doc, core })
}

/** The keys that may stand at this path of this data. */
export function keysAt(schema: AnySchema, data: unknown, path: PathKeys): readonly string[] {
  let at: AnySchema | undefined = schema
  let value = data
  for (const step of path) {
    if (!at) return []
    const { core } = fitting(at, value)
    at = typeof step === 'number' ? elementOf(core) : shapeOf(core)?.[step]
    value = isRecord(value) || Array.isArray(value) ? (value as Record<string | number, unknown>)[step] : undefined
  }
  return at ? Object.keys(shapeOf(fitting(at, value).core) ?? {}) : []
}

/** All keys of the schema as dotted paths; list items are `[]`. */
export function allKeys(schema: AnySchema, prefix = ''): readonly string[] {
  const { core } = unwrap(schema)
  const inner = [...(optionsOf(core) ?? [])]
  const element = elementOf(core)
  if (element) return allKeys(element, `${prefix}[]`)
  const below = Object.entries(shapeOf(core) ?? {}).flatMap(([name, item]) => {
    const path = prefix === '' ? name : `${prefix}.${name}`
    return [path, ...allKeys(item, path)]
  })
  return [...new Set([...below, ...inner.flatMap(option => allKeys(option, prefix))])]
}
