import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { run } from "../src/command.ts";
import { findChromium } from "../src/chromium.ts";
import { readEnvironment } from "../src/environment.ts";
import { checkMongod } from "../src/mongo/mongod.ts";
import { natsConfig } from "../src/nats/config.ts";
import { greetNats } from "../src/nats/greet.ts";
import { checkNatsServer } from "../src/nats/nats-server.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "keynode-unit-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const program = (text: string): string => {
  const file = path.join(folder, "program");
  writeFileSync(file, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  return file;
};

describe("a program on PATH", () => {
  test("is a mongod when it is recent enough", async () => {
    await checkMongod(program("echo db version v8.0.17"));
    await expect(checkMongod(program("echo db version v5.0.3"))).rejects.toThrow("at least 6.0 is needed");
    await expect(checkMongod(program("echo hello"))).rejects.toThrow("no mongod");
  });

  test("is a nats-server when it is recent enough", async () => {
    await checkNatsServer(program("echo nats-server: v2.10.0"));
    await checkNatsServer(program("echo nats-server: v3.0.1"));
    await expect(checkNatsServer(program("echo nats-server: v2.9.10"))).rejects.toThrow("at least 2.10 is needed");
  });
});

describe("a Chromium", () => {
  const find = (env: NodeJS.ProcessEnv) => findChromium(() => {}, readEnvironment(env));

  test("is the one that is named, if it is one", async () => {
    const named = program("echo Chromium 150.0.7871.100");
    expect(await find({ KEYNODE_CHROMIUM: named })).toBe(named);
    await expect(find({ KEYNODE_CHROMIUM: program("echo hello") })).rejects.toThrow("no Chromium: it says");
  });

  test("is the first on PATH that starts", async () => {
    writeFileSync(path.join(folder, "chromium"), "#!/bin/sh\necho get one from a shop >&2; exit 1\n", { mode: 0o755 });
    const chrome = path.join(folder, "google-chrome");
    writeFileSync(chrome, "#!/bin/sh\necho Google Chrome 150.0.1\n", { mode: 0o755 });
    expect(await find({ PATH: folder })).toBe(chrome);
  });

  test("that cannot be had is told with what was tried and what to do", async () => {
    const refusal = find({ PATH: folder, KEYNODE_CACHE: folder });
    await expect(refusal).rejects.toThrow(/on PATH: none of .*\n.*from Debian: no bash on PATH\n.*KEYNODE_CHROMIUM/);
  });
});

describe("a program that is run", () => {
  test("is given its input and answers its output", async () => {
    expect(await run([program("read line; echo got $line")], { timeoutMs: 5_000, input: "x\n" })).toBe("got x");
  });

  test("is ended with what it started when it takes too long", async () => {
    await expect(run([program("sleep 60 & wait")], { timeoutMs: 100 })).rejects.toThrow("did not end within 0.1 s");
  });

  test("says its last words when it fails", async () => {
    const failing = program("echo one >&2; echo two >&2; echo three >&2; exit 4");
    await expect(run([failing], { timeoutMs: 5_000, tailLines: 2 })).rejects.toThrow(/failed \(4\): two\nthree$/);
  });
});

describe("the bus's configuration", () => {
  const base = { host: "127.0.0.1", port: 4222, storeFolder: "/data", users: [] };

  test("syncs each write, unless the data is temporary", () => {
    expect(natsConfig({ ...base, temporary: false })).toContain("sync_interval: always");
    expect(natsConfig({ ...base, temporary: true })).not.toContain("sync_interval: always");
  });

  test("quotes what it is given", () => {
    const user = { user: "a", password: '"}\n$x', publish: ["a.>"], subscribe: [] };
    const config = natsConfig({ ...base, temporary: false, users: [user] });
    expect(config).toContain(String.raw`password: "\"}\n$x"`);
    expect(config).toContain('publish: { allow: ["a.>"] }, subscribe: { deny: ">" }');
  });
});

describe("a greeting", () => {
  const serve = (text: string): Promise<{ server: Server; url: string }> =>
    new Promise((resolve) => {
      const server = createServer((socket) => socket.end(text));
      server.listen(0, "127.0.0.1", () => {
        const address = server.address();
        resolve({ server, url: `nats://127.0.0.1:${typeof address === "object" ? address?.port : ""}` });
      });
    });

  test("tells the server's version", async () => {
    const { server, url } = await serve('INFO {"version":"2.12.0","jetstream":true}\r\n');
    expect(await greetNats(url, 1_000)).toEqual({ version: "2.12.0", jetstream: true });
    server.close();
  });

  test("of another protocol is refused", async () => {
    const { server, url } = await serve("220 mail.example ESMTP\r\n");
    await expect(greetNats(url, 1_000)).rejects.toThrow("does not speak NATS");
    server.close();
    await expect(greetNats(url, 1_000)).rejects.toThrow("no NATS server");
  });
});
