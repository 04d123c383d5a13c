/**
 * Hashing and verifying, at most `hashesAtOnce` at a time. argon2 runs in the thread pool, the others in a thread that is
 * started when the first foreign hash is verified.
 */
import { argon2, randomBytes } from 'node:crypto'
import type { Argon2Algorithm } from 'node:crypto'
import { promisify } from 'node:util'
import { startThread } from '#store/thread.ts'
import type { Thread } from '#store/thread.ts'
import { boundedWork } from './bounded-work.ts'
import {
  argon2HashBytes,
  argon2Memory,
  argon2Parallelism,
  argon2Passes,
  argon2SaltBytes,
  hashDeadlineMs,
  hashesAtOnce,
  maxWaitingHashes,
} from './limits.ts'
import { saslPrep } from './saslprep.ts'
import { printArgon2 } from './stored-crypt.ts'
import { isHashProblem, parseStoredHash } from './stored-hash.ts'
import type { StoredHash } from './stored-hash.ts'
import { same } from './verify.ts'

const computeArgon2 = promisify(argon2)

export type Passwords = AsyncDisposable & {
  /** A PHC string, argon2id. Rejects with `WorkRefused` when there is no room. */
  hash(password: string): Promise<string>
  /** Rejects with `WorkRefused` when there is no room. A hash that cannot be read matches nothing. */
  verify(password: string, stored: string): Promise<boolean>
  /** Costs what verifying our own hash costs, and is false: for names that do not exist. */
  verifyNothing(password: string): Promise<false>
}

/** The stored hash is not what we would make today. */
export function wantsUpgrade(stored: string): boolean {
  const parsed = parseStoredHash(stored)
  if (isHashProblem(parsed) || parsed.kind !== 'argon2' || parsed.type !== 'argon2id') return true
  return stored.startsWith('{') || parsed.memoryKiB < argon2Memory || parsed.passes < argon2Passes
}

export function openPasswords(): Passwords {
  const work = boundedWork({ atOnce: hashesAtOnce, maxWaiting: maxWaitingHashes })
  let thread: Thread | undefined
  const hashThread = (): Thread => {
    thread ??= startThread(new URL('./hash-thread.ts', import.meta.url), {
      name: 'hash',
      data: undefined,
      maxPending: hashesAtOnce,
      onExit: () => (thread = undefined),
    })
    return thread
  }
  const nothing = fresh(randomBytes(argon2SaltBytes), randomBytes(argon2HashBytes))
  return {
    hash: password => work.run(() => hashArgon2(password), hashDeadlineMs),
    verify(password, stored) {
      const parsed = parseStoredHash(stored)
      if (isHashProblem(parsed)) return Promise.resolve(false)
      if (parsed.kind === 'argon2') return work.run(() => verifyArgon2(password, parsed, stored), hashDeadlineMs)
      return work.run(() => hashThread().call<boolean>('verify', { password, stored: parsed }), hashDeadlineMs)
    },
    async verifyNothing(password) {
      await work.run(() => argon2Of(password, nothing), hashDeadlineMs)
      return false
    },
    async [Symbol.asyncDispose]() {
      await thread?.[Symbol.asyncDispose]()
    },
  }
}

type Argon2Hash = Extract<StoredHash, { kind: 'argon2' }>

function fresh(salt: Uint8Array, hash: Uint8Array): Argon2Hash {
  return {
    kind: 'argon2',
    type: 'argon2id',
    memoryKiB: argon2Memory,
    passes: argon2Passes,
    parallelism: argon2Parallelism,
    salt,
    hash,
  }
}

async function hashArgon2(password: string): Promise<string> {
  const salt = randomBytes(argon2SaltBytes)
  const hash = await argon2Of(ownForm(password), fresh(salt, new Uint8Array(argon2HashBytes)))
  return printArgon2(fresh(salt, hash))
}

/** Ours are made of the SASLprep form (RFC 4616 §2), so that NFC and NFD keyboards agree; a foreign one of the bytes as they came. */
async function verifyArgon2(password: string, stored: Argon2Hash, text: string): Promise<boolean> {
  const form = text.startsWith('{') ? password : ownForm(password)
  return same(await argon2Of(form, stored), stored.hash)
}

function ownForm(password: string): string {
  return saslPrep(password) ?? password
}

async function argon2Of(password: string, parameters: Argon2Hash): Promise<Uint8Array> {
  return computeArgon2(parameters.type satisfies Argon2Algorithm, {
    message: Buffer.from(password),
    nonce: parameters.salt,
    parallelism: parameters.parallelism,
    tagLength: parameters.hash.length,
    memory: parameters.memoryKiB,
    passes: parameters.passes,
  })
}
