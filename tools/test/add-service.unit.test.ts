import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { type DeploymentFiles, withService } from "../deployment/add-service.ts";

const root = path.resolve(import.meta.dirname, "../..");
const read = (file: string): string => readFileSync(path.join(root, file), "utf8");
const files: DeploymentFiles = {
  "docker-compose.yml": read("docker-compose.yml"),
  "deploy/nats/nats.conf": read("deploy/nats/nats.conf"),
  CODEOWNERS: read("CODEOWNERS"),
};

/** What a file says of one service, with that service's name put for the other's. */
const renamed = (text: string, from: string, to: string): string =>
  text.replaceAll(from, to).replaceAll(from.toUpperCase(), to.toUpperCase());

const added = withService(files, "demo");

it("a new service gets the container that the others have", () => {
  const services = (text: string) =>
    (
      parse(text, { merge: true }) as {
        services: Readonly<Record<string, { environment: Readonly<Record<string, string>> }>>;
      }
    ).services;
  const before = services(files["docker-compose.yml"]);
  const after = services(added["docker-compose.yml"]);
  const { UPSTREAMS: upstreams, ...environment } = after["demo"]?.environment ?? {};
  const { UPSTREAMS: lead, ...leadEnvironment } = before["lead"]?.environment ?? {};
  expect({ ...after["demo"], environment }).toEqual(
    JSON.parse(renamed(JSON.stringify({ ...before["lead"], environment: leadEnvironment }), "lead", "demo")),
  );
  expect(upstreams).toBe(`${lead},demo=demo:50051`);
  expect(Object.keys(after)).toHaveLength(Object.keys(before).length + 1);
});

it("the databases and the broker are given its passwords, and every service its address", () => {
  const text = added["docker-compose.yml"];
  expect(text).toContain("      MONGODB_PASSWORD_DEMO: ${MONGODB_PASSWORD_DEMO}\n");
  expect(text).toContain("      NATS_PASSWORD_DEMO: ${NATS_PASSWORD_DEMO}\n");
  const parsed = parse(text, { merge: true }) as { services: { lead: { environment: { UPSTREAMS: string } } } };
  expect(parsed.services.lead.environment.UPSTREAMS).toContain("demo=demo:50051");
});

it("its broker user has the rights that the others have, for its own context", () => {
  const user = (conf: string, name: string) =>
    new RegExp(`    \\{\\n      user: ${name}\\n[^]*?\\n    \\}\\n`).exec(conf)?.[0] ?? "";
  expect(user(added["deploy/nats/nats.conf"], "demo")).toBe(
    renamed(user(files["deploy/nats/nats.conf"], "lead"), "lead", "demo"),
  );
});

it("its squad owns it and its contract", () => {
  expect(added.CODEOWNERS.match(/^\/.*\/demo\/ .*$/gm)).toEqual([
    "/services/demo/                 @keynode/demo",
    "/proto/crm/demo/                @keynode/demo @keynode/platform",
  ]);
});

it("adding it again changes nothing, and nothing else was changed", () => {
  expect(withService(added, "demo")).toBe(added);
  for (const [file, text] of Object.entries(added)) {
    const kept = text.split("\n").filter((line) => !/demo/i.test(line) || line.includes("=lead:50051"));
    const before = new Set(read(file).split("\n"));
    expect(kept.filter((line) => !before.has(line.replace(",demo=demo:50051", "")))).toEqual([]);
  }
});
