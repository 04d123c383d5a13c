import assert from 'node:assert/strict'
import test from 'node:test'
import { parseResults } from '#formats/message/authentication-results.ts'
import { provenSender, senderProof } from './sender-proof.ts'

const home = {
  name: 'Received',
  value: ' from mx.home.test by mail.home.test with LMTPS id 1; Fri, 27 Nov 2026 09:00:00 +0000',
}
const gateway = {
  name: 'Received',
  value: ' from a.example ([192.0.2.1]) by mx.home.test\r\n with ESMTPS id 2; Fri, 27 Nov 2026 09:00:00 +0000',
}
const results = (value: string) => ({ name: 'Authentication-Results', value })
const good = results(
  ' mx.home.test; iprev=pass (a.example) policy.iprev=192.0.2.1;\r\n spf=pass smtp.mailfrom=x@shop.example; dkim=pass header.d=shop.example header.s=a;\r\n dmarc=pass (p=reject dis=none) header.from=shop.example',
)
const ours = ['mx.home.test']

test('what our own server wrote in its place counts', () => {
  assert.deepEqual(senderProof([home, good, gateway], ours), {
    kind: 'verified',
    domain: 'shop.example',
    signedBy: 'shop.example',
  })
  const failed = results('mx.home.test; dmarc=fail (p=none dis=none) header.from=bank.example')
  assert.deepEqual(senderProof([home, failed, gateway], ours), { kind: 'failed', domain: 'bank.example' })
  const none = results('mx.home.test; spf=none smtp.mailfrom=a@b.example; dkim=none; dmarc=none header.from=b.example')
  assert.deepEqual(senderProof([home, none, gateway], ours), { kind: 'unproved', domain: 'b.example' })
})

test('what a stranger wrote does not, wherever it stands and whatever it says', () => {
  for (const [why, headers, ids] of [
    ['below the gateway', [home, gateway, good], ours],
    ['above all', [good, home, gateway], ours],
    ['another name', [home, results('evil.example; dmarc=pass header.from=bank.example'), gateway], ours],
    ['another server took it in', [home, good, { ...gateway, value: ' from x by evil.example; now' }], ours],
    ['we are not called so', [home, good, gateway], ['mail.home.test']],
    ['nothing is ours', [home, good, gateway], []],
    [
      'our name in a comment',
      [home, results('evil.example (mx.home.test; ); dmarc=pass header.from=b.example'), gateway],
      ours,
    ],
    ['one Received alone', [home, good], ours],
  ] as const)
    assert.equal(senderProof(headers, ids), undefined, why)
})

test('values that hold signs of the grammar stay values', () => {
  const [one, two] = parseResults(
    'id; dkim=fail reason="a; dmarc=pass (x" header.d="b.example"; dmarc=none (a (b) c; dmarc=pass) header.from=c.example',
  )
  assert.deepEqual([one?.result, one?.properties.get('header.d')], ['fail', 'b.example'])
  assert.deepEqual([two?.method, two?.result, two?.properties.get('header.from')], ['dmarc', 'none', 'c.example'])
})

test('an address is proved by its own domain alone, and only where it is the one author', () => {
  const letter = (email: string, value = good, ...others: string[]) => ({
    from: [email, ...others].map(one => ({ name: null, email: one })),
    headers: [home, value, gateway],
  })
  assert.equal(provenSender(letter('Shop@Shop.example'), ours), 'shop@shop.example')
  assert.equal(provenSender(letter('shop@other.example'), ours), undefined)
  assert.equal(provenSender(letter('shop@shop.example', good, 'two@shop.example'), ours), undefined)
  assert.equal(provenSender(letter('shop@shop.example'), ['mx.other.test']), undefined)
  const none = results('mx.home.test; dkim=none; dmarc=none header.from=shop.example')
  assert.equal(provenSender(letter('shop@shop.example', none), ours), undefined)
  const aligned = results(
    'mx.home.test; dkim=pass header.d=shop.example header.s=a; dmarc=none header.from=shop.example',
  )
  assert.equal(provenSender(letter('shop@shop.example', aligned), ours), 'shop@shop.example')
  const foreign = results(
    'mx.home.test; dkim=pass header.d=mailer.example header.s=a; dmarc=none header.from=shop.example',
  )
  assert.equal(provenSender(letter('shop@shop.example', foreign), ours), undefined)
  assert.equal(provenSender({ from: null, headers: [home, good, gateway] }, ours), undefined)
})
