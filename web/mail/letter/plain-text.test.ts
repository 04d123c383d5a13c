import assert from 'node:assert/strict'
import test from 'node:test'
import { type TextBlock, textBlocks } from './plain-text.ts'

/** Short to read: lines as they are, quotes as [>, …], the signature as [-- …], the older letter as [history, …] */
function shape(blocks: readonly TextBlock[]): unknown[] {
  return blocks.flatMap((block): unknown[] => {
    switch (block.kind) {
      case 'lines':
        return block.lines.filter(line => line !== '')
      case 'signature':
        return [['--', ...block.lines.slice(1)]]
      case 'quote':
        return [['>', ...shape(block.blocks)]]
      case 'history':
        return [['history', ...shape(block.blocks)]]
      default:
        return block satisfies never
    }
  })
}

const letters: readonly (readonly [name: string, text: string, shape: unknown[]])[] = [
  ['nothing', '', []],
  ['levels', 'a\n> b\n>> c\n> > d\n> e\nf', ['a', ['>', 'b', ['>', 'c', 'd'], 'e'], 'f']],
  [
    'answer above',
    'Yes.\n\nOn Fri, Taro wrote:\n> Shall we?\n',
    ['Yes.', ['history', 'On Fri, Taro wrote:', ['>', 'Shall we?']]],
  ],
  [
    'attribution over two lines',
    'Yes.\n\nOn Fri, Nov 27, 2026 at 10:00 AM Taro <taro@home.test>\nwrote:\n\n> Shall we?',
    ['Yes.', ['history', 'On Fri, Nov 27, 2026 at 10:00 AM Taro <taro@home.test>', 'wrote:', ['>', 'Shall we?']]],
  ],
  ['between the lines', '> Shall we?\nYes.\n> When?\nNow.', [['>', 'Shall we?'], 'Yes.', ['>', 'When?'], 'Now.']],
  ['only a quote', '> Shall we?', [['>', 'Shall we?']]],
  [
    'Japanese',
    '了解です。\n\n2026年11月27日(金) 10:00 太郎 <taro@home.test>:\n> 明日は？',
    ['了解です。', ['history', '2026年11月27日(金) 10:00 太郎 <taro@home.test>:', ['>', '明日は？']]],
  ],
  [
    'さんは書きました',
    '了解です。\n\n太郎さんは書きました:\n＞ 明日は？',
    ['了解です。', ['history', '太郎さんは書きました:', ['>', '明日は？']]],
  ],
  [
    'original message',
    '了解です。\n\n-----Original Message-----\nFrom: 太郎\nSubject: 明日\n\n明日は？',
    ['了解です。', ['history', '-----Original Message-----', 'From: 太郎', 'Subject: 明日', '明日は？']],
  ],
  [
    'Outlook',
    'Yes.\n\n________________________________\nFrom: Taro\nSent: Friday\nTo: Hanako\nSubject: Re\n\nShall we?',
    [
      'Yes.',
      [
        'history',
        '________________________________',
        'From: Taro',
        'Sent: Friday',
        'To: Hanako',
        'Subject: Re',
        'Shall we?',
      ],
    ],
  ],
  [
    'Outlook in Japanese',
    'はい。\n\n差出人: 太郎\n送信日時: 2026年11月27日\n宛先: 花子\n件名: 明日\n\n明日は？',
    ['はい。', ['history', '差出人: 太郎', '送信日時: 2026年11月27日', '宛先: 花子', '件名: 明日', '明日は？']],
  ],
  ['a sentence that begins with From', 'Hello,\n\nFrom: here on\nwe walk.', ['Hello,', 'From: here on', 'we walk.']],
  [
    'forwarded stays open',
    '---------- Forwarded message ----------\nFrom: x\nA',
    ['---------- Forwarded message ----------', 'From: x', 'A'],
  ],
  ['signature', 'a\n-- \nTaro\nTokyo', ['a', ['--', 'Taro', 'Tokyo']]],
]
for (const [name, text, expected] of letters)
  test(`plain text: ${name}`, () => assert.deepEqual(shape(textBlocks(text)), expected))

test('many levels and many lines take no time', () => {
  const begun = performance.now()
  textBlocks(`a\n${'>'.repeat(100_000)}`)
  textBlocks(Array.from({ length: 50_000 }, (_, at) => `${'>'.repeat(at % 40)} x`).join('\n'))
  textBlocks(`a\n${'On x'.repeat(90)} wrote\n`.repeat(2_000))
  assert.ok(performance.now() - begun < 2_000)
})
