import { shown } from "../bounds/options.ts";
import { InvalidArgumentError } from "../errors/client-errors.ts";

/**
 * Checks an absolute znode path by the server's rules (org.apache.zookeeper.common.PathUtils), so that a bad one fails at once and names
 * the offence.
 *
 * @throws InvalidArgumentError
 */
export function validatePath(path: string, op?: string): void {
  if (typeof path !== "string") throw new InvalidArgumentError(`path is not a string but ${typeof path}`, { op });
  const offence = pathOffence(path);
  if (offence !== undefined) {
    throw new InvalidArgumentError(`path ${shown(path)} ${offence}`, { op, path });
  }
}

/** The path of a sequential create may end with a slash: the sequence number becomes the name. */
export function validateSequentialPath(path: string, op?: string): void {
  validatePath(typeof path === "string" && path.endsWith("/") ? `${path}0` : path, op);
}

function pathOffence(path: string): string | undefined {
  if (path === "/") return undefined;
  if (!path.startsWith("/")) return "does not start with /";
  if (path.endsWith("/")) return "ends with /";
  if (path.includes("//")) return "has an empty component";
  if (forbidden.test(path)) return "contains a character ZooKeeper forbids";
  if (relative.test(path)) return "has a relative component";
  return undefined;
}

const forbidden = /[\u0000-\u001f\u007f-\u009f\ud800-\uf8ff\ufff0-\uffff]/;
const relative = /\/\.{1,2}(?:\/|$)/;

export function parentPath(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash <= 0 ? "/" : path.slice(0, slash);
}

export function nodeName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** Whether it is the other path or below it. */
export function isWithin(path: string, root: string): boolean {
  return path === root || root === "/" || (path.startsWith(root) && path[root.length] === "/");
}

export function joinPath(parent: string, name: string): string {
  return parent === "/" ? `/${name}` : `${parent}/${name}`;
}

/** Every ancestor of a path from the top down, the path itself and the root left out. */
export function ancestors(path: string): string[] {
  const found: string[] = [];
  for (let slash = path.indexOf("/", 1); slash !== -1; slash = path.indexOf("/", slash + 1)) {
    found.push(path.slice(0, slash));
  }
  return found;
}
