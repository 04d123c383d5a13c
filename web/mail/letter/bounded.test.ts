import assert from 'node:assert/strict'
import test from 'node:test'
import { boundedHtml, maxDepth, maxLength, maxTags } from './bounded.ts'

const count = (html: string, part: string) => html.split(part).length - 1

test('letters as they are written stay as they are', () => {
  const rows = '<tr><td style="a>b"><p>x<p>y<td><img src="x"><br></tr>'.repeat(5_000)
  for (const html of [
    '',
    'a < b > c <3',
    '<p>One<p>Two<br><ul><li>a<li>b</ul>',
    `<table>${rows}</table>`,
    '<div>'.repeat(maxDepth) + '</div>'.repeat(maxDepth),
    '<div>x</div>'.repeat(20_000),
    '<!-- <div> --><style>a>b{}</style>',
  ])
    assert.equal(boundedHtml(html), html)
})

test('what is too deep, too much or too long goes, its text stays', () => {
  assert.equal(count(boundedHtml('<div>x'.repeat(100_000)), '<div>'), maxDepth)
  assert.equal(count(boundedHtml('<div>x'.repeat(1_000)), 'x'), 1_000)
  const deep = `${'<b>'.repeat(1_000)}x${'</b>'.repeat(1_000)}<i>y</i>`
  assert.equal(boundedHtml(deep), `${'<b>'.repeat(maxDepth)}x${'</b>'.repeat(maxDepth)}<i>y</i>`)
  assert.equal(count(boundedHtml('<br>x'.repeat(100_000)), '<br>'), maxTags)
  assert.equal(boundedHtml('x'.repeat(maxLength + 1)).length, maxLength)
})

test('it takes no time', () => {
  const begun = performance.now()
  for (const part of ['<', '<a ', '<a <', '</', '<a>', '<a b="', '<!--'])
    boundedHtml(part.repeat(Math.floor(maxLength / part.length)))
  const tookMs = performance.now() - begun
  assert.ok(tookMs < 5_000, `${tookMs} ms`)
})
