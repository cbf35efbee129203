import { inspect } from "node:util";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { Transient } from "@keynode/messaging/fault";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { openPost } from "../../src/mail/post.ts";
import { selfSigned } from "./certificate.ts";
import { read, startMailServer } from "./mail-server.ts";

const certificate = selfSigned(new Date());
const account = { user: "keynode", password: "postal secret 1" };
const known = getCACertificates("default");
beforeAll(() => setDefaultCACertificates([...known, certificate.cert]));
afterAll(() => setDefaultCACertificates(known));

const server = async (options: Parameters<typeof startMailServer>[0] = {}) => {
  const started = await startMailServer(options);
  onTestFinished(started.stop);
  return started;
};
const urlOf = (port: number, { scheme = "smtp", password = account.password } = {}): string =>
  `${scheme}://${account.user}:${encodeURIComponent(password)}@localhost:${port}`;
const postTo = (url: string, mayBePlain = false) =>
  openPost({ url, from: "Keynode <crm@keynode.example>", mayBePlain });

const link = "https://crm.example/set-password#token=knl_secret";
const mail = { id: "mail-1", to: "wang@demo.example", subject: "重置密码", text: `王芳，您好：\n\n${link}\n` };

/** What sending fails with; it must tell nobody the password, the address or the link. */
const failure = async (sending: Promise<void>): Promise<unknown> => {
  const error = await sending.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error === undefined) throw new Error("the mail was taken");
  const told = inspect(error, { depth: 10, showHidden: true });
  for (const secret of [account.password, encodeURIComponent(account.password), mail.to, "knl_secret"]) {
    expect(told).not.toContain(secret);
  }
  return error;
};

describe("a mail", () => {
  it("arrives as it was written, from whom the operator says, encrypted and under the account", async () => {
    const { port, taken } = await server({ certificate, account });
    await postTo(urlOf(port)).send(mail);
    expect(taken).toMatchObject([
      { from: "crm@keynode.example", to: [mail.to], isEncrypted: true, user: account.user },
    ]);
    const [only] = taken;
    const { headers, text } = only === undefined ? { headers: "", text: "" } : read(only);
    expect(text.replaceAll("\r\n", "\n")).toContain(mail.text.trim());
    expect(headers).toContain("Message-ID: <mail-1@keynode.example>");
  });
  it("goes by TLS from the first byte to a server that wants it so", async () => {
    const { port, taken } = await server({ certificate, account, secure: true });
    await postTo(urlOf(port, { scheme: "smtps" })).send(mail);
    expect(taken).toMatchObject([{ isEncrypted: true }]);
  });
  it("waits where its server offers no encryption, unless the operator lets it go without", async () => {
    const { port, taken } = await server();
    const url = `smtp://localhost:${port}`;
    expect(await failure(postTo(url).send(mail))).toBeInstanceOf(Transient);
    expect(taken).toEqual([]);
    await postTo(url, true).send(mail);
    expect(taken).toMatchObject([{ isEncrypted: false }]);
  });
  it("is given to no server whose certificate nobody vouches for, nor its password", async () => {
    const heard: string[] = [];
    const { port, taken } = await server({
      certificate: selfSigned(new Date()),
      onAuth: ({ username }, _session, done) => {
        heard.push(username ?? "");
        done(null, { user: username });
      },
    });
    expect(await failure(postTo(urlOf(port)).send(mail))).toBeInstanceOf(Transient);
    expect([taken, heard]).toEqual([[], []]);
  });
  it("waits while the server is away, does not answer or does not know us", async () => {
    const gone = await startMailServer({ certificate });
    await gone.stop();
    expect(await failure(postTo(urlOf(gone.port)).send(mail))).toBeInstanceOf(Transient);
    const busy = await server({
      certificate,
      onConnect: (_session, done) => done(Object.assign(new Error("later"), { responseCode: 421 })),
    });
    expect(await failure(postTo(urlOf(busy.port)).send(mail))).toBeInstanceOf(Transient);
    const strict = await server({ certificate, account });
    expect(await failure(postTo(urlOf(strict.port, { password: "wrong" })).send(mail))).toBeInstanceOf(Transient);
  });
  it("that its server will never have is not waited with", async () => {
    const { port } = await server({
      certificate,
      account,
      onRcptTo: (_address, _session, done) => done(Object.assign(new Error("unknown"), { responseCode: 550 })),
    });
    expect(await failure(postTo(urlOf(port)).send(mail))).not.toBeInstanceOf(Transient);
  });
});
