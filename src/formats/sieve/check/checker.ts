/** What is known while a script is checked: the extensions in force, the loops around a command, and what is wrong so far. */
import type { Text } from '#base/text.ts'
import type { Extension } from '../extensions.ts'
import { maxProblems } from '../limits.ts'
import type { SieveProblem } from '../problem.ts'
import type { Template } from '../program.ts'
import type { Place, StringValue } from '../syntax.ts'
import { texts } from '../texts.ts'
import { decodeCharacters, readTemplate } from './template.ts'

const noNamespaces: ReadonlySet<string> = new Set()
const globalNamespace: ReadonlySet<string> = new Set(['global'])

export class Checker {
  readonly problems: SieveProblem[] = []
  readonly extensions = new Set<Extension>()
  /** What the settings leave */
  readonly offered: ReadonlySet<Extension>
  /** Names of the foreverypart loops around, '' for one without */
  readonly loops: string[] = []

  constructor(offered: ReadonlySet<Extension>) {
    this.offered = offered
  }

  get isFull(): boolean {
    return this.problems.length > maxProblems
  }

  /** One problem a place: the second one comes from the first. */
  tell({ line, column }: Place, text: Text): void {
    const last = this.problems.at(-1)
    if (last?.line === line && last.column === column) return
    if (this.problems.length < maxProblems) this.problems.push({ line, column, text })
    else if (!this.isFull) this.problems.push({ line, column, text: texts.tooManyProblems })
  }

  /** Says so where `extension` is not in force */
  need(at: Place, what: string, extension: Extension): boolean {
    if (this.extensions.has(extension)) return true
    this.tell(at, texts.needsRequire(what, extension))
    return false
  }

  get namespaces(): ReadonlySet<string> {
    return this.extensions.has('include') ? globalNamespace : noNamespaces
  }

  template(value: StringValue): Template {
    const text = this.#decoded(value)
    if (!this.extensions.has('variables')) return text
    return readTemplate(text, this.namespaces, problem => this.tell(value.at, problem))
  }

  /** Where variables are not allowed */
  constant(value: StringValue, what: string): string {
    const template = this.template(value)
    if (typeof template === 'string') return template
    this.tell(value.at, texts.mustBeConstant(what))
    return ''
  }

  #decoded(value: StringValue): string {
    if (!this.extensions.has('encoded-character')) return value.text
    return decodeCharacters(value.text, problem => this.tell(value.at, problem))
  }
}
