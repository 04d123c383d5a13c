/** Cards at random: for what has to be true of all of them. */
import fc from 'fast-check'

const word = fc
  .string({
    unit: fc.constantFrom(
      'a',
      'B',
      ' ',
      ',',
      ';',
      ':',
      '\\',
      '"',
      '^',
      '\n',
      'n',
      '=',
      '山',
      'や',
      '🐎',
      '-',
      '/',
      '~',
      '%',
    ),
    minLength: 1,
    maxLength: 12,
  })
  .map(text => text.trim())
  .filter(text => text !== '')
const uri = fc.constantFrom('https://example.com/a;b,c', 'mailto:a@x.example', 'data:image/png;base64,iVBORw0KGgo=')
const id = fc.stringMatching(/^[A-Za-z0-9_-]{1,8}$/).filter(text => text !== '__proto__')
const table = <Value>(value: fc.Arbitrary<Value>) =>
  fc.dictionary(id, value, { minKeys: 1, maxKeys: 3, noNullPrototype: true })
const flags = (...names: readonly string[]) =>
  fc
    .uniqueArray(fc.constantFrom(...names), { minLength: 1 })
    .map(set => Object.fromEntries(set.map(name => [name, true])))
const optional = <Shape extends object>(
  shape: { [Name in keyof Shape]: fc.Arbitrary<Shape[Name]> },
  required: readonly (keyof Shape)[] = [],
) => fc.record(shape, { requiredKeys: [...required] as never, noNullPrototype: true })
const common = {
  contexts: flags('private', 'work', 'x.example:car'),
  pref: fc.integer({ min: 1, max: 100 }),
  label: word,
}
const component = (kinds: readonly string[]) =>
  fc.record({ kind: fc.constantFrom(...kinds, 'separator'), value: word }, { noNullPrototype: true })
const date = fc.oneof(
  fc.record(
    {
      year: fc.integer({ min: 1, max: 9999 }),
      month: fc.integer({ min: 1, max: 12 }),
      day: fc.integer({ min: 1, max: 31 }),
    },
    { noNullPrototype: true },
  ),
  fc.record(
    { month: fc.integer({ min: 1, max: 12 }), day: fc.integer({ min: 1, max: 31 }) },
    { noNullPrototype: true },
  ),
  fc.record({ year: fc.integer({ min: 1, max: 9999 }) }, { noNullPrototype: true }),
  fc.constant({ '@type': 'Timestamp', utc: '2019-10-15T23:10:00Z' }),
)
/** All that a card may have but `@type`, `version` and `uid`, each with what a vCard could trip over */
export const anyCard = optional({
  kind: fc.constantFrom('group', 'org'),
  language: fc.constant('ja'),
  prodId: word,
  name: fc.oneof(
    optional(
      { full: word, sortAs: fc.record({ surname: fc.constantFrom('やまだ', 'A b') }, { noNullPrototype: true }) },
      ['full'],
    ),
    fc.record(
      {
        components: fc
          .array(component(['surname', 'given', 'given2', 'title', 'credential', 'surname2', 'generation', 'x']), {
            minLength: 1,
            maxLength: 6,
          })
          .filter(all => all.some(one => one.kind !== 'separator')),
        isOrdered: fc.constant(true),
        defaultSeparator: word,
      },
      { noNullPrototype: true },
    ),
  ),
  nicknames: table(fc.record({ name: word }, { noNullPrototype: true })),
  organizations: table(
    fc.record(
      {
        name: word,
        units: fc.array(fc.record({ name: word }, { noNullPrototype: true }), { minLength: 1, maxLength: 2 }),
      },
      { noNullPrototype: true },
    ),
  ),
  emails: table(optional({ address: word.map(text => text.replace(/^mailto:/i, '')), ...common }, ['address'])),
  phones: table(
    optional({ number: word, features: flags('mobile', 'fax', 'voice', 'main-number'), ...common }, ['number']),
  ),
  addresses: table(
    optional(
      {
        components: fc
          .array(component(['postcode', 'region', 'locality', 'name', 'number', 'country', 'room', 'strange']), {
            minLength: 1,
            maxLength: 5,
          })
          .filter(all => all.some(one => one.kind !== 'separator')),
        isOrdered: fc.constant(true),
        full: word.map(text => text.replaceAll('\\n', '')).filter(text => text !== ''),
        countryCode: fc.constant('JP'),
      },
      ['components', 'isOrdered'],
    ),
  ),
  links: table(optional({ uri, ...common }, ['uri'])),
  media: table(optional({ uri, kind: fc.constantFrom('photo', 'logo', 'sound', 'x') }, ['uri', 'kind'])),
  anniversaries: table(
    fc.record({ kind: fc.constantFrom('birth', 'death', 'wedding', 'x'), date }, { noNullPrototype: true }),
  ),
  notes: table(optional({ note: word, author: fc.record({ name: word }, { noNullPrototype: true }) }, ['note'])),
  keywords: fc.dictionary(word, fc.constant(true), { minKeys: 1, maxKeys: 3, noNullPrototype: true }),
  personalInfo: table(
    optional({ kind: fc.constantFrom('hobby', 'expertise', 'x'), value: word, level: fc.constantFrom('low', 'high') }, [
      'kind',
      'value',
    ]),
  ),
  relatedTo: fc.dictionary(word, fc.record({ relation: flags('friend', 'child') }, { noNullPrototype: true }), {
    minKeys: 1,
    maxKeys: 2,
    noNullPrototype: true,
  }),
  localizations: fc.record(
    { en: fc.record({ 'name/full': word }, { noNullPrototype: true }) },
    { noNullPrototype: true },
  ),
})
