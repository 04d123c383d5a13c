/** Labels: names and colours of keywords. The account keeps them, so that each device knows; other programs see the keywords. */
import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals'
import { type Label, labelColors, type LabelColor } from '#protocols/jmap/wire-preferences.ts'
import type { Client } from '../../jmap/client.ts'
import { plainName as withoutSigns } from '../plain-signs.ts'
import { keywordFor } from './keyword.ts'

export type KnownLabel = Label & { readonly keyword: string }

/** What Thunderbird gives to letters by its keys 1 to 5, with the colours that it shows. Their names are in the page's language. */
export const standardLabels = {
  $label1: 'red',
  $label2: 'orange',
  $label3: 'green',
  $label4: 'blue',
  $label5: 'purple',
} as const satisfies Readonly<Record<string, LabelColor>>
export type StandardLabel = keyof typeof standardLabels
export const standardKeywords = Object.keys(standardLabels) as readonly StandardLabel[]

const collator = new Intl.Collator(['ja', 'en'], { numeric: true })

export class Labels {
  readonly #client: Client
  readonly #known: Signal<Readonly<Record<string, Label>>> = signal({})
  /** Those of Thunderbird that some letter has */
  readonly #met: Signal<ReadonlySet<string>> = signal(new Set())
  readonly #standardNames: () => Readonly<Record<StandardLabel, string>>
  #state: string | undefined

  /** All that a letter may be given, by name; Thunderbird's last */
  readonly all: ReadonlySignal<readonly KnownLabel[]> = computed(() => [
    ...this.own.value.filter(({ keyword }) => !isStandard(keyword)),
    ...standardKeywords.map(keyword => this.of(keyword)).filter(one => one !== undefined),
  ])
  /** Those that the person has made or named */
  readonly own: ReadonlySignal<readonly KnownLabel[]> = computed(() =>
    Object.entries(this.#known.value)
      .map(([keyword, label]) => ({ keyword, ...label }))
      .toSorted((a, b) => collator.compare(a.name, b.name)),
  )
  /** Worth a place beside the mailboxes */
  readonly shown: ReadonlySignal<readonly KnownLabel[]> = computed(() =>
    this.all.value.filter(({ keyword }) => Object.hasOwn(this.#known.value, keyword) || this.#met.value.has(keyword)),
  )

  constructor(client: Client, standardNames: () => Readonly<Record<StandardLabel, string>>) {
    this.#client = client
    this.#standardNames = standardNames
  }

  /** Reactive. Undefined: a keyword that is no label */
  of(keyword: string): KnownLabel | undefined {
    const own = Object.hasOwn(this.#known.value, keyword) ? this.#known.value[keyword] : undefined
    if (own) return { keyword, ...own }
    return isStandard(keyword)
      ? { keyword, name: this.#standardNames()[keyword], color: standardLabels[keyword] }
      : undefined
  }

  /** Reactive; by name */
  among(keywords: readonly Readonly<Record<string, true>>[]): readonly KnownLabel[] {
    const all = new Set(keywords.flatMap(one => Object.keys(one)))
    return [...all].flatMap(keyword => this.of(keyword) ?? []).toSorted((a, b) => collator.compare(a.name, b.name))
  }

  async load(): Promise<void> {
    const calls = this.#client.batch()
    const get = calls.call('Preferences/get', { ids: null, properties: ['labels'] })
    const met = standardKeywords.map(keyword =>
      calls.call('Email/query', { filter: { hasKeyword: keyword }, limit: 1 }),
    )
    const answers = await this.#client.send(calls)
    const { state, list } = answers.of(get)
    this.#state = state
    this.#known.value = plain(list[0]?.labels ?? {})
    this.#met.value = new Set(standardKeywords.filter((_, at) => met[at] && answers.of(met[at]).ids.length > 0))
  }

  hear({ Preferences: state }: Readonly<Record<string, string>>): void {
    if (state !== undefined && state !== this.#state) this.load().catch(() => undefined)
  }

  /** One of that name that is there already is as good. Rejects where the server does not keep it. */
  async add(name: string, color: LabelColor = this.#nextColor()): Promise<KnownLabel> {
    const plain = name.trim()
    const there = this.named(plain)
    if (there) return there
    const taken = new Set([...Object.keys(this.#known.peek()), ...standardKeywords])
    const keyword = keywordFor(plain, taken)
    await this.#set(keyword, { name: plain, color })
    return { keyword, name: plain, color }
  }

  named(name: string): KnownLabel | undefined {
    const wanted = plainName(name)
    return this.all.peek().find(label => plainName(label.name) === wanted)
  }

  /** Another name or colour; letters keep the keyword. */
  async change({ keyword, name, color }: KnownLabel, patch: Partial<Label>): Promise<void> {
    await this.#set(keyword, { name, color, ...patch })
  }

  /** Only what it is called; letters are another matter. */
  async forget(keyword: string): Promise<void> {
    await this.#set(keyword, null)
    this.#met.value = new Set([...this.#met.peek()].filter(one => one !== keyword))
  }

  /** A letter has it now. */
  meet(keyword: string): void {
    if (isStandard(keyword)) this.#met.value = new Set([...this.#met.peek(), keyword])
  }

  async #set(keyword: string, label: Label | null): Promise<void> {
    const path = `labels/${keyword.replaceAll('~', '~0').replaceAll('/', '~1')}`
    const calls = this.#client.batch()
    const set = calls.call('Preferences/set', { update: { singleton: { [path]: label } } })
    const { newState, notUpdated } = (await this.#client.send(calls)).of(set)
    if (notUpdated) throw new Error(notUpdated['singleton']?.description ?? 'It was not kept')
    this.#state = newState
    const { [keyword]: _, ...others } = this.#known.peek()
    this.#known.value = label ? { ...others, [keyword]: label } : others
  }

  /** The one that fewest labels have */
  #nextColor(): LabelColor {
    const used = (color: LabelColor) => this.all.peek().filter(label => label.color === color).length
    return labelColors.reduce((best, color) => (used(color) < used(best) ? color : best))
  }
}

function isStandard(keyword: string): keyword is StandardLabel {
  return Object.hasOwn(standardLabels, keyword)
}

/** As names of files are shown: without signs that turn round what stands beside them */
function plain(labels: Readonly<Record<string, Label>>): Readonly<Record<string, Label>> {
  return Object.fromEntries(
    Object.entries(labels).map(([keyword, one]) => [keyword, { ...one, name: withoutSigns(one.name) }]),
  )
}

function plainName(name: string): string {
  return name.normalize('NFKC').trim().toLowerCase()
}

/** What the search box has for it. */
export function labelSearch({ name }: Pick<Label, 'name'>, operator: string): string {
  return /[\s"()“”（）:：]/.test(name) || name === ''
    ? `${operator}:"${name.replaceAll(/["\\]/g, '\\$&')}"`
    : `${operator}:${name}`
}
