import type { AddressInfo } from "node:net";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import type { Certificate } from "./certificate.ts";

/** A mail as the server took it. */
export type Taken = {
  readonly from: string;
  readonly to: readonly string[];
  readonly isEncrypted: boolean;
  readonly user: string | undefined;
  readonly source: string;
};

/** Headers and text of a mail whose parts are quoted-printable or base64 in UTF-8, as nodemailer writes them. */
export const read = ({ source }: Taken): { readonly headers: string; readonly text: string } => {
  const [head = "", ...rest] = source.split("\r\n\r\n");
  const headers = head.replace(/\r\n\s+/g, " ");
  const body = rest.join("\r\n\r\n");
  const coding = /^content-transfer-encoding: *(\S+)/im.exec(headers)?.[1]?.toLowerCase();
  if (coding === "base64") return { headers, text: Buffer.from(body, "base64").toString() };
  if (coding !== "quoted-printable") return { headers, text: body };
  const bytes = body
    .replace(/=\r\n/g, "")
    .replace(/=([\dA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return { headers, text: Buffer.from(bytes, "latin1").toString() };
};

/** A real mail server on loopback, which asks for the name and password given unless there are none. */
export const startMailServer = async ({
  account,
  certificate,
  port = 0,
  ...options
}: SMTPServerOptions & {
  readonly account?: { readonly user: string; readonly password: string };
  readonly certificate?: Certificate;
  readonly port?: number;
} = {}) => {
  const taken: Taken[] = [];
  const server = new SMTPServer({
    ...certificate,
    disabledCommands: certificate === undefined ? ["STARTTLS"] : [],
    authOptional: account === undefined,
    // What a client says over a line that anybody reads is for the test to see.
    allowInsecureAuth: true,
    onAuth: ({ username, password }, _session, done) => {
      const isKnown = username === account?.user && password === account?.password;
      if (isKnown) done(null, { user: username });
      else done(new Error("535 no such account"));
    },
    onData: (stream, { envelope, secure, user }, done) => {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        taken.push({
          from: envelope.mailFrom === false ? "" : envelope.mailFrom.address,
          to: envelope.rcptTo.map(({ address }) => address),
          isEncrypted: secure,
          user: user === undefined ? undefined : String(user),
          source: Buffer.concat(chunks).toString(),
        });
        done();
      });
    },
    ...options,
  });
  // What a client does wrong is told to the client.
  server.on("error", () => undefined);
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    port: (server.server.address() as AddressInfo).port,
    taken,
    stop: () => new Promise<void>((resolve) => server.close(resolve)),
  };
};
