import { maxPasswordBytes, minPasswordCharacters } from '../directory/limits.ts'

/** First guesses of those who try, each eight characters or longer; shorter ones fall by length. */
const commonPasswords = new Set(
  `password password1 password12 password123 passw0rd p@ssw0rd 12345678 123456789 1234567890 87654321 11111111 00000000
  88888888 qwertyui qwertyuiop qwerty123 1q2w3e4r 1q2w3e4r5t 1qaz2wsx asdfghjkl zxcvbnm1 iloveyou sunshine princess
  football baseball superman trustno1 welcome1 welcome123 changeme changeme1 letmein1 administrator postmaster
  test1234 testtest abcd1234 abcdefgh aaaaaaaa hikyaku1 sakura123 doraemon`.split(/\s+/),
)

/** Why a new password is not taken, or undefined. Nothing of it is kept. `address`: whose it is to be. */
export function weaknessOf(password: string, address: string): string | undefined {
  const characters = Array.from(password)
  if (characters.length < minPasswordCharacters) return `shorter than ${minPasswordCharacters} characters`
  if (Buffer.byteLength(password) > maxPasswordBytes) return `longer than ${maxPasswordBytes} octets`
  if (password.includes('\0')) return 'contains a NUL'
  const folded = password.toLowerCase()
  if (commonPasswords.has(folded)) return 'one of the first that everybody tries'
  if (new Set(characters).size < 4) return 'made of fewer than four different characters'
  if (isMadeOfName(folded, address)) return 'made of the name it belongs to'
  return undefined
}

/** `yuki@home.test`, `yukiyuki`, `yuki2024`, `yuki.home.test` */
function isMadeOfName(password: string, address: string): boolean {
  const words = address.split('@').filter(word => word.length > 2)
  const rest = words.reduce((text, word) => text.replaceAll(word, ''), password)
  return rest.length < password.length && /^[\d@._!-]{0,4}$/.test(rest)
}
