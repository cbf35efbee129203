import { homedir, tmpdir, userInfo } from "node:os";
import path from "node:path";

/** What this package reads from the environment; everything else takes it as an argument. */
export type Environment = {
  /** A MongoDB or NATS that somebody else runs; the resolver then starts none. */
  readonly mongodbUri: string | undefined;
  readonly natsUrl: string | undefined;
  /** The program of a Chromium to test pages with; none is looked for then. */
  readonly chromium: string | undefined;
  /** Where downloaded servers may be kept, best first. */
  readonly cacheFolders: readonly string[];
  /** Where a container runtime may listen, as socket paths or `tcp://host:port`. */
  readonly dockerAddresses: readonly string[];
  readonly searchPath: readonly string[];
};

const present = (value: string | undefined): string | undefined => (value === "" ? undefined : value);

const account = (): { home: string | undefined; name: string } => {
  try {
    const { homedir: home, uid, username } = userInfo();
    return { home: present(home), name: uid >= 0 ? String(uid) : username };
  } catch {
    // The user id has no entry in the user database, as in some containers.
    return { home: undefined, name: String(process.getuid?.() ?? "user") };
  }
};

export const readEnvironment = (env: NodeJS.ProcessEnv = process.env): Environment => {
  const { home, name } = account();
  const dockerHost = present(env["DOCKER_HOST"]);
  const runtimeFolder = present(env["XDG_RUNTIME_DIR"]);
  const cacheHome = present(env["XDG_CACHE_HOME"]) ?? path.join(homedir(), ".cache");
  return {
    mongodbUri: present(env["MONGODB_URI"]),
    natsUrl: present(env["NATS_URL"]),
    chromium: present(env["KEYNODE_CHROMIUM"]),
    cacheFolders: [
      present(env["KEYNODE_CACHE"]),
      path.join(cacheHome, "keynode"),
      home === undefined ? undefined : path.join(home, ".cache", "keynode"),
      path.join(tmpdir(), `keynode-cache-${name}`),
    ].filter((folder) => folder !== undefined),
    dockerAddresses:
      dockerHost !== undefined
        ? [dockerHost.replace(/^unix:\/\//, "")]
        : [
            "/var/run/docker.sock",
            ...(runtimeFolder === undefined ? [] : [path.join(runtimeFolder, "docker.sock")]),
            path.join(homedir(), ".docker", "run", "docker.sock"),
            path.join(homedir(), ".docker", "desktop", "docker.sock"),
          ],
    searchPath: (env["PATH"] ?? "").split(path.delimiter).filter((folder) => folder !== ""),
  };
};

/** The whole environment of this process with `variables` added, for a program that it starts. */
export const environmentWith = (variables: Readonly<Record<string, string>>): NodeJS.ProcessEnv => ({
  ...process.env,
  ...variables,
});
