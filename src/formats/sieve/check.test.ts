import assert from 'node:assert/strict'
import test from 'node:test'
import { checkScript, compileScript } from './check.ts'
import { extensions } from './extensions.ts'

const limits = { maxScriptBytes: 64 * 1024 }

/** Script, then line:column and words of each problem that it has */
const wrong: readonly (readonly [string, ...(readonly [string, RegExp][])])[] = [
  ['fileinto "a";', ['1:1', /fileinto needs: require "fileinto"/]],
  ['require "nonsense";', ['1:9', /no extension "\\"nonsense|no extension/]],
  ['keep; require "fileinto";', ['1:7', /before all other/]],
  ['elsif true { keep; }', ['1:1', /must follow if/]],
  ['if true { keep; } keep; else { stop; }', ['1:25', /must follow if/]],
  ['if true { keep; } else { } else { stop; }', ['1:28', /must follow if/]],
  ['if keep { stop; }', ['1:4', /is a command/]],
  ['header "a" "b";', ['1:1', /is a test/]],
  ['if not { stop; }', ['1:4', /lacks a test/]],
  ['if allof true { stop; }', ['1:4', /list of tests/]],
  ['if true;', ['1:1', /lacks a block/]],
  ['keep { }', ['1:1', /takes no block/]],
  ['keep true;', ['1:1', /takes no test/]],
  ['keep "x";', ['1:6', /no further/]],
  ['keep :copy;', ['1:6', /does not know :copy/]],
  ['frobnicate;', ['1:1', /Unknown command/]],
  ['if frobnicate { }', ['1:4', /Unknown test/]],
  ['redirect;', ['1:1', /lacks a string/]],
  ['redirect 5;', ['1:10', /wants a string/]],
  ['redirect ["a@example.org"];', ['1:10', /wants a string/]],
  ['redirect "no address";', ['1:10', /no mail address/]],
  ['if size 5 { }', ['1:4', /needs one of :over, :under/]],
  ['if size :over :under 5 { }', ['1:15', /cannot stand together/]],
  ['if header :is :is "a" "b" { }', ['1:15', /twice/]],
  ['if header :is :contains "a" "b" { }', ['1:15', /cannot stand together/]],
  ['if header "a" :is "b" { }', ['1:15', /before the other/]],
  ['if header "a:" "b" { }', ['1:11', /no name of a header/]],
  ['if header :comparator "i;nonsense" "a" "b" { }', ['1:11', /no comparator/]],
  ['if header :comparator "i;ascii-numeric" "a" "b" { }', ['1:11', /comparator-i;ascii-numeric/]],
  [
    'require "comparator-i;ascii-numeric"; if header :contains :comparator "i;ascii-numeric" "a" "b" { }',
    ['1:49', /cannot compare by :contains/],
  ],
  ['if header :count "ge" "a" "1" { }', ['1:11', /require "relational"/]],
  ['require "relational"; if header :count "more" "a" "1" { }', ['1:33', /no relation/]],
  ['if header :regex "a" "(" { }', ['1:11', /require "regex"/]],
  ['require "regex"; if header :regex "a" ["x", "("] { }', ['1:28', /not closed/]],
  ['require "regex"; if header :regex "a" "a{3,1}" { }', ['1:28', /must stand numbers/]],
  ['require "envelope"; if envelope "sender" "a" { }', ['1:33', /no part/]],
  ['require "envelope"; if envelope "orcpt" "a" { }', ['1:33', /envelope-dsn/]],
  ['require "variables"; set "1x" "a";', ['1:26', /no name of a variable/]],
  ['require "variables"; set "a" "${x.y}";', ['1:30', /no name of a variable/]],
  ['require "variables"; set "a" "${99}";', ['1:30', /from 0 to 63/]],
  ['require "variables"; set :lower :upper "a" "b";', ['1:33', /cannot stand together/]],
  ['require ["variables", "include"]; include "${a}";', ['1:43', /must not hold variables/]],
  ['require "encoded-character"; redirect "${unicode:d800}@example.org";', ['1:39', /no Unicode/]],
  ['require "encoded-character"; redirect "${hex:ff}@example.org";', ['1:39', /UTF-8/]],
  ['require "date"; if currentdate "fortnight" "1" { }', ['1:32', /no part/]],
  ['require "date"; if currentdate :zone "JST" "hour" "1" { }', ['1:32', /no time zone/]],
  ['require "index"; if header :last "a" "b" { }', ['1:28', /only allowed together/]],
  ['require ["index"]; if header :index 0 "a" "b" { }', ['1:30', /must be from 1/]],
  ['require "mime"; if header :anychild "a" "b" { }', ['1:27', /only allowed together with :mime/]],
  ['require "foreverypart"; break;', ['1:25', /only allowed within/]],
  ['require "foreverypart"; foreverypart :name "a" { break :name "b"; }', ['1:56', /No foreverypart/]],
  ['require ["extracttext", "variables"]; extracttext "a";', ['1:39', /only allowed within/]],
  ['require "vacation"; vacation :days 3 :seconds 4 "x";', ['1:38', /vacation-seconds/]],
  ['require ["vacation", "vacation-seconds"]; vacation :days 3 :seconds 4 "x";', ['1:60', /cannot stand together/]],
  ['require ["vacation", "mailbox"]; vacation :create "x";', ['1:43', /together with :fcc/]],
  ['require ["enotify"]; notify "tel:+81-3-0000-0000";', ['1:29', /no method of notification/]],
  ['require ["enotify"]; notify :importance "4" "mailto:a@example.org";', ['1:29', /must be one of/]],
  ['require "editheader"; deleteheader "Received";', ['1:36', /must not be changed/]],
  [
    'require ["fileinto", "special-use", "mailboxid"]; fileinto :mailboxid "M1" :specialuse "\\\\Junk" "x";',
    ['1:76', /cannot stand together/],
  ],
  ['fileinto "a";\nreject "b";\n  vacation "c";', ['1:1', /./], ['2:1', /./], ['3:3', /./]],
]

