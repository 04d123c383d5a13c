/** Letters that cost time, memory or depth. Shown by themselves, with a bound on the time. */
import type { Attack } from './attack.ts'

const times = (count: number, text: string) => text.repeat(count)
const bomb = (name: string, html: () => string): Attack => ({
  name,
  tries: 'time',
  html,
  silent: 'costs time, and nothing but time',
})

export const bombs: readonly Attack[] = [
  bomb('100,000 nested elements', () => times(100_000, '<div>')),
  bomb('100,000 nested of many kinds', () => times(12_500, '<b><i><u><font><a><span><s><small>')),
  bomb('5,000 nested tables', () => times(5_000, '<table><tr><td>')),
  bomb('5,000 nested quotes', () => times(5_000, '<blockquote type=cite>')),
  bomb('misnested formatting', () => times(3_000, '<b><p><i></b>')),
  bomb('100,000 siblings', () => times(100_000, '<br>x')),
  bomb('an attribute of a megabyte', () => `<p title="${times(1_000_000, 'x')}">x</p>`),
  bomb('a style of a megabyte', () => `<p style="color:red;${times(60_000, 'margin:1px;--x:1;')}">x</p>`),
  bomb(
    '20,000 rules',
    () => `<style>${Array.from({ length: 20_000 }, (_, at) => `.c${at}{color:red}`).join('')}</style>x`,
  ),
  bomb('rules nested 5,000 deep', () => `<style>${times(5_000, '@media screen{')}</style>x`),
  bomb(
    'selectors that cost',
    () =>
      `<style>${times(2_000, ':is(*) > * * + * ~ *:not(:has(a)){color:red}')}</style>${times(500, '<p><b>x</b></p>')}`,
  ),
  bomb(
    '20,000 styled cells',
    () =>
      `<table>${times(2_000, `<tr>${times(10, '<td style="padding:1px 2px;font:11px arial;border:1px solid #eee">x')}`)}</table>`,
  ),
  bomb('10,000 links', () =>
    Array.from({ length: 10_000 }, (_, at) => `<a href="https://example.org/${at}">www.example.net</a> `).join(''),
  ),
  bomb('10,000 attributes', () => `<p ${Array.from({ length: 10_000 }, (_, at) => `a${at}=x`).join(' ')}>x</p>`),
  bomb('a million brackets', () => times(1_000_000, '<')),
  bomb('a million entities', () => times(200_000, '&amp;')),
  bomb(
    'as high as its frame, and a little more',
    () => '<div style="height:calc(100vh + 10px)">x</div><div style="min-height:110%">x</div>',
  ),
  bomb('a million pixels high and wide', () => '<div style="height:1000000px;width:1000000px">x</div>'),
]
