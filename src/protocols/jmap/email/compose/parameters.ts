/** Parameters of MIME fields. RFC 2045 §5.1, RFC 2231 §3, §4 */

const token = /^[!#$%&'*+.0-9A-Z^_`a-z{|}~-]+$/
/** Of one piece: a line has 78 */
const pieceCharacters = 50

/** `filename=a.pdf`, `filename="my file"`, or `filename*0*=UTF-8''%E8…` in as many pieces as it takes; no controls in `value` */
export function printParameter(name: string, value: string): readonly string[] {
  if (value.length <= pieceCharacters && token.test(value)) return [`${name}=${value}`]
  if (value.length <= pieceCharacters && /^[ -~]+$/.test(value)) return [`${name}="${value.replace(/["\\]/g, '\\$&')}"`]
  const pieces = piecesOf(value)
  if (pieces.length === 1) return [`${name}*=UTF-8''${pieces[0]}`]
  return pieces.map((piece, index) => `${name}*${index}*=${index === 0 ? "UTF-8''" : ''}${piece}`)
}

/** `type; a=b; c=d` as words for folding */
export function withParameters(value: string, parameters: readonly string[]): readonly string[] {
  const all = [value, ...parameters]
  return all.map((word, index) => (index < all.length - 1 ? `${word};` : word))
}

function piecesOf(value: string): readonly string[] {
  const pieces: string[] = []
  let piece = ''
  for (const character of value) {
    const escaped = encodeURIComponent(character).replace(/['()*!]/g, one => `%${one.charCodeAt(0).toString(16)}`)
    if (piece.length + escaped.length > pieceCharacters) {
      pieces.push(piece)
      piece = ''
    }
    piece += escaped
  }
  return [...pieces, piece]
}
