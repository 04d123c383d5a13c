import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { checkScript } from '../check.ts'
import { type FilterDocument, noFilters, type Piece, printFilters, readFilters, withBehind } from './document.ts'
import type { Filter } from './filter.ts'
import { filters } from './filters.testbed.ts'

const limits = { maxScriptBytes: 1_000_000 }
const fresh = (filter: Filter): Piece => ({ kind: 'filter', filter, source: undefined })
const documentOf = (...all: readonly Filter[]): FilterDocument => ({ ...noFilters, pieces: all.map(fresh) })

function read(text: string): FilterDocument {
  const document = readFilters(text)
  assert.ok(document)
  return document
}

const filtersIn = ({ pieces }: FilterDocument) => pieces.flatMap(one => (one.kind === 'filter' ? [one.filter] : []))
const handIn = ({ pieces }: FilterDocument) => pieces.flatMap(one => (one.kind === 'hand' ? [one.text] : []))

test('what is written is a good script, and is read back as it was', () => {
  fc.assert(
    fc.property(
      fc.array(filters, { maxLength: 5 }),
      fc.option(fc.constantFrom('mine', 'a "b" 件'), { nil: null }),
      (all, behind) => {
        const text = printFilters(withBehind(documentOf(...all), behind))
        assert.deepEqual(checkScript(text, limits), [], text)
        const back = read(text)
        assert.deepEqual(filtersIn(back), all, text)
        assert.deepEqual(handIn(back), [])
        assert.equal(back.behind, behind)
        assert.equal(printFilters(back), text)
      },
    ),
    { numRuns: 300 },
  )
})

/** Pieces that other programs and people leave between ours */
const foreign = [
  '# a note\n',
  'keep;\r\n',
  '\r\n/* two\r\nlines */\r\nif header :regex "subject" "^a" { discard; }\r\n',
  'if true { stop; } else { keep; }\n',
  'set "a" "#";  set "b" "x"; # here\r\n',
  '# rule:[by hand]\nif header :is :comparator "i;octet" "subject" "x" { keep; }\n',
  'if allof (true) { keep; }\r\n\r\n\r\n',
  'include :personal "other";\n',
  'redirect text:\r\na@example.org\r\n.\r\n;\r\n',
  'if header :contains "subject" ["a", "b"] { addflag "x"; # why\r\n }\r\n',
]

test('whatever others put between: it stays octet for octet, ours stay editable, order is kept', () => {
  const part = fc.oneof(
    filters.map(fresh),
    fc.constantFrom(...foreign).map((text): Piece => ({ kind: 'hand', text })),
  )
  fc.assert(
    fc.property(fc.array(part, { maxLength: 7 }), fc.constantFrom('', '\r\n', '# end', 'keep;'), (parts, end) => {
      const head = read(`${noFilters.rest.head}require ["variables", "regex", "include"];\n`)
      const text = printFilters({ ...head, pieces: parts }) + end
      const back = read(text)
      assert.equal(printFilters(back), text)
      const ours = parts.flatMap(one => (one.kind === 'filter' ? [one.filter] : []))
      assert.deepEqual(filtersIn(back), ours, text)
      // one is edited: everything else is as it was
      const edited = back.pieces.map(one => (one.kind === 'filter' ? fresh({ ...one.filter, name: 'edited' }) : one))
      const again = read(printFilters({ ...back, pieces: edited }))
      assert.deepEqual(handIn(again), handIn(back))
      assert.ok(filtersIn(again).every(({ name }) => name === 'edited'))
    }),
    { numRuns: 300 },
  )
})

