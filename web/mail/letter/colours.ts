/**
 * A letter on a dark page. One that paints grounds of its own is shown as it is, on white: nobody knows what its colours mean together. One that
 * does not takes the page's colours; what it says in black (most programs write that they do) is said in the page's text colour, and its other
 * colours of text are as far from dark as they were from white.
 */

type Rgb = readonly [red: number, green: number, blue: number]

export type Colours = {
  /** For clean-style.ts */
  readonly colour: (property: string, value: string, isLink: boolean) => string | null
  readonly hasOwnGround: () => boolean
}

export function lightColours(): Colours {
  return coloursWith(
    value => value,
    value => value,
  )
}

export function darkColours(): Colours {
  const text = (value: string, isLink: boolean) => {
    const rgb = isLink ? undefined : rgbOf(value)
    return rgb === undefined || isNearBlack(rgb) || isNearWhite(rgb) ? null : lightened(rgb)
  }
  return coloursWith(text, () => null)
}

function coloursWith(
  ofText: (value: string, isLink: boolean) => string | null,
  ofWhiteGround: (value: string) => string | null,
): Colours {
  let hasOwnGround = false
  const colour: Colours['colour'] = (property, value, isLink) => {
    if (/^(?:inherit|initial|unset|revert|currentcolor|transparent|none)$/i.test(value)) return value
    if (property === 'color' || property === '-webkit-text-fill-color') return ofText(value, isLink)
    const rgb = property === 'background-color' ? rgbOf(value) : undefined
    if (rgb !== undefined && isNearWhite(rgb)) return ofWhiteGround(value)
    hasOwnGround = true
    return value
  }
  return { colour, hasOwnGround: () => hasOwnGround }
}

let canvas: OffscreenCanvasRenderingContext2D | null | undefined

/** Whatever CSS calls a colour. Undefined: colours of the system, and what is none. */
function rgbOf(value: string): Rgb | undefined {
  if (/^(?:windowtext|canvastext|window|canvas)$/i.test(value)) return undefined
  canvas ??= new OffscreenCanvas(1, 1).getContext('2d')
  if (!canvas) return undefined
  canvas.fillStyle = '#010203'
  // as attributes may say it
  canvas.fillStyle = /^[0-9a-f]{6}$/i.test(value) ? `#${value}` : value
  const printed = String(canvas.fillStyle)
  const hex = /^#(..)(..)(..)$/.exec(printed) ?? undefined
  if (hex)
    return [Number.parseInt(hex[1] ?? '', 16), Number.parseInt(hex[2] ?? '', 16), Number.parseInt(hex[3] ?? '', 16)]
  const parts = /^rgba\((\d+), (\d+), (\d+), ([\d.]+)\)$/.exec(printed)
  // so thin that the page shines through
  if (!parts || Number(parts[4]) < 0.1) return undefined
  return [Number(parts[1]), Number(parts[2]), Number(parts[3])]
}

function isNearBlack(rgb: Rgb): boolean {
  return Math.max(...rgb) <= 0x48
}

function isNearWhite(rgb: Rgb): boolean {
  return Math.min(...rgb) >= 0xf0
}

/** The same hue, as light as it was dark, and never under 60 %. HSL, CSS Color 4 §7 */
function lightened([red, green, blue]: Rgb): string {
  const [r, g, b] = [red / 255, green / 255, blue / 255]
  const max = Math.max(r, g, b)
  const min = Math.min(r, g, b)
  const spread = max - min
  const light = (max + min) / 2
  const saturation = spread === 0 ? 0 : spread / (1 - Math.abs(2 * light - 1))
  const sector =
    spread === 0 ? 0 : max === r ? ((g - b) / spread + 6) % 6 : max === g ? (b - r) / spread + 2 : (r - g) / spread + 4
  const lightness = Math.max(60, Math.round((1 - light) * 100))
  return `hsl(${Math.round(sector * 60)} ${Math.round(saturation * 100)}% ${lightness}%)`
}
