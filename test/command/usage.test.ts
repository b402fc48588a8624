import { expect, test } from "vitest";
import { quorate } from "./support/quorate.ts";

test("without a command, help, with the status of wrong use", async () => {
  const { status, stderr } = await quorate([]);
  expect(status).toBe(2);
  expect(stderr).toContain("Usage: quorate");
});

test.each([
  [["bogus"], "unknown command 'bogus'"],
  [["lcok", "/x", "--", "true"], "Did you mean lock?"],
  [["ls", "--bogus"], "unknown option '--bogus'"],
  [["get"], "missing required argument 'path'"],
  [["ls", "relative"], "relative"],
  [["ls", "--connect-timeout", "10"], "a number with a unit"],
  [["watch", "/", "--mode", "bogus"], "Allowed choices are node, children, recursive"],
  [["ls", "--connect", "a b"], "is not host[:port]"],
  [["ls", "--auth-file", "/no/such/file"], "cannot read"],
])("%j is wrong use", async (args, message) => {
  const { status, stdout, stderr } = await quorate(args);
  expect(status).toBe(2);
  expect(stdout).toBe("");
  expect(stderr).toContain(message);
});

test("every command has help with examples", async () => {
  const { status, stdout } = await quorate(["--help"]);
  expect(status).toBe(0);
  const listed = [...stdout.matchAll(/^ {2}([a-z]+) {2,}\S/gm)].map(([, name]) => name ?? "");
  const commands = listed.filter((name) => !["help", "complete", "quorate"].includes(name));
  expect(commands.length).toBeGreaterThan(15);
  await Promise.all(
    commands.map(async (name) => {
      const help = await quorate([name, "--help"]);
      expect(help.status, name).toBe(0);
      expect(help.stdout, name).toMatch(
        /ensemble|demo|config/.test(name) ? /Usage: quorate/ : /Examples:\n {2}\$ quorate /,
      );
    }),
  );
});

test("--version is the package's", async () => {
  expect(await quorate(["--version"])).toMatchObject({ status: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
});

test.each(["bash", "zsh", "fish"])(
  "completion in %s: a script, and commands, options and choices to choose from",
  async (shell) => {
    const script = await quorate(["complete", shell]);
    expect(script.status).toBe(0);
    expect(script.stdout).toContain("complete -- ");
    expect((await quorate(["complete", "--", "loc"])).stdout).toMatch(/^lock\t.*\nlocks\t/);
    expect((await quorate(["complete", "--", "lock", "--sha"])).stdout).toMatch(/^--shared\t/);
    expect((await quorate(["complete", "--", "watch", "--mode", ""])).stdout).toMatch(/node.*\nchildren.*\nrecursive/);
    expect((await quorate(["complete", "--", "ensemble", "sta"])).stdout).toMatch(
      /status[\s\S]*start|start[\s\S]*status/,
    );
  },
);

test("colours on a terminal only, and by FORCE_COLOR; NO_COLOR wins", async () => {
  const args = ["status", "--connect", "127.0.0.1:1", "--timeout", "500ms"];
  expect((await quorate(args)).stdout).not.toContain("\x1b[");
  expect((await quorate(args, { env: { FORCE_COLOR: "1" } })).stdout).toContain("\x1b[");
  expect((await quorate(args, { env: { FORCE_COLOR: "1", NO_COLOR: "1" } })).stdout).not.toContain("\x1b[");
  expect((await quorate([...args, "--json"], { env: { FORCE_COLOR: "1" } })).stdout).not.toContain("\x1b[");
});

test("errors in JSON have a code", async () => {
  const { stderr } = await quorate(["ls", "--json", "--connect-timeout", "200ms", "--connect", "127.0.0.1:1"]);
  expect(JSON.parse(stderr)).toMatchObject({ error: { code: "CONNECT" } });
});
