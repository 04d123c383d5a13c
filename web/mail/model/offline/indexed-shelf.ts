/** The shelf as IndexedDB has it. Each transaction looks first whose it is. */
import { NotOurs, type Shelf, type ShelfChange, type ShelfName, shelfNames } from './shelf.ts'

const databaseName = 'hikyaku-mail'
const version = 2
const owner = 'owner'

/** For this account, emptied where it was another's; without an account whosever it is. Undefined: this browser keeps nothing, or nobody's is there. */
export async function openShelf(
  accountId?: string,
): Promise<{ readonly shelf: Shelf; readonly accountId: string } | undefined> {
  if (!globalThis.indexedDB) return undefined
  try {
    const database = await openDatabase()
    const found = await ownerOf(database)
    const mine = accountId ?? found
    if (mine === undefined) {
      database.close()
      return undefined
    }
    if (found !== mine) await handOver(database, mine)
    return { shelf: shelfOf(database, mine), accountId: mine }
  } catch {
    // a browser may forbid it, or have no room
    return undefined
  }
}

/** Everything of everybody, here and now; or these parts of it, and all facts but whose it is. */
export async function emptyShelf(names: readonly ShelfName[] = shelfNames): Promise<void> {
  if (!globalThis.indexedDB) return
  const database = await openDatabase()
  const mine = await ownerOf(database)
  const transaction = database.transaction(shelfNames, 'readwrite')
  for (const name of new Set<ShelfName>(['facts', ...names])) transaction.objectStore(name).clear()
  if (names.length < shelfNames.length && mine !== undefined) transaction.objectStore('facts').put(mine, owner)
  await ended(transaction)
  database.close()
}

async function openDatabase(): Promise<IDBDatabase> {
  const request = indexedDB.open(databaseName, version)
  request.onupgradeneeded = () => {
    for (const name of shelfNames)
      if (!request.result.objectStoreNames.contains(name)) request.result.createObjectStore(name)
  }
  const database = await answer(request)
  // a later version of the program wants it
  database.onversionchange = () => database.close()
  return database
}

function ownerOf(database: IDBDatabase): Promise<string | undefined> {
  return answer(database.transaction('facts').objectStore('facts').get(owner)) as Promise<string | undefined>
}

async function handOver(database: IDBDatabase, accountId: string): Promise<void> {
  const transaction = database.transaction(shelfNames, 'readwrite')
  for (const name of shelfNames) transaction.objectStore(name).clear()
  transaction.objectStore('facts').put(accountId, owner)
  await ended(transaction)
}

function shelfOf(database: IDBDatabase, accountId: string): Shelf {
  const read = async <Value>(name: ShelfName, ask: (store: IDBObjectStore) => IDBRequest): Promise<Value> => {
    const transaction = database.transaction(name === 'facts' ? ['facts'] : ['facts', name])
    const whose = transaction.objectStore('facts').get(owner)
    const found = ask(transaction.objectStore(name))
    await ended(transaction)
    if (whose.result !== accountId) throw new NotOurs()
    return found.result as Value
  }
  return {
    get: (name, key) => read(name, store => store.get(key)),
    all: name => read(name, store => store.getAll()),
    keys: name => read(name, store => store.getAllKeys()),
    async change(changes) {
      if (changes.length === 0) return
      const transaction = database.transaction(['facts', ...new Set(changes.map(one => one.in))], 'readwrite')
      const over = ended(transaction)
      let isOurs = false
      const whose = transaction.objectStore('facts').get(owner)
      whose.onsuccess = () => {
        isOurs = whose.result === accountId
        if (isOurs) for (const one of changes) apply(transaction, one)
      }
      await over
      if (!isOurs) throw new NotOurs()
    },
    close: () => database.close(),
  }
}

function apply(transaction: IDBTransaction, change: ShelfChange): void {
  const store = transaction.objectStore(change.in)
  if ('drop' in change) store.delete(change.drop)
  else store.put(change.value, change.key)
}

function answer<Value>(request: IDBRequest<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error ?? new Error('IndexedDB said no'))
  })
}

function ended(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve()
    transaction.onabort = () => reject(transaction.error ?? new Error('A transaction was given up'))
  })
}
