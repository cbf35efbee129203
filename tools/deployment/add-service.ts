import { busUser } from "../launch/bus-rights.ts";

/** The files, by path in the repository, that name every service. deploy/.env.example follows from services/ by itself. */
export type DeploymentFiles = {
  readonly "docker-compose.yml": string;
  readonly "deploy/nats/nats.conf": string;
  readonly CODEOWNERS: string;
};

const suffixOf = (service: string): string => service.toUpperCase().replaceAll("-", "_");
const databaseOf = (service: string): string => `keynode_${service.replaceAll("-", "_")}`;

/** Inserts before the last place of `mark`; throws when the file no longer has it. */
const before = (text: string, mark: string, addition: string): string => {
  const place = text.lastIndexOf(mark);
  if (place < 0) throw new Error(`a deployment file has no line "${mark.trim()}" any more`);
  return text.slice(0, place) + addition + text.slice(place);
};

/** Inserts behind the last line that matches. */
const behindLast = (text: string, line: RegExp, addition: string): string => {
  const last = [...text.matchAll(line)].at(-1);
  if (last === undefined) throw new Error(`a deployment file has no line like ${line} any more`);
  const place = last.index + last[0].length;
  return text.slice(0, place) + addition + text.slice(place);
};

const inCompose = (text: string, service: string): string => {
  const suffix = suffixOf(service);
  const container = `  ${service}:
    <<: *service
    image: keynode/${service}:\${KEYNODE_VERSION:-0.1.0}
    build: { context: ., dockerfile: deploy/Dockerfile, args: { SERVICE: ${service} } }
    environment:
      <<: *environment
      MONGODB_URI: mongodb://${service}:\${MONGODB_PASSWORD_${suffix}:?run node deploy/generate-env.mjs}@mongo:27017/?authSource=${databaseOf(service)}&retryWrites=false
      MONGODB_DATABASE: ${databaseOf(service)}
      NATS_USER: ${service}
      NATS_PASSWORD: \${NATS_PASSWORD_${suffix}:?run node deploy/generate-env.mjs}
      INTERNAL_KEY: \${INTERNAL_KEY_${suffix}:?run node deploy/generate-env.mjs}

`;
  const passwordOf = (engine: string) => `      ${engine}_PASSWORD_${suffix}: \${${engine}_PASSWORD_${suffix}}\n`;
  const withContainer = before(text, "  # Waits for nothing: it starts and stays up without any service.\n", container);
  const withUpstream = behindLast(withContainer, /[a-z-]+=[a-z-]+:50051(?=\n)/g, `,${service}=${service}:50051`);
  const withMongo = behindLast(withUpstream, /^ {6}MONGODB_PASSWORD_\w+: \$\{\w+\}\n/gm, passwordOf("MONGODB"));
  return behindLast(withMongo, /^ {6}NATS_PASSWORD_\w+: \$\{\w+\}\n/gm, passwordOf("NATS"));
};

const listed = (subjects: readonly string[]): string => subjects.map((subject) => `"${subject}"`).join(", ");

const inNats = (text: string, service: string): string => {
  const { publish, subscribe } = busUser(service, "");
  const user = `    {
      user: ${service}
      password: $NATS_PASSWORD_${suffixOf(service)}
      permissions: {
        publish: { allow: [${listed(publish)}] }
        subscribe: { allow: [${listed(subscribe)}] }
      }
    }
`;
  return before(text, "  ]\n", user);
};

const inOwners = (text: string, service: string): string =>
  before(
    text,
    "/services/gateway/",
    `${`/services/${service}/`.padEnd(32)}@keynode/${service}\n${`/proto/crm/${service}/`.padEnd(32)}@keynode/${service} @keynode/platform\n`,
  );

/** The files with a container, a broker user and an owner for one more service. A service that they know changes nothing. */
export const withService = (files: DeploymentFiles, service: string): DeploymentFiles =>
  files.CODEOWNERS.includes(`/services/${service}/`)
    ? files
    : {
        "docker-compose.yml": inCompose(files["docker-compose.yml"], service),
        "deploy/nats/nats.conf": inNats(files["deploy/nats/nats.conf"], service),
        CODEOWNERS: inOwners(files.CODEOWNERS, service),
      };
