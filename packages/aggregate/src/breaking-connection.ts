import { createRequire } from "node:module";
import type { Socket } from "node:net";

/** As much of the driver's connection as is changed here. */
type DriverConnection = {
  readonly socket: Socket;
  readonly closed: boolean;
  cleanup(error: Error): void;
};

type ConnectionModule = { readonly Connection: new (socket: Socket, options: object) => DriverConnection };

const { Connection }: ConnectionModule = createRequire(import.meta.url)("mongodb/lib/cmap/connection.js");

/**
 * The driver's connection, with an end for commands that meet it on its way down. Up to 7.9.0 such a command waits for its
 * socket's `drain`; a socket that is destroyed already tells of no error when it is written to, only of its close, and
 * the command was never settled: a record's queue, a relay's round or an event stood still until the process ended.
 */
export class BreakingConnection extends Connection {
  override cleanup(error: Error): void {
    // Also asked for by what is emitted below.
    if (this.closed) return;
    super.cleanup(error);
    this.socket.emit("error", error);
  }
}
