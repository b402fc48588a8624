import {
  AddWatchMode,
  ErrorCode,
  type MultiReply,
  OpCode,
  type Operation,
  SetWatches2Request,
  SetWatchesRequest,
  type WatchEventType,
  WatcherType,
  type Writer,
} from "@quorate/protocol";

/**
 * Java's clients put at most this many bytes of paths into one frame (ClientCnxn.SET_WATCHES_MAX_LENGTH): far enough under the
 * servers' limit of 1 MB that no server refuses it, whatever its `jute.maxbuffer`.
 */
const maxFrameBytes = 128 * 1024;
/** Header, zxid and five counts. */
const frameOverheadBytes = 8 + 8 + 5 * 4;

const kinds = ["data", "exist", "child", "persistent", "recursive"] as const;
type Kind = (typeof kinds)[number];
const kindsByType: ReadonlyMap<number, readonly Kind[]> = new Map<number, readonly Kind[]>([
  [WatcherType.children, ["child"]],
  [WatcherType.data, ["data", "exist"]],
  [WatcherType.any, kinds],
]);
type Paths = Record<Kind, string[]>;

/** One frame that re-arms watches: everything behind its xid. */
export interface RearmFrame {
  readonly type: number;
  write(writer: Writer): void;
}

/** Which watches the server holds for this session. After a reconnect the new server has to be told of them. */
export class WatchBook {
  readonly #paths: Readonly<Record<Kind, Set<string>>> = {
    data: new Set(),
    exist: new Set(),
    child: new Set(),
    persistent: new Set(),
    recursive: new Set(),
  };

  get size(): number {
    return kinds.reduce((sum, kind) => sum + this.#paths[kind].size, 0);
  }

  /** Books what an answered request left behind at the server. `reply` is undefined when `errorCode` is not 0. */
  answered(operation: Operation, errorCode: number, reply: unknown): void {
    switch (operation.op) {
      case "getData":
        if (operation.watch && errorCode === 0) this.#paths.data.add(operation.path);
        break;
      case "getChildren":
      case "getChildren2":
        if (operation.watch && errorCode === 0) this.#paths.child.add(operation.path);
        break;
      case "exists":
        if (!operation.watch) break;
        if (errorCode === 0) this.#paths.data.add(operation.path);
        else if (errorCode === ErrorCode.NO_NODE) this.#paths.exist.add(operation.path);
        break;
      case "addWatch":
        if (errorCode !== 0) break;
        this.#paths[operation.mode === AddWatchMode.persistent ? "persistent" : "recursive"].add(operation.path);
        break;
      case "removeWatches":
        // NO_WATCHER is as good: the server holds none.
        if (errorCode === 0 || errorCode === ErrorCode.NO_WATCHER) this.#forget(operation.path, operation.type);
        break;
      case "multiRead":
        if (errorCode === 0) this.#answeredMultiRead(operation, reply as MultiReply);
        break;
      default:
        break;
    }
  }

  /** A one-shot watch is used up by its event. */
  fired(type: WatchEventType, path: string): void {
    if (type !== "childrenChanged") {
      this.#paths.data.delete(path);
      this.#paths.exist.delete(path);
    }
    if (type === "childrenChanged" || type === "deleted") this.#paths.child.delete(path);
  }

  /** The frames that re-arm everything, each under both limits unless a single path is longer than that. */
  frames(relativeZxid: bigint, maxRequestBytes: number): RearmFrame[] {
    const limit = Math.min(maxFrameBytes, maxRequestBytes) - frameOverheadBytes;
    // Servers before 3.6 do not know setWatches2, and cannot hold the watches that need it.
    const isOld = this.#paths.persistent.size === 0 && this.#paths.recursive.size === 0;
    const frames: RearmFrame[] = [];
    let paths = noPaths();
    let bytes = 0;
    for (const kind of kinds) {
      for (const path of this.#paths[kind]) {
        const size = 4 + Buffer.byteLength(path);
        if (bytes > 0 && bytes + size > limit) {
          frames.push(rearmFrame(isOld, relativeZxid, paths));
          paths = noPaths();
          bytes = 0;
        }
        paths[kind].push(path);
        bytes += size;
      }
    }
    if (bytes > 0) frames.push(rearmFrame(isOld, relativeZxid, paths));
    return frames;
  }

  #answeredMultiRead(operation: Operation<"multiRead">, { results }: MultiReply): void {
    operation.operations.forEach((read, index) => {
      const failed = results[index]?.op !== read.op;
      this.answered(read, failed ? ErrorCode.NO_NODE : 0, undefined);
    });
  }

  #forget(path: string, type: number): void {
    for (const kind of kindsByType.get(type) ?? []) this.#paths[kind].delete(path);
  }
}

function noPaths(): Paths {
  return { data: [], exist: [], child: [], persistent: [], recursive: [] };
}

function rearmFrame(isOld: boolean, relativeZxid: bigint, paths: Paths): RearmFrame {
  const watches = {
    relativeZxid,
    dataWatches: paths.data,
    existWatches: paths.exist,
    childWatches: paths.child,
  };
  if (isOld) return { type: OpCode.setWatches, write: (writer) => SetWatchesRequest.write(writer, watches) };
  const all = { ...watches, persistentWatches: paths.persistent, persistentRecursiveWatches: paths.recursive };
  return { type: OpCode.setWatches2, write: (writer) => SetWatches2Request.write(writer, all) };
}
