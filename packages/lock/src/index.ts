export { Mutex, type MutexOptions } from "./mutex/mutex.ts";
