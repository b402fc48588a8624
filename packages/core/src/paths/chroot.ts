/** Maps between the paths an application uses and those the server knows. */
export interface Chroot {
  /** The prefix, `""` for none. */
  readonly prefix: string;
  toServer(path: string): string;
  toClient(path: string): string;
}

const none: Chroot = { prefix: "", toServer: (path) => path, toClient: (path) => path };

/** @param path a valid absolute path; `/` or `""` stands for none */
export function chroot(path: string): Chroot {
  if (path === "" || path === "/") return none;
  return {
    prefix: path,
    toServer: (inner) => (inner === "/" ? path : path + inner),
    // Paths outside the prefix (such as the fixed /zookeeper/config of a reconfig) are left as they are.
    toClient: (outer) => {
      if (outer === path) return "/";
      return outer.startsWith(`${path}/`) ? outer.slice(path.length) : outer;
    },
  };
}
