// What a page keeps: a log that only grows, and values by name. IndexedDB, one database for each page.
//
// A record is on disk when `append` is done (durability "strict"): what a customer is told afterwards survives a
// closed page, a dead battery and a restart.
const LOG = "log";
const VALUES = "values";

export class Storage {
  private constructor(private readonly database: IDBDatabase) {}

  static async open(name: string): Promise<Storage> {
    const asked = indexedDB.open(name, 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore(LOG, { autoIncrement: true });
      asked.result.createObjectStore(VALUES);
    };
    const database = await done(asked);
    // Ask the browser not to clear this when space runs short; it may say no.
    await navigator.storage?.persist?.().catch(() => false);
    return new Storage(database);
  }

  async append(record: object): Promise<void> {
    await this.write(LOG, (store) => store.add(record));
  }

  async records<Kept>(): Promise<Kept[]> {
    return done(this.database.transaction(LOG).objectStore(LOG).getAll() as IDBRequest<Kept[]>);
  }

  async get<Kept>(name: string): Promise<Kept | undefined> {
    return done(
      this.database.transaction(VALUES).objectStore(VALUES).get(name) as IDBRequest<Kept | undefined>,
    );
  }

  /** All values whose name begins so. */
  async all<Kept>(prefix: string): Promise<Kept[]> {
    const range = IDBKeyRange.bound(prefix, `${prefix}\uFFFF`);
    return done(this.database.transaction(VALUES).objectStore(VALUES).getAll(range) as IDBRequest<Kept[]>);
  }

  async put(name: string, value: unknown): Promise<void> {
    await this.write(VALUES, (store) => store.put(value, name));
  }

  private write(store: string, change: (store: IDBObjectStore) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const transaction = this.database.transaction(store, "readwrite", { durability: "strict" });
      transaction.oncomplete = () => resolve();
      transaction.onerror = () => reject(transaction.error);
      transaction.onabort = () => reject(transaction.error);
      change(transaction.objectStore(store));
    });
  }
}

/** How long a page that is opened again waits for what it was before. */
const HANDOVER_MILLISECONDS = 2_000;

/** Be the only open page that works with something, until the page closes; false if another is. */
export function holdAlone(name: string): Promise<boolean> {
  return new Promise((resolve) => {
    navigator.locks
      .request(name, { signal: AbortSignal.timeout(HANDOVER_MILLISECONDS) }, () => {
        resolve(true);
        return new Promise(() => undefined);
      })
      .catch(() => resolve(false));
  });
}

function done<Answer>(request: IDBRequest<Answer>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
