import assert from 'node:assert/strict'
import test from 'node:test'
import { parseRoute, printRoute } from './route.ts'

test('places and their addresses', () => {
  for (const [address, route] of [
    ['/mail/inbox', { place: 'inbox', search: undefined, thread: undefined }],
    ['/mail/M12/T34', { place: 'M12', search: undefined, thread: 'T34' }],
    ['/mail/search?q=%E8%AB%8B%E6%B1%82+from%3Aa', { place: 'search', search: '請求 from:a', thread: undefined }],
    ['/mail/search/T1?q=x', { place: 'search', search: 'x', thread: 'T1' }],
  ] as const) {
    assert.equal(printRoute(route), address)
    const { pathname, search } = new URL(address, 'http://x.example')
    assert.deepEqual(parseRoute(pathname, search), route)
  }
  for (const path of ['/', '/mail', '/mail/']) assert.equal(parseRoute(path, '').place, 'inbox')
  assert.equal(parseRoute('/mail/inbox/javascript:1', '').thread, undefined)
  assert.equal(parseRoute('/mail/%ff', '').place, '%ff')
})

test('the contacts have addresses of their own', () => {
  for (const [address, contacts] of [
    ['/contacts', { card: undefined, isEditing: false, group: undefined }],
    ['/contacts/C12', { card: 'C12', isEditing: false, group: undefined }],
    ['/contacts/C12/edit?group=C3', { card: 'C12', isEditing: true, group: 'C3' }],
    ['/contacts/new', { card: 'new', isEditing: true, group: undefined }],
  ] as const) {
    const [path = '', query = ''] = address.split('?')
    assert.deepEqual(parseRoute(path, query).contacts, contacts)
    assert.equal(printRoute(parseRoute(path, query)), address)
  }
  assert.equal(parseRoute('/contacts/%2e%2e', 'group=a/b').contacts?.card, undefined)
  assert.equal(parseRoute('/contactsbook', '').contacts, undefined)
})