const written = `# Hikyaku filters: made in the settings. What other programs change here is kept.
require ["body", "copy", "fileinto", "imap4flags", "mailbox", "mailboxid", "mime", "include"];

# rule:[Garden]
if allof (header :contains "list-id" "<garden.example.org>", not address :is "from" "taro@example.org") {
  addflag "\\\\Seen";
  fileinto :mailboxid "M7" :create "Garden";
  stop;
}

# rule:[off]
if false # anyof (header :matches "subject" "[a\\\\*]*", size :over 5M)
{
  redirect :copy "taro@example.org";
}

# rule:[]
if true {
  addflag "$NotJunk";
  keep;
}

# rule:[What was active before runs next]
if true {
  include :personal :once :optional "mine";
}
`.replaceAll('\n', '\r\n')

test('the text that people see, word for word', () => {
  const document = read(written)
  assert.deepEqual(filtersIn(document), [
    {
      name: 'Garden',
      isOn: true,
      match: 'all',
      conditions: [
        { kind: 'list', test: 'is', value: 'garden.example.org' },
        { kind: 'from', test: 'isNot', value: 'taro@example.org' },
      ],
      actions: [{ kind: 'read' }, { kind: 'move', mailbox: { id: 'M7', name: 'Garden' } }],
      stops: true,
    },
    {
      name: 'off',
      isOn: false,
      match: 'any',
      conditions: [
        { kind: 'subject', test: 'begins', value: '[a*]' },
        { kind: 'size', test: 'over', amount: 5, unit: 'M' },
      ],
      actions: [{ kind: 'forward', to: 'taro@example.org' }],
      stops: false,
    },
    { name: '', isOn: true, match: 'all', conditions: [], actions: [{ kind: 'neverJunk' }], stops: false },
  ])
  assert.equal(document.behind, 'mine')
  const anew = documentOf(...filtersIn(document).slice(0, 2))
  const lines = written.split('\r\n')
  assert.deepEqual(printFilters(anew).split('\r\n').slice(2), [...lines.slice(2, 15), ''])
})

test('the include is found as it was written before, and as Roundcube lays it out; octets stay until another script is behind', () => {
  const head = written.slice(0, written.indexOf('# rule:[What'))
  const forms = [
    '# What was active before runs next.\r\ninclude :personal :once :optional "mine";\r\n',
    '# rule:[What was active before runs next]\r\nif true\r\n{\r\n\tinclude :once :optional :personal "mine";\r\n}\r\n',
  ]
  for (const form of forms) {
    const document = read(head + form)
    assert.equal(document.behind, 'mine')
    assert.equal(printFilters(document), head + form)
    assert.equal(printFilters(withBehind(document, 'other')), written.replace('"mine"', '"other"'))
  }
  for (const form of [
    'if true { include :optional "mine"; keep; }',
    'if true { include :optional "a"; } else { keep; }',
  ])
    assert.equal(read(head + form).behind, null)
})

/** As Roundcube writes it, and as people do; undefined: by hand */
const understood: readonly (readonly [string, Partial<Filter> | undefined])[] = [
  ['if header :contains "Subject" "x"\n{\n\tfileinto "Lists";\n\tstop;\n}', { match: 'all', stops: true }],
  ['IF AnyOf(Header :Contains ["cc", "to"] ["x"]) {ADDFLAG ["\\\\Seen", "work"];}', { match: 'any', stops: false }],
  ['if false # header :is "subject" "x"\n{ keep; }', undefined],
  ['if false # header :is "subject" "x"\n{ stop; }', { isOn: false }],
  ['if true { fileinto "a"; addflag "x"; }', undefined],
  ['if true { fileinto "a"; fileinto "b"; }', undefined],
  ['if true { fileinto :copy "a"; fileinto :create "b"; }', { stops: false }],
  ['if true { fileinto :specialuse "\\\\Junk" "a"; }', undefined],
  ['if true { redirect "taro@example.org"; }', undefined],
  ['if true { discard; }', { actions: [{ kind: 'discard' }] }],
  ['if true { stop; keep; }', undefined],
  ['if true { addflag "$notjunk"; }', undefined],
  ['if not true { stop; }', undefined],
  ['if allof (not size :over 1M) { stop; }', undefined],
  ['if size :over 100 { stop; }', undefined],
  ['if size :under 1G { stop; }', { conditions: [{ kind: 'size', test: 'under', amount: 1024, unit: 'M' }] }],
  ['if header :matches "subject" "*x*" { stop; }', undefined],
  ['if header :matches "subject" "x\\\\" { stop; }', undefined],
  ['if header :contains ["subject", "comments"] "x" { stop; }', undefined],
  ['if header :contains "subject" text:\nx\n.\n { stop; }', undefined],
  ['if exists "x" { stop; }', undefined],
  ['if address :localpart :is "from" "x" { stop; }', undefined],
  [
    'if header :is "list-id" "<a>" { stop; }',
    { conditions: [{ kind: 'header', name: 'list-id', test: 'is', value: '<a>' }] },
  ],
]

