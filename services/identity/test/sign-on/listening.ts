import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** An HTTP server on loopback whose port is known before there is anything to serve. */
export type Listening = {
  readonly origin: string;
  serve(listener: RequestListener): void;
  close(): Promise<void>;
};

export const listening = async (): Promise<Listening> => {
  let serving: RequestListener = (_request, response) => response.writeHead(503).end();
  const server: Server = createServer((request, response) => serving(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    serve: (listener) => {
      serving = listener;
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
};
