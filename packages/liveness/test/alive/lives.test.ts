import { describe, expect, it } from "vitest";
import { stat } from "../../../core/test/support/stat.ts";
import { Lives } from "../../src/alive/lives.ts";

/** Everything there is to tell, as `path status since`. */
function news(lives: Lives, now: number): string[] {
  const told: string[] = [];
  for (let life = lives.next(now); life !== undefined; life = lives.next(now)) {
    told.push(`${life.path} ${life.status} ${life.since}`);
  }
  return told;
}

describe("lives", () => {
  it("alive, dead, alive again: each told once, since when it was seen", () => {
    const lives = new Lives(0);
    lives.seen("/a", stat({ czxid: 1 }), 10);
    expect(news(lives, 10)).toEqual(["/a alive 10"]);
    lives.seen("/a", stat({ czxid: 1 }), 20);
    expect(news(lives, 20)).toEqual([]);
    lives.gone("/a", 30);
    expect(news(lives, 31)).toEqual(["/a dead 30"]);
    lives.gone("/a", 40);
    lives.seen("/a", stat({ czxid: 2 }), 41);
    expect(news(lives, 41)).toEqual(["/a alive 41"]);
  });

  it("never seen is dead, whatever the grace time", () => {
    const lives = new Lives(1_000);
    lives.gone("/a", 10);
    expect(lives.next(10)).toEqual({ path: "/a", status: "dead", since: 10, stat: undefined });
  });

  it("another node of the same path is a new life", () => {
    const lives = new Lives(0);
    lives.seen("/a", stat({ czxid: 1 }), 10);
    news(lives, 10);
    lives.seen("/a", stat({ czxid: 2 }), 20);
    expect(news(lives, 20)).toEqual(["/a alive 20"]);
  });

  it("what is overtaken before it is told is not told", () => {
    const lives = new Lives(0);
    lives.seen("/a", stat({ czxid: 1 }), 10);
    news(lives, 10);
    lives.gone("/a", 20);
    lives.seen("/a", stat({ czxid: 2 }), 30);
    expect(news(lives, 30)).toEqual(["/a alive 30"]);
  });

  it("gone: suspected for the grace time, then dead since it was gone", () => {
    const lives = new Lives(100);
    lives.seen("/a", stat({ czxid: 1 }), 0);
    lives.seen("/b", stat({ czxid: 2 }), 0);
    news(lives, 0);
    expect(lives.nextDeathAt).toBeUndefined();
    lives.gone("/a", 50);
    lives.gone("/b", 70);
    expect(news(lives, 70)).toEqual(["/a suspected 50", "/b suspected 70"]);
    expect(lives.nextDeathAt).toBe(150);
    lives.seen("/b", stat({ czxid: 3 }), 80);
    expect(news(lives, 149)).toEqual(["/b alive 80"]);
    expect(news(lives, 150)).toEqual(["/a dead 50"]);
    expect(lives.nextDeathAt).toBeUndefined();
  });

  it("uncertain: the living are suspected since then, and alive since before when it is certain again", () => {
    const lives = new Lives(0);
    lives.seen("/a", stat({ czxid: 1 }), 0);
    lives.seen("/b", stat({ czxid: 2 }), 0);
    lives.gone("/c", 0);
    news(lives, 0);
    lives.setCertain(false, 10);
    lives.setCertain(false, 15);
    expect(news(lives, 15)).toEqual(["/a suspected 10", "/b suspected 10"]);
    lives.gone("/b", 20);
    lives.setCertain(true, 20);
    expect(news(lives, 20)).toEqual(["/b dead 20", "/a alive 0"]);
  });

  it("forgets whom nobody asks for any more", () => {
    const lives = new Lives(0);
    lives.seen("/a", stat({ czxid: 1 }), 0);
    lives.gone("/a", 1);
    lives.forget("/a");
    expect(news(lives, 1)).toEqual([]);
    expect(lives.nextDeathAt).toBeUndefined();
  });
});
