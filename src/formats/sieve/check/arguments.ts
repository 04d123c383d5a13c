/** The arguments of one command or test against its rule: tags in any order first, then the positional ones. RFC 5228 §2.6 */
import type { Extension } from '../extensions.ts'
import type { Template } from '../program.ts'
import type { Argument, Call, Place, StringValue } from '../syntax.ts'
import { factorOf } from '../syntax.ts'
import { texts } from '../texts.ts'
import type { Checker } from './checker.ts'

type ValueKind = 'string' | 'strings' | 'number'

export type TagRule = {
  readonly extension?: Extension
  readonly value?: ValueKind
  /** Of a group at most one may stand */
  readonly group?: string
}

export type ArgumentRule = {
  readonly tags?: Readonly<Record<string, TagRule>>
  /** Those that are marked may be left out, the first ones first */
  readonly positional?: readonly (ValueKind | `${ValueKind}?`)[]
}

type StringsArgument = Extract<Argument, { kind: 'strings' }>
type NumberArgument = Extract<Argument, { kind: 'number' }>
type ValueArgument = StringsArgument | NumberArgument
type BoundTag = { readonly at: Place; readonly value: ValueArgument | undefined }

/** Undefined when something is wrong, which has been told then. */
export function bindArguments(
  checker: Checker,
  call: Call & { readonly at: Place },
  rule: ArgumentRule,
): Bound | undefined {
  const known = checker.problems.length
  const tags = new Map<string, BoundTag>()
  const values: ValueArgument[] = []
  for (let next = 0; next < call.args.length; next++) {
    const argument = call.args[next]
    if (argument?.kind !== 'tag') {
      if (argument) values.push(argument)
      continue
    }
    const name = argument.name.toLowerCase()
    const tag = knownTag(checker, call, rule, argument.at, name)
    if (values.length > 0) checker.tell(argument.at, texts.tagAfterArguments(name))
    const value = tag?.value && valueOf(checker, call, `:${name}`, tag.value, argument.at, call.args[next + 1])
    if (tag?.value) next++
    if (tag && mayStand(checker, rule, tags, argument.at, name)) tags.set(name, { at: argument.at, value })
  }
  const positional = bindPositional(checker, call, rule.positional ?? [], values)
  return checker.problems.length > known ? undefined : new Bound(checker, call, tags, positional)
}

function knownTag(checker: Checker, call: Call, rule: ArgumentRule, at: Place, name: string): TagRule | undefined {
  const tag = rule.tags && Object.hasOwn(rule.tags, name) ? rule.tags[name] : undefined
  if (!tag) {
    checker.tell(at, texts.unknownTag(name, call.name))
    return undefined
  }
  if (tag.extension) checker.need(at, `:${name}`, tag.extension)
  return tag
}

function mayStand(
  checker: Checker,
  rule: ArgumentRule,
  tags: ReadonlyMap<string, BoundTag>,
  at: Place,
  name: string,
): boolean {
  if (tags.has(name)) {
    checker.tell(at, texts.twice(name))
    return false
  }
  const group = rule.tags?.[name]?.group
  const other = group && [...tags.keys()].find(tag => rule.tags?.[tag]?.group === group)
  if (other) checker.tell(at, texts.tagsExclude(other, name))
  return !other
}

function bindPositional(
  checker: Checker,
  call: Call & { readonly at: Place },
  rules: NonNullable<ArgumentRule['positional']>,
  values: readonly ValueArgument[],
): readonly (ValueArgument | undefined)[] {
  let absent = rules.length - values.length
  const bound: (ValueArgument | undefined)[] = []
  let next = 0
  for (const rule of rules) {
    const kind = rule.replace('?', '') as ValueKind
    if (rule.endsWith('?') && absent > 0) {
      absent--
      bound.push(undefined)
    } else bound.push(valueOf(checker, call, call.name, kind, call.at, values[next++]))
  }
  const surplus = values[next]
  if (surplus) checker.tell(surplus.at, texts.surplusArgument(call.name))
  return bound
}

function valueOf(
  checker: Checker,
  call: Call,
  name: string,
  kind: ValueKind,
  at: Place,
  argument: Argument | undefined,
): ValueArgument | undefined {
  if (!argument || argument.kind === 'tag') {
    checker.tell(argument?.at ?? at, texts.missingArgument(name, texts.kinds[kind]))
    return undefined
  }
  const fits =
    kind === 'number'
      ? argument.kind === 'number'
      : argument.kind === 'strings' && (kind === 'strings' || !argument.list)
  if (!fits) checker.tell(argument.at, texts.wrongArgument(call.name, texts.kinds[kind]))
  return fits ? argument : undefined
}

/** Arguments that fit the rule. Methods that name a tag give undefined where it does not stand. */
export class Bound {
  readonly checker: Checker
  readonly call: Call & { readonly at: Place }
  readonly #tags: ReadonlyMap<string, BoundTag>
  readonly #values: readonly (ValueArgument | undefined)[]

  constructor(
    checker: Checker,
    call: Call & { readonly at: Place },
    tags: ReadonlyMap<string, BoundTag>,
    values: readonly (ValueArgument | undefined)[],
  ) {
    this.checker = checker
    this.call = call
    this.#tags = tags
    this.#values = values
  }

  has(tag: string): boolean {
    return this.#tags.has(tag)
  }

  /** Which of these stands here */
  oneOf<T extends string>(tags: readonly T[]): T | undefined {
    return tags.find(tag => this.#tags.has(tag))
  }

  placeOf(tag: string): Place {
    return this.#tags.get(tag)?.at ?? this.call.at
  }

  tagString(tag: string): Template | undefined {
    const value = this.tagValue(tag)
    return value && this.checker.template(value)
  }

  tagConstant(tag: string): string | undefined {
    const value = this.tagValue(tag)
    return value && this.checker.constant(value, `:${tag}`)
  }

  tagStrings(tag: string): readonly Template[] | undefined {
    const value = this.#tags.get(tag)?.value
    return value?.kind === 'strings' ? value.strings.map(string => this.checker.template(string)) : undefined
  }

  tagNumber(tag: string): number | undefined {
    const value = this.#tags.get(tag)?.value
    return value?.kind === 'number' ? value.number * factorOf[value.quantifier] : undefined
  }

  /** As it is written */
  tagValue(tag: string): StringValue | undefined {
    const value = this.#tags.get(tag)?.value
    return value?.kind === 'strings' ? value.strings[0] : undefined
  }

  given(index: number): boolean {
    return this.#values[index] !== undefined
  }

  placeOfValue(index: number): Place {
    return this.#values[index]?.at ?? this.call.at
  }

  string(index: number): Template {
    return this.strings(index)[0] ?? ''
  }

  constant(index: number, what: string): string {
    return this.constants(index, what)[0] ?? ''
  }

  constants(index: number, what: string): readonly string[] {
    return this.values(index).map(string => this.checker.constant(string, what))
  }

  strings(index: number): readonly Template[] {
    return this.values(index).map(string => this.checker.template(string))
  }

  values(index: number): readonly StringValue[] {
    const value = this.#values[index]
    return value?.kind === 'strings' ? value.strings : []
  }

  number(index: number): number {
    const value = this.#values[index]
    return value?.kind === 'number' ? value.number * factorOf[value.quantifier] : 0
  }
}
