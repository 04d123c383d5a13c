/**
 * Passkeys (WebAuthn): a key pair in somebody's device, which asks for a finger or a PIN before it signs. It is both factors at once, and bound
 * to the name under which we were reached.
 */
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
  WebAuthnCredential,
} from '@simplewebauthn/server'
import type { Login } from '../auth.ts'
import type { AccessRow } from '../directory/access-rows.ts'
import type { AccountId } from '../ids.ts'
import { Challenges } from './challenges.ts'
import { NamedSecrets, type NamedSecret, type NamedSecretsParts, type SecretRefusal } from './named-secrets.ts'

/** Where the browser is: `https://mail.home.test:8443` and its host alone */
export type Place = { readonly origin: string; readonly host: string }
export type PasskeyRefusal = SecretRefusal | { readonly refused: 'not-proved' }

type Detail = {
  readonly credential: string
  /** COSE, base64url */
  readonly publicKey: string
  readonly counter: number
  readonly host: string
}

/** Read when somebody uses passkeys: it is a lot of code. */
const webAuthn = () => import('@simplewebauthn/server')

const signInPurpose = 'sign in'
/** COSE (RFC 9053): ES256, EdDSA, RS256; every device has one of them */
const supportedAlgorithmIDs = [-7, -8, -257]

export class Passkeys {
  readonly #parts: NamedSecretsParts
  readonly #secrets: NamedSecrets
  readonly #challenges: Challenges

  constructor(parts: NamedSecretsParts) {
    this.#parts = parts
    this.#secrets = new NamedSecrets(parts, 'passkey')
    this.#challenges = new Challenges(parts.clock)
  }

  list(account: AccountId): readonly NamedSecret[] {
    return this.#secrets.list(account)
  }

  remove(account: AccountId, id: string): Promise<boolean> {
    return this.#secrets.remove(account, id)
  }

  /** For `navigator.credentials.create` */
  async creation(
    user: { readonly account: AccountId; readonly address: string; readonly name: string },
    { host }: Place,
  ): Promise<PublicKeyCredentialCreationOptionsJSON> {
    const { generateRegistrationOptions } = await webAuthn()
    return await generateRegistrationOptions({
      rpName: 'Hikyaku',
      rpID: host,
      userID: new Uint8Array(Buffer.from(user.account)),
      userName: user.address,
      userDisplayName: user.name,
      challenge: octets(this.#challenges.make(user.account)),
      attestationType: 'none',
      supportedAlgorithmIDs,
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      excludeCredentials: this.#secrets.rowsOf(user.account).map(row => ({ id: detailOf(row).credential })),
    })
  }

  async add(account: AccountId, name: string, response: unknown, place: Place): Promise<NamedSecret | PasskeyRefusal> {
    const proved = await this.#verifyNew(account, response as RegistrationResponseJSON, place).catch(() => undefined)
    if (!proved) return { refused: 'not-proved' }
    const { id, publicKey, counter } = proved
    const detail: Detail = {
      credential: id,
      publicKey: Buffer.from(publicKey).toString('base64url'),
      counter,
      host: place.host,
    }
    return await this.#secrets.add(account, name, id, detail)
  }

  /** For `navigator.credentials.get`: whichever passkey of this place the browser has */
  async request({ host }: Place): Promise<PublicKeyCredentialRequestOptionsJSON> {
    const { generateAuthenticationOptions } = await webAuthn()
    const challenge = octets(this.#challenges.make(signInPurpose))
    return await generateAuthenticationOptions({ rpID: host, challenge, userVerification: 'required' })
  }

  /** Undefined: it proves nobody. */
  async login(response: unknown, place: Place): Promise<Login | undefined> {
    const { id } = response as Partial<AuthenticationResponseJSON>
    const row = typeof id === 'string' ? this.#secrets.find(id) : undefined
    if (!row || detailOf(row).host !== place.host) return undefined
    const counter = await this.#verify(row, response as AuthenticationResponseJSON, place).catch(() => undefined)
    if (counter === undefined) return undefined
    await this.#count(row.id, counter)
    return this.#secrets.use(row)
  }

  async #verifyNew(
    account: AccountId,
    response: RegistrationResponseJSON,
    { origin, host }: Place,
  ): Promise<WebAuthnCredential | undefined> {
    const { verifyRegistrationResponse } = await webAuthn()
    let challenge = ''
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response,
      expectedChallenge: given => this.#challenges.isGood(account, (challenge = given)),
      expectedOrigin: origin,
      expectedRPID: host,
      requireUserVerification: true,
      supportedAlgorithmIDs,
    })
    return verified && this.#challenges.use(challenge) ? registrationInfo.credential : undefined
  }

  /** The new count of the device */
  async #verify(row: AccessRow, response: AuthenticationResponseJSON, place: Place): Promise<number | undefined> {
    const { verifyAuthenticationResponse } = await webAuthn()
    const { credential, publicKey, counter } = detailOf(row)
    let challenge = ''
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response,
      expectedChallenge: given => this.#challenges.isGood(signInPurpose, (challenge = given)),
      expectedOrigin: place.origin,
      expectedRPID: place.host,
      credential: { id: credential, publicKey: octets(publicKey), counter },
      requireUserVerification: true,
    })
    return verified && this.#challenges.use(challenge) ? authenticationInfo.newCounter : undefined
  }

  #count(id: string, counter: number): Promise<void> {
    const { rows } = this.#parts
    return rows.change(() => {
      const row = rows.named(id)
      const detail = row && detailOf(row)
      if (!detail || counter <= detail.counter) return undefined
      return { put: [{ ...row, detail: JSON.stringify({ ...detail, counter } satisfies Detail) }] }
    })
  }
}

function detailOf({ detail }: AccessRow): Detail {
  return JSON.parse(detail) as Detail
}

function octets(base64url: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(base64url, 'base64url'))
}
