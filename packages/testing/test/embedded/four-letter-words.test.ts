import { connect } from "@quorate/core";
import { expect, it } from "vitest";
import { fourLetterWord, parseSrvr } from "../../src/ensemble/four-letter-word.ts";
import { EmbeddedServer } from "../../src/index.ts";
import { RawConnection } from "./support/raw-session.ts";

const words = ["ruok", "isro", "srvr", "stat", "mntr", "conf", "envi", "cons", "wchs", "wchc", "wchp", "dump"];

it("answers every word over its port, and hangs up", async () => {
  await using server = await EmbeddedServer.start();
  const client = await connect(server.connectString);
  await client.create("/e", "", { mode: "ephemeral" });
  const watch = client.watch("/e");
  await watch.ready;
  const answers = new Map<string, string>();
  for (const word of words) {
    answers.set(word, await fourLetterWord({ host: "127.0.0.1", port: server.port }, word, 5000));
  }
  const session = `0x${client.session?.id.toString(16)}`;
  expect(answers.get("ruok")).toBe("imok");
  expect(answers.get("isro")).toBe("rw");
  expect(parseSrvr(answers.get("srvr") ?? "")).toEqual({ mode: "standalone", zxid: server.stats.lastZxid });
  expect(answers.get("srvr")).toMatch(/^Zookeeper version: 3\.8\.0-.*\n[^]*\nNode count: 6\n$/);
  expect(answers.get("stat")).toContain("Clients:\n /127.0.0.1:");
  expect(answers.get("mntr")).toMatch(/^zk_version\t3\.8\.0.*\nzk_server_state\tstandalone\n/);
  expect(answers.get("mntr")).toContain("\nzk_ephemerals_count\t1\n");
  expect(answers.get("conf")).toContain(`clientPort=${server.port}\n`);
  expect(answers.get("conf")).toContain("\ntickTime=500\n");
  expect(answers.get("envi")).toMatch(/^Environment:\nzookeeper\.version=3\.8\.0/);
  expect(answers.get("cons")).toContain(`sid=${session},`);
  expect(answers.get("wchs")).toBe("1 connections watching 1 paths\nTotal watches:1\n");
  expect(answers.get("wchc")).toBe(`${session}\n\t/e\n\n`);
  expect(answers.get("wchp")).toBe(`/e\n\t${session}\n\n`);
  expect(answers.get("dump")).toContain(`${session}:\n\t/e\n`);
  await watch.close();
  await client.close();
});

it("knows a word that comes in pieces, and takes no other for one", async () => {
  await using server = await EmbeddedServer.start();
  const pieces = await RawConnection.open(server.port);
  pieces.write(Buffer.from("ru"));
  await new Promise(setImmediate);
  pieces.write(Buffer.from("ok\n"));
  await pieces.closed();
  expect(pieces.bytes.toString()).toBe("imok");
  const other = await RawConnection.open(server.port);
  other.write(Buffer.from("what"));
  await other.closed();
  expect(other.bytes).toHaveLength(0);
  expect(server.fourLetterWord("what")).toBe("");
});
