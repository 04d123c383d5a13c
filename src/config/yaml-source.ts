/** The text of the configuration: parsed, with the place of every key and value. */
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type ParsedNode,
  parseDocument,
  visit,
} from 'yaml'
import type { Text } from '#base/text.ts'
import type { Problem, ProblemCode } from './problem.ts'
import type { PathKeys } from './walk.ts'

export class YamlSource {
  readonly document: Document.Parsed
  readonly text: string
  readonly #file: string
  readonly #lines = new LineCounter()

  constructor(file: string, text: string) {
    this.#file = file
    this.text = text
    this.document = parseDocument(text, {
      lineCounter: this.#lines,
      prettyErrors: false,
      uniqueKeys: true,
      merge: false,
      // what it would warn of is told as a problem with its place
      logLevel: 'error',
    })
  }

  /** What keeps the text from being a plain YAML tree. */
  problems(): readonly Problem[] {
    const found = [...this.document.errors, ...this.document.warnings].map(error =>
      this.problem('CONF-PARSE', error.pos[0], '', {
        en: `this is not YAML: ${error.message}`,
        ja: `YAMLとして読めません: ${error.message}`,
      }),
    )
    visit(this.document, {
      Alias: (_, node) => {
        const text = {
          en: 'aliases (*name) are not used here: write the value again',
          ja: 'エイリアス(*名前)は使えません。値をもう一度書いてください',
        }
        found.push(this.problem('CONF-PARSE', node.range?.[0] ?? 0, '', text))
      },
    })
    return found
  }

  problem(
    code: ProblemCode,
    offset: number,
    key: string,
    text: Text,
    severity: 'error' | 'warning' = 'error',
  ): Problem {
    const { line, col } = this.#lines.linePos(Math.min(offset, this.text.length))
    return { code, severity, file: this.#file, line: Math.max(line, 1), column: Math.max(col, 1), key, text }
  }

  /** Where the value at `path` begins; where it is missing, the nearest key above it. */
  offsetOf(path: PathKeys): number {
    let node: unknown = this.document.contents
    let offset = startOf(node)
    for (const step of path) {
      const pair = isMap(node)
        ? node.items.find(item => isScalar(item.key) && String(item.key.value) === String(step))
        : undefined
      const next: unknown = isSeq(node) ? node.items[Number(step)] : pair?.value
      if (next === undefined || next === null) return pair ? startOf(pair.key) : offset
      offset = isMap(next) && pair ? startOf(pair.key) : startOf(next)
      node = next
    }
    return offset
  }

  /** Where the key itself stands. */
  keyOffsetOf(path: PathKeys): number {
    const parent = path.length > 1 ? this.document.getIn(path.slice(0, -1), true) : this.document.contents
    const name = path.at(-1)
    const pair = isMap(parent)
      ? parent.items.find(item => isScalar(item.key) && String(item.key.value) === name)
      : undefined
    return pair ? startOf(pair.key) : this.offsetOf(path)
  }

  /** Visits every text value with its path and its offset. The answer takes its place. */
  mapTexts(change: (text: string, path: PathKeys, node: ParsedNode) => string): void {
    visit(this.document, {
      Scalar: (position, node, ancestors) => {
        if (position === 'key' || typeof node.value !== 'string') return
        node.value = change(node.value, pathOf(ancestors, position, node), node as ParsedNode)
      },
    })
  }
}

function startOf(node: unknown): number {
  if (isMap(node) || isSeq(node) || isScalar(node) || isAlias(node)) return node.range?.[0] ?? 0
  return 0
}

/** The keys from the root to `node`, from the nodes above it. */
function pathOf(ancestors: readonly unknown[], position: string | number | null, node: unknown): PathKeys {
  const path: (string | number)[] = []
  ancestors.forEach((ancestor, depth) => {
    const below = ancestors[depth + 1] ?? node
    if (isSeq(ancestor))
      path.push(below === node && typeof position === 'number' ? position : ancestor.items.indexOf(below))
    else if (isMap(ancestor)) {
      const pair = ancestor.items.find(item => item === below)
      if (pair && isScalar(pair.key)) path.push(String(pair.key.value))
    }
  })
  return path
}
