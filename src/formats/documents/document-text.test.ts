import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { documentText } from './document-text.ts'
import { docxOf, pdfOf, zipOf } from './documents.testbed.ts'
import { officeText } from './office-text.ts'

test('PDF: pages in order, Japanese by a font that is not embedded; lines joined as they are read', async () => {
  const pages = ['Quarterly budget\nfor the board', '株式会社の見積\n書と会議資料です\n① ㈱']
  const wanted = 'Quarterly budget for the board 株式会社の見積書と会議資料です ① ㈱'
  assert.equal(await documentText(pdfOf(pages), 10_000), wanted)
  assert.equal(await documentText(pdfOf(pages, { deflate: true }), 10_000), wanted)
  assert.ok((await documentText(pdfOf(pages), 20)).length <= 20)
})

test('PDF: what is damaged is an error, what is none has no text', async () => {
  await assert.rejects(documentText(Buffer.from('%PDF-1.7\nnothing'), 100))
  assert.equal(await documentText(Buffer.from('hello'), 100), '')
})

test('docx, odt, xlsx, pptx', async () => {
  assert.equal(
    await documentText(docxOf(['会議の資料', 'R&D plan']), 1000),
    '会議の資料 R&D plan'.replace('料 R', '料 R'),
  )
  const odt =
    '<office:document-content><office:body><text:p>見積<text:span>書</text:span></text:p><text:p>a<text:s/>b&#x4F1A;</text:p></office:body></office:document-content>'
  assert.equal(officeText(zipOf({ mimetype: 'x', 'content.xml': odt }), 1000), '見積書\na b会\n')
  const strings =
    '<sst><si><r><t>東</t></r><r><t>京</t></r><rPh sb="0" eb="2"><t>トウキョウ</t></rPh></si><si><t>total</t></si></sst>'
  const sheet = '<worksheet><c t="s"><v>0</v></c><c t="inlineStr"><is><t>inline</t></is></c></worksheet>'
  const xlsx = zipOf({ 'xl/sharedStrings.xml': strings, 'xl/worksheets/sheet1.xml': sheet })
  assert.equal(officeText(xlsx, 1000), '東京\ntotal\n\ninline\n')
  const slide = '<p:sld><a:p><a:r><a:t>Slide</a:t></a:r><a:r><a:t>s</a:t></a:r></a:p></p:sld>'
  assert.equal(officeText(zipOf({ 'ppt/slides/slide1.xml': slide }), 1000), 'Slides\n')
})

test('a zip that unfolds to more than it may gives what came before', () => {
  const bomb = zipOf({
    'word/document.xml': '<w:t>first</w:t>',
    'word/header1.xml': Buffer.alloc(64 * 1024 * 1024, 32),
  })
  assert.ok(bomb.length < 200_000)
  assert.equal(officeText(bomb, 1_000_000), 'first')
})

test('never hangs over office documents', () => {
  const bit = fc.constantFrom('<', '>', '</', 'w:t', 'w:p', '&amp;', '&#x', ';', ' ', '/', '"', '会', 't', 'rPh')
  fc.assert(
    fc.property(fc.array(bit, { maxLength: 60 }), bits => {
      assert.equal(typeof officeText(zipOf({ 'word/document.xml': bits.join('') }), 100), 'string')
    }),
  )
  const begun = performance.now()
  officeText(zipOf({ 'word/document.xml': '<'.repeat(2_000_000) }), 100)
  assert.ok(performance.now() - begun < 2000)
})
