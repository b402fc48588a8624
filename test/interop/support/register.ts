import type { Client } from "@quorate/core";
import { expect } from "vitest";
import { ownPath } from "../../support/own-path.ts";
import { Looking } from "./looking.ts";

/**
 * Something that only a lock keeps right, for clients of any kind: a number in a znode, written back after it was read with nothing checked.
 * Before and after, a note is made below it, `<name> write` (or `read`) and `<name> end`: the servers put these in one order.
 */
export class Register {
  readonly path: string;
  readonly #client: Client;

  private constructor(client: Client, path: string) {
    this.#client = client;
    this.path = path;
  }

  static async make(client: Client): Promise<Register> {
    const path = await ownPath(client);
    await client.set(path, "0");
    return new Register(client, path);
  }

  /** What every kind of client does while it holds a lock, or writes. */
  async write(client: Client, name: string): Promise<void> {
    await this.#note(client, `${name} write`);
    const count = Number(Buffer.from((await client.get(this.path)).data ?? []).toString());
    await client.set(this.path, String(count + 1));
    await this.#note(client, `${name} end`);
  }

  /** The same while it reads. */
  async read(client: Client, name: string): Promise<void> {
    await this.#note(client, `${name} read`);
    await client.get(this.path);
    await this.#note(client, `${name} end`);
  }

  /** Fails if any writer was not alone. @returns who wrote, in the servers' order, and how many read together at most */
  async check(): Promise<{ readonly writers: readonly string[]; readonly readersTogether: number }> {
    const look = new Looking(this.#client);
    const writers: string[] = [];
    const inside = new Map<string, string>();
    let readersTogether = 0;
    for (const note of await look.children(this.path)) {
      const [name = "", word = ""] = (await look.text(`${this.path}/${note}`)).split(" ");
      if (word === "end") {
        expect(inside.delete(name)).toBe(true);
        continue;
      }
      expect(inside.has(name)).toBe(false);
      const others = [...inside.values()];
      expect(word === "write" ? others : others.filter((other) => other === "write"), `${name} at ${note}`).toEqual([]);
      inside.set(name, word);
      if (word === "write") writers.push(name);
      else readersTogether = Math.max(readersTogether, inside.size);
    }
    expect([...inside]).toEqual([]);
    expect(await look.text(this.path)).toBe(String(writers.length));
    return { writers, readersTogether };
  }

  async #note(client: Client, words: string): Promise<void> {
    await client.create(`${this.path}/n-`, words, { mode: "persistent-sequential" });
  }
}

/** How often a turn went to another than before. */
export function handOvers(turns: readonly string[]): number {
  return turns.filter((turn, index) => index > 0 && turn !== turns[index - 1]).length;
}
