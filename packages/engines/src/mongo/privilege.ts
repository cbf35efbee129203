import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { run } from "../command.ts";

/** The user and group id of nobody. */
export const NOBODY = 65_534;

/**
 * How to run a server that refuses to run as root. `namespace`: in a user namespace that shows us as another user,
 * files stay root's. `user`: as nobody, keeping only the right to pass folders such as a private home. Kept in the
 * data folder, since it decides whose the files are.
 */
export type Privilege = "same" | "namespace" | "user";

const ids = `--map-user=${NOBODY} --map-group=${NOBODY}`.split(" ");

export const choosePrivilege = async (folder: string): Promise<Privilege> => {
  if (process.getuid?.() !== 0) return "same";
  const file = path.join(folder, "privilege");
  if (existsSync(file)) return readFileSync(file, "utf8") === "user" ? "user" : "namespace";
  const privilege = await run(["unshare", "--user", ...ids, "true"], { timeoutMs: 5_000 }).then(
    () => "namespace" as const,
    () => "user" as const,
  );
  writeFileSync(file, privilege);
  return privilege;
};

export const withPrivilege = (privilege: Privilege, command: readonly [string, ...string[]]): [string, ...string[]] => {
  if (privilege === "namespace") return ["unshare", "--user", ...ids, ...command];
  if (privilege === "user") {
    // The secure bit makes access(2) count the right too, by which initdb looks for its programs.
    const rights = [
      "--inh-caps=-all,+dac_override",
      "--ambient-caps=-all,+dac_override",
      "--securebits=+no_setuid_fixup",
    ];
    return ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups", ...rights, ...command];
  }
  return [...command];
};
