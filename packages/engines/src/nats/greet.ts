import { connect } from "node:net";

export type NatsGreeting = { readonly version: string; readonly jetstream: boolean };

const greeting = (line: string): NatsGreeting | undefined => {
  if (!line.startsWith("INFO ")) return undefined;
  const info: unknown = JSON.parse(line.slice("INFO ".length));
  if (typeof info !== "object" || info === null || !("version" in info) || typeof info.version !== "string")
    return undefined;
  return { version: info.version, jetstream: "jetstream" in info && info.jetstream === true };
};

/** What a NATS server says of itself, which it does before it asks for credentials or TLS. Throws when nothing does. */
export const greetNats = (url: string, timeoutMs: number): Promise<NatsGreeting> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url.includes("://") ? url : `nats://${url}`);
    const socket = connect({ host: hostname, port: Number(port === "" ? 4222 : port), timeout: timeoutMs });
    let text = "";
    const fail = (reason: string) => {
      socket.destroy();
      reject(new Error(`no NATS server at ${hostname}:${port}: ${reason}`));
    };
    socket.setEncoding("utf8");
    socket.on("timeout", () => fail(`no greeting within ${timeoutMs / 1000} s`));
    socket.on("error", (error) => fail(error.message));
    socket.on("end", () => fail("it closed the connection"));
    socket.on("data", (chunk: string) => {
      text += chunk;
      const end = text.indexOf("\r\n");
      if (end === -1) return;
      const info = greeting(text.slice(0, end));
      if (info === undefined) return fail("it does not speak NATS");
      socket.destroy();
      resolve(info);
    });
  });
