// Makes node_modules match package-lock.json, with nothing but the system's Node (20 or later) and npm.
// Runs before `npm start`, `npm test`, `npm run check` and ./hikyaku; costs about 0.1 s when nothing has to be done.
// Plain JavaScript on purpose: the system's Node may be too old to strip types.
import { spawnSync } from 'node:child_process'
import { existsSync, lstatSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const lockFolder = join(root, '.install-lock')
const lockMaxAgeMs = 10 * 60_000

if (!isInstalled()) await withLock(install)

function isInstalled() {
  const wanted = packagesOf(join(root, 'package-lock.json'))
  const present = packagesOf(join(root, 'node_modules', '.package-lock.json'))
  if (!wanted || !present) return false
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === '') continue
    const found = present[path]
    if (!found) {
      if (entry.optional) continue // a binary for another platform
      return false
    }
    if (found.version !== entry.version || found.integrity !== entry.integrity) return false
  }
  return nodeStripsTypes()
}

function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages
  } catch {
    return undefined
  }
}

/** The node that our scripts will run on: the pinned one, or on other platforms the system's, which must be new enough. */
function nodeStripsTypes() {
  const pinned = join(root, 'node_modules', '.bin', 'node')
  const node = existsSync(pinned) ? pinned : 'node'
  // one that could not be started, for want of memory perhaps, says nothing: what is there may be in use and stays
  return spawnSync(node, ['-e', 'process.exit(process.features.typescript ? 0 : 1)']).status !== 1
}

function install() {
  if (isInstalled()) return
  // npm empties what it installs into, and that belongs to another checkout
  if (lstatSync(join(root, 'node_modules'), { throwIfNoEntry: false })?.isSymbolicLink()) {
    process.stderr.write(
      'hikyaku: node_modules is a link to packages of another version; run npm ci where it leads, or remove it\n',
    )
    process.exit(2)
  }
  // npm's chatter goes to stderr: stdout belongs to the command that was asked for
  const result = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  })
  if (result.status !== 0) {
    process.stderr.write('hikyaku: installing the dependencies failed (npm ci, see above)\n')
    process.exit(2)
  }
  if (!nodeStripsTypes()) {
    process.stderr.write('hikyaku: Node 24.15 or later is needed; no binary for this platform could be installed\n')
    process.exit(2)
  }
}

/** Two commands may start at once on a fresh checkout; the second waits for the first. */
async function withLock(act) {
  for (;;) {
    try {
      mkdirSync(lockFolder)
      break
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
      if (isStale(lockFolder)) rmSync(lockFolder, { recursive: true, force: true })
      else await sleep(200)
    }
  }
  const release = () => rmSync(lockFolder, { recursive: true, force: true })
  process.on('exit', release)
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1))
  act()
}

function isStale(folder) {
  try {
    return Date.now() - statSync(folder).mtimeMs > lockMaxAgeMs
  } catch {
    return false
  }
}
