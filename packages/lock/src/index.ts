export type { LockContender } from "./line/contender.ts";
export { type AcquireOptions, Mutex, type MutexOptions } from "./mutex/mutex.ts";
export { runAsOwner } from "./owner/owner-scope.ts";
export { UpgradeRefusedError } from "./rw/errors.ts";
export type { ReadLock } from "./rw/read-lock.ts";
export { type ReadWriteContender, ReadWriteLock } from "./rw/read-write-lock.ts";
export type { SideOptions } from "./rw/side.ts";
export type { WriteLease, WriteLock } from "./rw/write-lock.ts";
export type { Lock, LockOptions } from "./support/lock.ts";
