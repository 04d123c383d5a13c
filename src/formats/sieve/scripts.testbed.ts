/** Syntax trees that fast-check makes: everything the grammar can say. */
import fc from 'fast-check'
import type { Argument, Block, Command, Comment, Place, Script, StringValue, Test, Tests } from './syntax.ts'

const at: Place = { line: 1, column: 1 }
const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,8}$/).filter(word => word.toLowerCase() !== 'text')
const lines = fc.array(
  fc.oneof(fc.constantFrom('', '.', '..', '.x', ' ', 'あ'), fc.string({ maxLength: 12 }).map(clean)),
  {
    maxLength: 4,
  },
)

function clean(text: string): string {
  return text.replace(/[\0\r\n]/g, '')
}

const string: fc.Arbitrary<StringValue> = fc.oneof(
  fc.record({
    at: fc.constant(at),
    text: fc
      .oneof(fc.string({ unit: 'grapheme', maxLength: 12 }), fc.constantFrom('"', '\\', '\r\n.\r\n', 'text:'))
      .map(text => text.replaceAll('\0', '')),
    multiline: fc.constant(false),
  }),
  lines.map(all => ({ at, text: all.map(line => `${line}\r\n`).join(''), multiline: true })),
)

const argument: fc.Arbitrary<Argument> = fc.oneof(
  fc.record({
    kind: fc.constant('number' as const),
    at: fc.constant(at),
    number: fc.nat(1000),
    quantifier: fc.constantFrom('' as const, 'K' as const, 'M' as const, 'G' as const),
  }),
  fc.record({ kind: fc.constant('tag' as const), at: fc.constant(at), name }),
  string.map(one => ({ kind: 'strings' as const, at, strings: [one], list: false })),
  fc.array(string, { maxLength: 3 }).map(strings => ({ kind: 'strings' as const, at, strings, list: true })),
)
const args = fc.array(argument, { maxLength: 3 })

const comments: fc.Arbitrary<readonly Comment[]> = fc
  .array(
    fc.oneof(
      fc.string({ maxLength: 8 }).map(text => `#${clean(text)}`),
      fc.string({ maxLength: 8 }).map(text => `/*${text.replaceAll('*/', '').replace(/[\r/*]/g, '')}*/`),
    ),
    { maxLength: 2 },
  )
  .map(all => all.map(text => ({ text, sameLine: false })))

const { test, tests, command, block } = fc.letrec<{ test: Test; tests: Tests; command: Command; block: Block }>(
  tie => ({
    test: fc.record({ at: fc.constant(at), name, args, tests: tie('tests') }),
    tests: fc.oneof(
      { maxDepth: 3 },
      fc.constant<Tests>({ kind: 'none' }),
      tie('test').map((one): Tests => ({ kind: 'one', test: one })),
      fc.array(tie('test'), { minLength: 1, maxLength: 3 }).map((all): Tests => ({ kind: 'list', tests: all })),
    ),
    command: fc.record({
      comments,
      at: fc.constant(at),
      from: fc.constant(0),
      to: fc.constant(0),
      name,
      args,
      tests: tie('tests'),
      block: fc.oneof({ maxDepth: 3 }, fc.constant(undefined), tie('block')),
    }),
    block: fc.record({ commands: fc.array(tie('command'), { maxLength: 3 }), comments }),
  }),
)
void test
void tests
void block

export const anyScript: fc.Arbitrary<Script> = fc.record({ commands: fc.array(command, { maxLength: 4 }), comments })
