/** Text → syntax tree, by the generic grammar of RFC 5228 §8.2. Pure, never throws; goes on behind a mistake so that several are told at once. */
import type { Text } from '#base/text.ts'
import { Lexer, type Mark, type Token } from './lexer.ts'
import { maxNesting, maxProblems, maxStrings, maxTokens } from './limits.ts'
import type { SieveProblem } from './problem.ts'
import type { Argument, Block, Command, Comment, Place, Script, StringValue, Test, Tests } from './syntax.ts'
import { texts } from './texts.ts'

export type Parsed = {
  /** What could be understood; all of it when there are no problems */
  readonly script: Script
  /** In the order of the text, at most `maxProblems` and one that says so */
  readonly problems: readonly SieveProblem[]
}

export function parseScript(text: string): Parsed {
  const parser = new Parser(text)
  const script = parser.script()
  return { script, problems: parser.problems }
}

/** Ends the reading of one command; the next is read from behind it. */
class Mistake extends Error {}
/** Ends the reading of the whole script. */
class Hopeless extends Error {}

class Parser {
  readonly problems: SieveProblem[] = []
  readonly #lexer: Lexer
  #token: Token
  #comments: readonly Comment[]
  /** End of the token before */
  #lastTo = 0
  #depth = 0
  #tokens = 0
  #strings = 0

  constructor(text: string) {
    this.#lexer = new Lexer(text)
    this.#token = this.#lexer.next()
    this.#comments = this.#lexer.comments
  }

  script(): Script {
    const commands: Command[] = []
    try {
      for (;;) {
        this.#commands(commands)
        if (this.#token.kind === 'end') break
        // a closing brace too many
        this.#tell(this.#token.at, texts.expectedCommand(shownToken(this.#token)))
        this.#advance()
      }
    } catch (error) {
      if (!(error instanceof Hopeless)) throw error
    }
    return { commands, comments: this.#comments }
  }

  /** Up to a closing brace or the end */
  #commands(into: Command[]): void {
    while (this.#token.kind !== 'end' && !this.#is('}')) {
      const before = this.#token
      try {
        into.push(this.#command())
      } catch (error) {
        if (!(error instanceof Mistake)) throw error
        this.#recover(before)
      }
    }
  }

  #command(): Command {
    const { at, from } = this.#token
    const comments = this.#comments
    const name = this.#identifier(texts.expectedCommand)
    const { args, tests } = this.#arguments()
    let block: Block | undefined
    if (this.#is('{')) block = this.#block()
    else this.#expect(';')
    return { comments, name, at, args, tests, block, from, to: this.#lastTo }
  }

  #block(): Block {
    return this.#nested(() => {
      this.#expect('{')
      const commands: Command[] = []
      this.#commands(commands)
      const comments = this.#comments
      this.#expect('}')
      return { commands, comments }
    })
  }

  #arguments(): { args: readonly Argument[]; tests: Tests } {
    const args: Argument[] = []
    for (;;) {
      const argument = this.#argument()
      if (!argument) break
      args.push(argument)
    }
    return { args, tests: this.#tests() }
  }

  #argument(): Argument | undefined {
    const token = this.#token
    const { at } = token
    if (token.kind === 'number') {
      this.#advance()
      return { kind: 'number', at, number: token.number, quantifier: token.quantifier }
    }
    if (token.kind === 'tag') {
      this.#advance()
      return { kind: 'tag', at, name: token.name }
    }
    if (token.kind === 'string') return { kind: 'strings', at, strings: [this.#string()], list: false }
    return this.#is('[') ? { kind: 'strings', at, strings: this.#stringList(), list: true } : undefined
  }

  #stringList(): readonly StringValue[] {
    this.#expect('[')
    const strings: StringValue[] = []
    // the grammar wants one at least; an empty list is what programs write for none
    if (!this.#is(']')) strings.push(this.#string())
    while (this.#is(',')) {
      this.#advance()
      strings.push(this.#string())
    }
    this.#expect(']')
    return strings
  }

  #string(): StringValue {
    const token = this.#token
    if (token.kind !== 'string') return this.#mistake(token, texts.expectedString(shownToken(token)))
    if (++this.#strings > maxStrings) this.#hopeless(token.at, texts.tooManyStrings(maxStrings))
    this.#advance()
    return { at: token.at, text: token.text, multiline: token.multiline }
  }

  #tests(): Tests {
    if (this.#token.kind === 'identifier') return { kind: 'one', test: this.#test() }
    if (!this.#is('(')) return { kind: 'none' }
    return this.#nested(() => {
      this.#expect('(')
      const tests = [this.#test()]
      while (this.#is(',')) {
        this.#advance()
        tests.push(this.#test())
      }
      this.#expect(')')
      return { kind: 'list', tests }
    })
  }

  #test(): Test {
    return this.#nested(() => {
      const { at } = this.#token
      const name = this.#identifier(texts.expectedTest)
      return { at, name, ...this.#arguments() }
    })
  }

  #identifier(problem: (found: Text) => Text): string {
    const token = this.#token
    if (token.kind !== 'identifier') return this.#mistake(token, problem(shownToken(token)))
    this.#advance()
    return token.name
  }

  #expect(mark: Mark): void {
    if (!this.#is(mark)) this.#mistake(this.#token, texts.expected(`"${mark}"`, shownToken(this.#token)))
    this.#advance()
  }

  #is(mark: Mark): boolean {
    return this.#token.kind === 'mark' && this.#token.mark === mark
  }

  #nested<T>(read: () => T): T {
    if (++this.#depth > maxNesting) this.#hopeless(this.#token.at, texts.tooDeep(maxNesting))
    try {
      return read()
    } finally {
      this.#depth--
    }
  }

  #advance(): void {
    if (++this.#tokens > maxTokens) this.#hopeless(this.#token.at, texts.tooManyTokens(maxTokens))
    this.#lastTo = this.#token.to
    this.#token = this.#lexer.next()
    this.#comments = this.#lexer.comments
  }

  /** To behind the semicolon or the block that ends the command, or to the brace that ends the block around it */
  #recover(began: Token): void {
    // the depth at which commands of this block are read is not known here: braces are counted
    let braces = 0
    if (this.#token === began && !this.#is('{') && !this.#is(';')) this.#advance()
    for (;;) {
      if (this.#token.kind === 'end') return
      if (this.#is('{')) braces++
      else if (this.#is('}') && braces === 0) return
      else if (this.#is('}')) braces--
      const ends = braces === 0 && (this.#is(';') || this.#is('}'))
      this.#advance()
      if (ends) return
    }
  }

  #mistake(token: Token, text: Text): never {
    this.#tell(token.at, token.kind === 'bad' ? token.text : text)
    throw new Mistake()
  }

  #hopeless(at: Place, text: Text): never {
    this.#tell(at, text)
    throw new Hopeless()
  }

  #tell(at: Place, text: Text): void {
    if (this.problems.length === maxProblems) {
      this.problems.push({ ...at, text: texts.tooManyProblems })
      throw new Hopeless()
    }
    this.problems.push({ ...at, text })
  }
}

function shownToken(token: Token): Text {
  if (token.kind === 'end') return texts.end
  const text = wordOf(token)
  return { en: text, ja: text }
}

function wordOf(token: Exclude<Token, { kind: 'end' }>): string {
  switch (token.kind) {
    case 'mark':
      return `"${token.mark}"`
    case 'string':
      return JSON.stringify(token.text)
    case 'number':
      return `${token.number}${token.quantifier}`
    case 'tag':
      return `:${token.name}`
    case 'identifier':
      return token.name
    case 'bad':
      return '?'
  }
}