test('how others write it: what says the same is understood, what says anything else is by hand', () => {
  for (const [code, expected] of understood) {
    const text = `${noFilters.rest.head}require ["fileinto", "copy", "mailbox", "special-use", "imap4flags"];\n${code}\n`
    assert.deepEqual(checkScript(text, limits), [], code)
    const document = read(text)
    assert.equal(printFilters(document), text)
    const [filter] = filtersIn(document)
    assert.equal(filter !== undefined, expected !== undefined, code)
    if (expected) assert.deepEqual({ ...filter, ...expected }, filter, code)
  }
})

test('a script without our first line is nobody’s but its writer’s; one that cannot be read stays as it is', () => {
  assert.equal(readFilters('# mine\r\nkeep;\r\n'), undefined)
  const broken = `${noFilters.rest.head}if { \r\n`
  assert.deepEqual(handIn(read(broken)), ['if { \r\n'])
  assert.equal(printFilters(read(broken)), broken)
})

test('a server that does not know ids of mailboxes is given their names alone', () => {
  const move = { kind: 'move', mailbox: { id: 'M7', name: 'Garden' } } as const
  const filter: Filter = { name: 'x', isOn: true, match: 'all', conditions: [], actions: [move], stops: false }
  const text = printFilters(documentOf(filter), { offers: name => name !== 'mailboxid' })
  assert.match(text, /require \["fileinto", "mailbox"\];/)
  assert.match(text, /\n {2}fileinto :create "Garden";\r\n/)
})

test('hostile: what reading and writing cost grows with the script, and no more', () => {
  const inner = 'discard; }'
  const scripts = {
    'a long comment before a filter': `/*${'x'.repeat(400_000)}*/ if true { ${inner}`,
    'blank lines in a comment': `/*${' \n'.repeat(200_000)}*/ if true { ${inner}`,
    'filters that are one line, with what could begin a comment': `if header :is "subject" "#" { ${inner} `.repeat(
      5_000,
    ),
    'many filters': `if true { ${inner}\r\n`.repeat(14_000),
  }
  for (const [name, script] of Object.entries(scripts)) {
    const text = noFilters.rest.head + script
    const begun = performance.now()
    const document = read(text)
    assert.equal(printFilters(document), text, name)
    assert.equal(printFilters(withBehind(document, 'mine')).startsWith(text.slice(0, 40)), true, name)
    assert.ok(performance.now() - begun < 4_000, `${name}: ${performance.now() - begun} ms`)
  }
})

test('a comment without an end, and what follows it on the line of another filter', () => {
  const document = read(`${noFilters.rest.head}if header :is "subject" "#" { discard; } # last`)
  const added: Filter = {
    name: '',
    isOn: true,
    match: 'all',
    conditions: [],
    actions: [{ kind: 'discard' }],
    stops: false,
  }
  const text = printFilters({ ...document, pieces: [...document.pieces, fresh(added)] })
  assert.match(text, /# last\r\n\r\nif true \{/)
  assert.deepEqual([filtersIn(read(text)), handIn(read(text)).length], [[added], 1])
})
