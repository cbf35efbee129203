import { Transient } from "@keynode/messaging/fault";
import { createTransport, type Transporter } from "nodemailer";
import type { Mail } from "./mail.ts";

/** Sends mail; throws when it was not taken. */
export type Post = { send(mail: Mail): Promise<void> };

export type PostOptions = {
  /** `smtp://user:password@host:port`, `smtps://…`. */
  readonly url: string;
  /** Whom mail is from, as its reader sees it. */
  readonly from: string;
  /** Whether mail may also go unencrypted, to a server that offers no TLS. */
  readonly mayBePlain: boolean;
};

const timeoutMs = 10_000;
/** From here on a server says that trying again helps nothing (RFC 5321 §4.2.1). */
const permanent = 500;

/** Sends through a mail server. What may pass is thrown as transient, what the server will not have as it is. */
export const openPost = ({ url, from, mayBePlain }: PostOptions): Post => {
  // The server's address is read when there is mail: putting the service together needs no real one.
  let transport: Transporter | undefined;
  const opened = (): Transporter =>
    (transport ??= createTransport(
      {
        url,
        // Links let people in: who only listens, or takes STARTTLS out of the server's offer, must not read them.
        requireTLS: !mayBePlain,
        connectionTimeout: timeoutMs,
        greetingTimeout: timeoutMs,
        socketTimeout: timeoutMs,
      },
      { from },
    ));
  const domain = /@([\w.-]+)/.exec(from)?.[1] ?? "keynode.invalid";
  return {
    send: async ({ id, to, subject, text }) => {
      try {
        await opened().sendMail({ messageId: `<${id}@${domain}>`, to, subject, text });
      } catch (error) {
        if (isPermanent(error)) throw new Error("the mail server does not take this mail", { cause: codeOf(error) });
        throw new Transient("the mail cannot be sent now", { cause: codeOf(error) });
      }
    },
  };
};

/** What the server will not have of this mail. That it does not know us is the operator's to mend, and no mail's fault. */
const isPermanent = (error: unknown): boolean => {
  const code = typeof error === "object" && error !== null && "responseCode" in error ? error.responseCode : undefined;
  return typeof code === "number" && code >= permanent && aboutTheMail.has(codeOf(error));
};

/** Envelope and content, as nodemailer names them. */
const aboutTheMail: ReadonlySet<unknown> = new Set(["EENVELOPE", "EMESSAGE"]);

/** The error's code alone: its message may hold the address. */
const codeOf = (error: unknown): unknown =>
  typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
