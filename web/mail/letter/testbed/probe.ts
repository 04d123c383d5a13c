/** What a reader's page looks like from inside: asked before and after a letter is shown in it. */

/** Anything that differs was changed by the letter. */
export type Probe = Readonly<Record<string, string>>

/** `document` has `#shell` with a button above the letter, and `#below` after it. */
export function probe(document: Document): Probe {
  const view = document.defaultView
  // what the prototype says, not what a name in the letter has put in its place
  const body = readOf(document, 'body') as HTMLElement
  const root = readOf(document, 'documentElement') as HTMLElement
  const byId = (id: string) => Document.prototype.getElementById.call(document, id)
  const [shell, below] = [byId('shell'), byId('below')]
  const button = shell?.querySelector('button')
  if (!view || !shell || !button) return { shell: 'gone' }
  const box = button.getBoundingClientRect()
  const onTop = Document.prototype.elementFromPoint.call(document, box.left + 3, box.top + 3)
  const globals = view as unknown as Readonly<Record<string, unknown>>
  return {
    ...looks('html', root),
    ...looks('body', body),
    ...looks('shell', shell),
    ...looks('button', button),
    ...(below && looks('below', below)),
    button: [box.left, box.top, box.width, box.height].map(Math.round).join(' '),
    onTop: onTop && shell.contains(onTop) ? 'shell' : 'another',
    accent: view.getComputedStyle(root).getPropertyValue('--accent'),
    title: String(document.title),
    clobbered: ['body', 'documentElement', 'defaultView', 'cookie']
      .filter(name => globals['document'] && Reflect.get(document, name) !== readOf(document, name))
      .join(),
    functions: ['getElementById', 'querySelector', 'createElement']
      .map(name => typeof Reflect.get(document, name))
      .join(),
    config: typeof globals['config'],
    cookie: String(readOf(document, 'cookie')),
  }
}

function readOf(document: Document, name: string): unknown {
  return Object.getOwnPropertyDescriptor(Document.prototype, name)?.get?.call(document)
}

function looks(name: string, element: HTMLElement): Probe {
  const style = getComputedStyle(element)
  const said = [
    'display',
    'visibility',
    'opacity',
    'color',
    'backgroundColor',
    'fontSize',
    'transform',
    'filter',
    'direction',
  ] as const
  return { [name]: `${said.map(property => style[property]).join(' ')} ${canvasOf(element)}` }
}

/** The colour that the page would have by itself: another when the letter turned the scheme. */
function canvasOf(element: HTMLElement): string {
  const before = element.style.outlineColor
  element.style.outlineColor = 'canvastext'
  const colour = getComputedStyle(element).outlineColor
  element.style.outlineColor = before
  return colour
}
