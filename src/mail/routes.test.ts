import assert from 'node:assert/strict'
import test from 'node:test'
import { routeKey, routeOfKey, routesFrom } from './routes.ts'

const route = routesFrom({
  ownDomains: ['home.test', 'メール.example'],
  upstreams: ['sendgrid', 'spare'],
  rules: [
    { from: 'Shop@home.test', via: ['shop-relay'] },
    { toDomain: 'internet.test', via: 'mx' },
    { fromDomain: 'club.test', via: ['club', 'sendgrid'] },
    { toDomain: 'far.test', via: ['gateway'] },
    { toDomain: 'further.test', via: ['sendgrid', 'gateway'] },
    { fromDomain: 'club.test', toDomain: 'example.org', via: 'mx' },
  ],
})

// sender, recipient, key of the route, why
const cases: readonly (readonly [string, string, string, string])[] = [
  ['hanako@home.test', 'aki@example.org', 'upstream:sendgrid,spare', 'no rule: the upstreams in order'],
  ['hanako@home.test', 'taro@HOME.test', 'local', 'split horizon: own domains never leave'],
  ['shop@home.test', 'taro@home.test', 'local', '… not even by rule'],
  ['hanako@home.test', 'a@メール.example', 'local', 'own domain in U-labels'],
  ['hanako@home.test', 'a@xn--kckqn4b.example', 'upstream:sendgrid,spare', 'a different name in A-labels'],
  ['shop@home.test', 'aki@internet.test', 'upstream:shop-relay', 'the first rule that fits'],
  ['hanako@home.test', 'aki@Internet.TEST.', 'mx:internet.test', 'case and final dot'],
  ['x@club.test', 'aki@example.org', 'upstream:club,sendgrid', 'the earlier rule wins over the closer one'],
  ['', 'aki@example.org', 'upstream:sendgrid,spare', 'the null path fits no rule with a sender'],
  ['', 'aki@internet.test', 'mx:internet.test', '… but fits one by recipient'],
  ['hanako@home.test', '"a@home.test"@example.org', 'upstream:sendgrid,spare', 'the last @ counts'],
  ['hanako@home.test', 'a@far.test', 'gateway:far.test', 'our gateway: a destination for each domain'],
  ['hanako@home.test', 'a@further.test', 'upstream:sendgrid,gateway', '… and as the one that helps out'],
  ['hanako@home.test', 'nobody', 'none', 'no domain'],
  ['hanako@home.test', 'a@[192.0.2.1]', 'upstream:sendgrid,spare', 'address literal'],
]

for (const [from, to, key, why] of cases)
  test(`${from || '<>'} to ${to}: ${key} (${why})`, () => {
    const found = route(from, to)
    assert.equal(routeKey(found), key)
    assert.deepEqual(routeOfKey(key), found)
  })

test('without upstreams mail goes straight to the mail servers', () => {
  const direct = routesFrom({ ownDomains: [], upstreams: [], rules: [] })
  assert.deepEqual(direct('a@home.test', 'b@example.org'), { kind: 'mx', domain: 'example.org' })
})
