import { type Acl, openAcl } from "@quorate/core";
import { CreateMode, type MultiOperation, type Operation, WatcherType } from "@quorate/protocol";
import fc from "fast-check";
import { ann, entry, forAnn, forAnyone, perms } from "../support/acls.ts";
import { Actor, type Step } from "../support/steps.ts";

/** Few of everything, so that steps meet. */
const paths = ["/x", "/x", "/y", "/x/1", "/x/1", "/x/2", "/y/1", "/x/1/deep"] as const;
const actors = ["a", "a", "b", "b", "c"].map((name) => new Actor(name));
const acls: readonly (readonly Acl[])[] = [
  ...Array.from({ length: 9 }, () => openAcl),
  [forAnn()],
  [forAnn(), forAnyone(perms("r"))],
  [forAnyone(perms("cdwa"))],
  [entry("auth", "")],
];
/** No containers: when they are reaped is a matter of time. */
const modes: readonly number[] = [
  ...Array.from({ length: 6 }, () => CreateMode.persistent),
  CreateMode.ephemeral,
  CreateMode.persistentSequential,
  CreateMode.ephemeralSequential,
];

const path = fc.constantFrom(...paths);
const version = fc.constantFrom(-1, -1, -1, -1, -1, 0, 1, 2);
const data = fc.constantFrom(null, ...["", "1", "twelve chars"].map((text) => Buffer.from(text)));
const acl = fc.constantFrom(...acls);
const watch = fc.boolean();
const type = fc.constantFrom(...Object.values(WatcherType));

const creation = fc.record({ path, data, acl, flags: fc.constantFrom(...modes) });

const write: fc.Arbitrary<MultiOperation> = fc.oneof(
  { weight: 4, arbitrary: creation.map((fields) => ({ op: "create" as const, ...fields })) },
  { weight: 3, arbitrary: fc.record({ op: fc.constant("setData" as const), path, data, version }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant("delete" as const), path, version }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant("check" as const), path, version }) },
);

/** A multiRead cannot be told from two reads with its members alone, but fails differently. */
const read = fc.record({ op: fc.constantFrom("getData" as const, "getChildren" as const), path, watch });

function of<Op extends string>(...ops: readonly Op[]): fc.Arbitrary<Op> {
  return fc.constantFrom(...ops);
}

const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 6, arbitrary: creation.map((fields) => ({ op: "create2" as const, ...fields })) },
  { weight: 8, arbitrary: write.filter(({ op }) => op !== "check") as fc.Arbitrary<Operation> },
  {
    weight: 8,
    arbitrary: fc.record({ op: of("exists", "getData", "getChildren", "getChildren2"), path, watch }),
  },
  { weight: 2, arbitrary: fc.record({ op: of("setAcl"), path, acl, version }) },
  { weight: 1, arbitrary: fc.record({ op: of("getAcl", "getAllChildrenNumber", "sync"), path }) },
  { weight: 4, arbitrary: fc.record({ op: of("addWatch"), path, mode: fc.constantFrom(0, 1) }) },
  { weight: 2, arbitrary: fc.record({ op: of("removeWatches", "checkWatches"), path, type }) },
  { weight: 3, arbitrary: fc.record({ op: of("multi"), operations: fc.array(write, { minLength: 1, maxLength: 4 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({ op: of("multiRead"), operations: fc.array(read, { minLength: 1, maxLength: 3 }) }),
  },
  { weight: 1, arbitrary: path.map((prefixPath) => ({ op: "getEphemerals" as const, prefixPath })) },
);

const actor = fc.constantFrom(...actors);
const request = fc.tuple(actor, operation).map(([who, what]) => who.request(what));

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 30, arbitrary: request },
  { weight: 1, arbitrary: actor.map((who) => who.close()) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(actor, fc.array(request, { maxLength: 4 }))
      .map(([who, others]) => who.away(...others.filter((other) => other.actor !== who.name))),
  },
);

const ofAnn = new Actor("a");
const observer = new Actor("observer");
const setting: readonly Step[] = [
  ofAnn.open({ credentials: [{ scheme: "digest", credential: Buffer.from(ann) }] }),
  observer.addWatch("/", "recursive"),
  observer.addWatch("/x", "persistent"),
  ...["/x", "/x/1", "/x/2", "/y"].map((name) => ofAnn.create(name)),
];

/** What sessions may do, whatever it be; `a` is ann at first. */
export const randomSteps: fc.Arbitrary<readonly Step[]> = fc
  .array(step, { minLength: 30, maxLength: 60, size: "max" })
  .map((steps) => [...setting, ...steps]);
