/** The characters that ZooKeeper's PathUtils refuses, surrogates among them: a path has no characters beyond the basic plane. */
const refused = /[\u0000-\u001f\u007f-\u009f\ud800-\uf8ff\ufff0-\uffff]/;

/** Whether a znode can have this path (org.apache.zookeeper.common.PathUtils). */
export function isValidPath(path: string): boolean {
  if (path === "/") return true;
  if (!path.startsWith("/") || path.endsWith("/") || refused.test(path)) return false;
  for (const name of path.slice(1).split("/")) {
    if (name === "" || name === "." || name === "..") return false;
  }
  return true;
}

/** The path above; that of the root is the root itself. */
export function parentOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash <= 0 ? "/" : path.slice(0, slash);
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

export function childOf(parent: string, name: string): string {
  return parent === "/" ? `/${name}` : `${parent}/${name}`;
}
