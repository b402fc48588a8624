import fc from "fast-check";
import { expect, it } from "vitest";
import { openAcl } from "../../src/embedded/acl/well-known.ts";
import { DataTree } from "../../src/embedded/tree/data-tree.ts";
import type { Lifetime } from "../../src/embedded/tree/lifetime.ts";
import { nameOf, parentOf } from "../../src/embedded/tree/paths.ts";
import { takeSnapshot } from "../../src/embedded/tree/snapshot.ts";
import type { TreeChange } from "../../src/embedded/tree/tree-change.ts";

interface Step {
  readonly kind: "create" | "delete" | "setData";
  readonly path: string;
  readonly lifetime: Lifetime;
}

const lifetimes: readonly Lifetime[] = [
  { kind: "persistent" },
  { kind: "ephemeral", sessionId: 7n },
  { kind: "container" },
  { kind: "ttl", ttlMs: 10 },
];

const steps = fc.array(
  fc.record({
    kind: fc.constantFrom("create", "create", "delete", "setData"),
    path: fc.constantFrom("/a", "/a/b", "/a/c", "/d", "/d/e", "/d/e/f"),
    lifetime: fc.constantFrom(...lifetimes),
  }),
  { maxLength: 12 },
);

/** Does what can be done. */
function apply(tree: DataTree, { kind, path, lifetime }: Step, zxid: bigint): void {
  const node = tree.get(path);
  const transaction = { zxid, time: zxid };
  if (kind === "create" && node === undefined && tree.get(parentOf(path)) !== undefined) {
    tree.create(path, { data: null, acl: openAcl, lifetime }, transaction);
  } else if (kind === "delete" && node?.children.size === 0) {
    tree.delete(path, transaction);
  } else if (kind === "setData" && node !== undefined) {
    tree.setData(path, Buffer.from(path), transaction);
  }
}

/** All there is, in an order of its own. */
function stateOf(tree: DataTree): unknown {
  return {
    znodes: takeSnapshot(tree, 0n).znodes.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    stats: [...tree.nodes].map(([path, node]) => [path, node.stat()] as const).sort(([a], [b]) => (a < b ? -1 : 1)),
    ephemerals: [...tree.lifetimes.ephemerals].map(([id, paths]) => [id, [...paths].sort()]),
    reapable: [...tree.lifetimes.reapable].sort(),
  };
}

it("a transaction that fails leaves nothing, whatever it did before", () => {
  fc.assert(
    fc.property(steps, steps, (before, during) => {
      const changes: TreeChange[] = [];
      const tree = new DataTree((change) => changes.push(change));
      before.forEach((step, index) => apply(tree, step, BigInt(index + 1)));
      const state = stateOf(tree);
      changes.length = 0;
      const failing = (): void =>
        tree.atomically(() => {
          for (const step of during) apply(tree, step, 100n);
          throw new Error("the last one fails");
        });
      expect(failing).toThrow("the last one fails");
      expect(stateOf(tree)).toEqual(state);
      expect(changes).toEqual([]);
      // And nothing of it comes up later.
      tree.create("/later", { data: null, acl: openAcl, lifetime: { kind: "persistent" } }, { zxid: 101n, time: 0n });
      expect(changes.map(({ path }) => path)).toEqual(["/later"]);
    }),
  );
});

it("a transaction that succeeds does what its steps do one by one", () => {
  fc.assert(
    fc.property(steps, (all) => {
      const seen: [TreeChange[], TreeChange[]] = [[], []];
      const [single, whole] = seen.map((changes) => new DataTree((change) => changes.push(change))) as [
        DataTree,
        DataTree,
      ];
      for (const step of all) apply(single, step, 1n);
      whole.atomically(() => {
        for (const step of all) apply(whole, step, 1n);
      });
      expect(stateOf(whole)).toEqual(stateOf(single));
      expect(seen[1]).toEqual(seen[0]);
    }),
  );
});

it("every znode is its parent's child, and in the lists of its lifetime", () => {
  fc.assert(
    fc.property(steps, (all) => {
      const tree = new DataTree(() => {});
      all.forEach((step, index) => apply(tree, step, BigInt(index + 1)));
      for (const [path, { lifetime, children }] of tree.nodes) {
        if (path !== "/") expect(tree.get(parentOf(path))?.children.has(nameOf(path))).toBe(true);
        for (const name of children) expect(tree.get(path === "/" ? `/${name}` : `${path}/${name}`)).toBeDefined();
        expect(tree.lifetimes.ephemeralsOf(7n).has(path)).toBe(lifetime.kind === "ephemeral");
        expect(tree.lifetimes.reapable.has(path)).toBe(lifetime.kind === "container" || lifetime.kind === "ttl");
      }
    }),
  );
});
