import assert from 'node:assert/strict'
import test from 'node:test'
import { letterOf } from './leave-list.ts'

test('the letter that a mailto: link asks for: one address, one line, some text (RFC 6068)', () => {
  assert.deepEqual(letterOf('mailto:leave@shop.example?subject=leave%20me&body=a%0D%0Ab+c'), {
    to: 'leave@shop.example',
    subject: 'leave me',
    text: 'a\r\nb+c',
  })
  assert.deepEqual(letterOf('mailto:leave%2Bid@shop.example'), {
    to: 'leave+id@shop.example',
    subject: 'unsubscribe',
    text: '',
  })
  assert.equal(letterOf('mailto:a@x.example?subject=a%0D%0ABcc:%20b@x.example')?.subject, 'a Bcc: b@x.example')
  assert.equal(letterOf('mailto:a@x.example?cc=b@x.example&subject=%zz')?.subject, '%zz')
  for (const none of ['mailto:', 'mailto:a@x.example,b@x.example', 'mailto:nobody'])
    assert.equal(letterOf(none), undefined, none)
})
