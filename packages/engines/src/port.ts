import { createServer } from "node:net";

const HOST = "127.0.0.1";

/** The port if it is free on the loopback address, undefined if not; 0 finds any. */
const tryPort = (port: number): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) =>
      error.code === "EADDRINUSE" || error.code === "EACCES" ? resolve(undefined) : reject(error),
    );
    server.listen({ host: HOST, port, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : undefined));
    });
  });

/** `wanted` must be free, `usual` is taken when it is, otherwise any free port. Throws when `wanted` is busy. */
export const choosePort = async ({ wanted, usual }: { wanted?: number; usual?: number }): Promise<number> => {
  if (wanted !== undefined && wanted !== 0) {
    if ((await tryPort(wanted)) === undefined) throw new Error(`port ${wanted} on ${HOST} is in use or not allowed`);
    return wanted;
  }
  const port = (usual === undefined ? undefined : await tryPort(usual)) ?? (await tryPort(0));
  if (port === undefined) throw new Error(`no free port on ${HOST}`);
  return port;
};
