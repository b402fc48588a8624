import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { DigestMd5Conversation } from "../../src/embedded/sasl/digest-md5.ts";

describe("the SASL conversation", () => {
  const md5 = (text: string | Buffer): Buffer => createHash("md5").update(text).digest();

  /** What a client says that knows RFC 2831 and differs from a good one by `change`. */
  function answer(change: Readonly<Record<string, string>> = {}): Buffer {
    const said: Record<string, string> = {
      username: "bob",
      realm: "zk-sasl-md5",
      nonce: "N",
      nc: "00000001",
      cnonce: "C",
      "digest-uri": "zookeeper/zk-sasl-md5",
      qop: "auth",
      ...change,
    };
    const tail = said["authzid"] === undefined ? "" : `:${said["authzid"]}`;
    const secret = md5(`${said["username"]}:${said["realm"]}:secret`);
    const a1 = md5(Buffer.concat([secret, Buffer.from(`:${said["nonce"]}:${said["cnonce"]}${tail}`)])).toString("hex");
    const a2 = md5(`AUTHENTICATE:${said["digest-uri"]}`).toString("hex");
    const parts = [a1, said["nonce"], said["nc"], said["cnonce"], said["qop"], a2];
    const response = change["response"] ?? md5(parts.join(":")).toString("hex");
    const all = Object.entries({ ...said, response }).map(([name, value]) => `${name}="${value}"`);
    return Buffer.from(all.join(","));
  }

  function talk(...tokens: readonly Uint8Array[]): string {
    const conversation = new DigestMd5Conversation({ bob: "secret" }, "N");
    return tokens.map((token) => conversation.next(token).kind).join(" ");
  }

  const empty = new Uint8Array(0);

  it("ends well for who knows the password", () => {
    expect(talk(empty, answer())).toBe("challenge done");
    expect(talk(empty, answer({ authzid: "bob" }))).toBe("challenge done");
    expect(talk(empty, answer({ "digest-uri": "ZooKeeper/ZK-SASL-MD5" }))).toBe("challenge done");
  });

  it.each([
    ["another nonce", answer({ nonce: "M" })],
    ["another count", answer({ nc: "00000002" })],
    ["another realm", answer({ realm: "elsewhere" })],
    ["another server", answer({ "digest-uri": "zookeeper/elsewhere" })],
    ["a layer", answer({ qop: "auth-int" })],
    ["a user nobody knows", answer({ username: "eve" })],
    ["a user all objects have", answer({ username: "constructor" })],
    ["another proof", answer({ response: "0".repeat(32) })],
    ["a proof of other letters", answer({ response: "ä".repeat(32) })],
    ["something twice", Buffer.concat([answer(), Buffer.from(',nonce="N"')])],
    ["too much", answer({ cnonce: "C".repeat(4096) })],
    ["nothing", empty],
    ["garbage", Buffer.from([0xff, 0, 1])],
  ])("ends badly for who says %s", (_, said) => {
    expect(talk(empty, said)).toBe("challenge refused");
  });

  it("has two steps, in their order", () => {
    expect(talk(answer())).toBe("refused");
    expect(talk(empty, answer(), answer())).toBe("challenge done refused");
    expect(talk(empty, answer({ nonce: "M" }), answer())).toBe("challenge refused refused");
  });
});
