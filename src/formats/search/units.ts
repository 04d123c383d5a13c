/** A text as numbers. Loops over them run several times faster than over `charCodeAt`, which finds out anew each time how the text is kept. */

let bytes = Buffer.allocUnsafeSlow(1 << 14)
let units = new Uint16Array(bytes.buffer)
/** Room for more is let go with the next text */
const keptUnits = 1 << 20

/** The UTF-16 units of the text, and what was there before behind them. Good until the next call. */
export function unitsOf(text: string): Uint16Array {
  const isTooLarge = units.length > keptUnits && text.length <= keptUnits
  if (units.length < text.length || isTooLarge) {
    bytes = Buffer.allocUnsafeSlow(Math.max(1 << 14, text.length * 2))
    units = new Uint16Array(bytes.buffer)
  }
  bytes.write(text, 'utf16le')
  return units
}