for (const [script, ...problems] of wrong)
  test(script.slice(0, 90), () => {
    const found = checkScript(script, limits)
    assert.deepEqual(
      found.map(({ line, column }) => `${line}:${column}`),
      problems.map(([place]) => place),
    )
    for (const [index, [, words]] of problems.entries()) {
      assert.match(found[index]?.text.en ?? '', words)
      assert.match(found[index]?.text.ja ?? '', /[ぁ-ん]/)
    }
  })

test('every extension can be required, and none that the settings leave out', () => {
  assert.deepEqual(checkScript(`require [${extensions.map(name => JSON.stringify(name)).join(', ')}];`, limits), [])
  const offered = new Set(['fileinto'] as const)
  assert.equal(checkScript('require "fileinto";', { ...limits, offered }).length, 0)
  assert.equal(checkScript('require "reject";', { ...limits, offered }).length, 1)
})

test('RFC 5463 §4: with ihave, what is not known waits until it is reached', () => {
  const script =
    'require "ihave"; if ihave "vnd.example.x" { frobnicate :y "z"; } elsif ihave "fileinto" { fileinto "a"; }'
  const compiled = compileScript(script, limits)
  assert.ok('program' in compiled)
  const [statement] = compiled.program.statements
  assert.equal(statement?.kind, 'if')
  const [first, second] = statement.branches
  assert.equal(first?.block[0]?.kind, 'fault')
  assert.equal(second?.block[0]?.kind, 'fileinto')
  // what is no Sieve at all is still a mistake
  assert.equal(checkScript('require "ihave"; if ihave "x" { keep ]; }', limits).length, 1)
})

test('a script over the limit is not read', () => {
  assert.match(checkScript(`keep;${' '.repeat(limits.maxScriptBytes)}`, limits)[0]?.text.en ?? '', /octets/)
})
