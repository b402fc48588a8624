import { OpCode, SetWatches2Request, SetWatchesRequest, Xid } from "@quorate/protocol";
import { type RawConnection, type Sent, told } from "../support/raw-connection.ts";
import { create, type Wire, type WireCase } from "../support/wire-case.ts";

const rounds = 30;

function setData(path: string): { op: "setData"; path: string; data: null; version: number } {
  return { op: "setData", path, data: null, version: -1 };
}

function versionOf(sent: Sent): number | undefined {
  // Of a Stat at the end: version is its fifth field.
  return sent.kind === "reply" && sent.err === 0 ? sent.body.readInt32BE(sent.body.length - 36) : undefined;
}

const none = {
  dataWatches: [],
  existWatches: [],
  childWatches: [],
  persistentWatches: [],
  persistentRecursiveWatches: [],
} as const;

type Watches = Partial<Omit<SetWatches2Request, "relativeZxid">>;

/** Sets watches again, and tells what comes at once and after `changes`. */
async function setAgain(wire: Wire, connection: RawConnection, relativeZxid: bigint, watches: Watches): Promise<void> {
  const request = { relativeZxid, ...none, ...watches };
  connection.send(OpCode.setWatches2, (writer) => SetWatches2Request.write(writer, request), Xid.setWatches);
  for (const sent of await connection.until(Xid.setWatches)) wire.tell(told(sent));
}

async function heard(wire: Wire, connection: RawConnection): Promise<void> {
  const last = connection.ask({ op: "exists", path: "/", watch: false });
  for (const sent of (await connection.until(last)).slice(0, -1)) wire.tell(`later: ${told(sent)}`);
}

export const ordering: readonly WireCase[] = [
  {
    name: "the event of one's own change comes before its answer",
    async run(wire) {
      const connection = await wire.sessionWithRoot();
      await connection.call({ op: "addWatch", path: wire.base, mode: 1 });
      for (const version of [-1, 9]) {
        const xid = connection.ask({ ...setData(wire.base), version });
        for (const sent of await connection.until(xid)) wire.tell(told(sent));
      }
      connection.ask({ op: "getData", path: wire.base, watch: true });
      connection.ask(setData(wire.base));
      const xid = connection.ask({ op: "getData", path: wire.base, watch: true });
      for (const sent of await connection.until(xid)) wire.tell(told(sent));
    },
  },
  {
    name: "the event of another's change comes before any answer that shows it",
    async run(wire) {
      const writer = await wire.sessionWithRoot();
      const reader = await wire.session();
      let early = 0;
      let events = 0;
      let answers = 0;
      for (let round = 0; round < rounds; round++) {
        await reader.call({ op: "getData", path: wire.base, watch: true });
        const xid = writer.ask(setData(wire.base));
        const written = writer.until(xid);
        // Reads go on all the time, so that some are served around the moment of the change.
        let seen = false;
        for (;;) {
          const last = reader.ask({ op: "getData", path: wire.base, watch: false });
          let version: number | undefined;
          for (const sent of await reader.until(last)) {
            if (sent.kind === "event") seen = true;
            version = versionOf(sent) ?? version;
            if (sent.kind === "reply") answers++;
            if (version === round + 1 && !seen) early++;
          }
          if (version === round + 1) break;
        }
        if (seen) events++;
        await written;
      }
      wire.tell(`${events} events for ${rounds} changes, ${early} of them late`);
      if (answers < rounds) wire.tell("not enough answers");
    },
  },
  {
    name: "the events of several changes come in their order",
    async run(wire) {
      const writer = await wire.sessionWithRoot();
      const reader = await wire.session();
      await reader.call({ op: "addWatch", path: wire.base, mode: 1 });
      const names = ["c", "a", "b"];
      for (const name of names) await create(writer, `${wire.base}/${name}`);
      for (const name of names) writer.ask({ op: "delete", path: `${wire.base}/${name}`, version: -1 });
      await writer.until(writer.ask(setData(wire.base)));
      await heard(wire, reader);
    },
  },
  ...(["dataWatches", "existWatches", "childWatches", "persistentWatches", "persistentRecursiveWatches"] as const).map(
    (kind): WireCase => ({
      name: `${kind} set again`,
      async run(wire) {
        const writer = await wire.sessionWithRoot();
        for (const since of ["the beginning", "the creation", "the data's change", "the child", "now"] as const) {
          const path = `${wire.base}/${since.replaceAll(/\W/g, "-")}`;
          const { stat: created } = await create(writer, path);
          const { stat: changed } = await writer.call(setData(path));
          const { stat: child } = await create(writer, `${path}/child`);
          const zxids = {
            "the beginning": 0n,
            "the creation": created.czxid,
            "the data's change": changed.mzxid,
            "the child": child.czxid,
            now: child.czxid + 1000n,
          };
          wire.tell(`counting from ${since}:`);
          const connection = await wire.session();
          await setAgain(wire, connection, zxids[since], { [kind]: [path, `${path}/missing`] });
          await writer.call(setData(path));
          await create(writer, `${path}/missing`);
          await create(writer, `${path}/missing/child`);
          await heard(wire, connection);
        }
      },
    }),
  ),
  {
    name: "watches of all kinds set again at once",
    async run(wire) {
      const writer = await wire.sessionWithRoot();
      const path = `${wire.base}/n`;
      await create(writer, path);
      const connection = await wire.session();
      const both = [path, `${wire.base}/missing`];
      const all = { dataWatches: both, existWatches: both, childWatches: both };
      await setAgain(wire, connection, 0n, { ...all, persistentWatches: both });
      await writer.call(setData(path));
      await create(writer, `${wire.base}/missing`);
      await heard(wire, connection);
    },
  },
  {
    name: "watches set again the old way",
    async run(wire) {
      const writer = await wire.sessionWithRoot();
      const path = `${wire.base}/n`;
      await create(writer, path);
      const connection = await wire.session();
      const request = {
        relativeZxid: 2n ** 60n,
        dataWatches: [path],
        existWatches: [`${path}/x`],
        childWatches: [path],
      };
      connection.send(OpCode.setWatches, (out) => SetWatchesRequest.write(out, request), Xid.setWatches);
      wire.tell(told(await connection.next()));
      await writer.call(setData(path));
      await create(writer, `${path}/x`);
      await heard(wire, connection);
    },
  },
  {
    name: "where watches are asked for is where they are told",
    async run(wire) {
      const writer = await wire.sessionWithRoot();
      const connection = await wire.session();
      for (const path of ["", "/"]) {
        await connection.call({ op: "getData", path: wire.base, watch: true });
        connection.ask({ op: "getData", path: `${wire.base}${path}`, watch: true });
        wire.tell(`${path || "nothing"} at the end: ${told(await connection.next()).replace(/ \d+/, "")}`);
        await writer.call(setData(wire.base));
        await heard(wire, connection);
      }
    },
  },
];
