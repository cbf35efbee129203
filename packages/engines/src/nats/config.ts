/** A client of the bus and what it may do there. An empty list allows nothing. */
export type NatsUser = {
  readonly user: string;
  readonly password: string;
  /** Subjects, wildcards allowed. */
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
};

export type NatsConfig = {
  readonly host: string;
  readonly port: number;
  readonly storeFolder: string;
  /** Need not survive the machine's sudden end; it does survive the server's. */
  readonly temporary: boolean;
  /** Without any, everybody who can reach the server may do everything. */
  readonly users: readonly NatsUser[];
};

// JSON's strings are valid in NATS's configuration, and are never read as variables.
const quoted = (value: string): string => JSON.stringify(value);

const allow = (subjects: readonly string[]): string =>
  subjects.length === 0 ? `{ deny: ">" }` : `{ allow: [${subjects.map(quoted).join(", ")}] }`;

const authorization = (users: readonly NatsUser[]): string =>
  users.length === 0
    ? ""
    : `authorization {
  users: [
${users
  .map(
    ({ user, password, publish, subscribe }) =>
      `    { user: ${quoted(user)}, password: ${quoted(password)}, permissions: { publish: ${allow(publish)}, subscribe: ${allow(subscribe)} } }`,
  )
  .join("\n")}
  ]
}
`;

/** nats-server's configuration for one node: JetStream on files, each write synced before it is acknowledged unless `temporary`. */
export const natsConfig = ({ host, port, storeFolder, temporary, users }: NatsConfig): string => `server_name: keynode
listen: ${quoted(`${host}:${port}`)}
jetstream {
  store_dir: ${quoted(storeFolder)}
  sync_interval: ${temporary ? quoted("2m") : "always"}
}
${authorization(users)}`;
