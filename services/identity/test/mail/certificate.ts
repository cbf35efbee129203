import { generateKeyPairSync, sign } from "node:crypto";

/** A server's certificate for `localhost` that signs itself, and its key, as PEM; good for an hour. */
export type Certificate = { readonly cert: string; readonly key: string };

const tags = { integer: 0x02, bits: 0x03, octets: 0x04, oid: 0x06, text: 0x0c, time: 0x17, sequence: 0x30, set: 0x31 };

/** One element of DER (X.690 §8.1). */
const der = (tag: number, ...contents: readonly Uint8Array[]): Buffer => {
  const content = Buffer.concat(contents);
  const size = content.length;
  const length = size < 0x80 ? [size] : size < 0x100 ? [0x81, size] : [0x82, size >> 8, size & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
};

const sequence = (...contents: readonly Uint8Array[]): Buffer => der(tags.sequence, ...contents);
const oid = (hex: string): Buffer => der(tags.oid, Buffer.from(hex, "hex"));

const ecdsaWithSha256 = sequence(oid("2a8648ce3d040302"));
const commonName = sequence(der(tags.set, sequence(oid("550403"), der(tags.text, Buffer.from("localhost")))));
/** subjectAltName: the DNS name `localhost`. */
const names = sequence(oid("551d11"), der(tags.octets, sequence(der(0x82, Buffer.from("localhost")))));

const timeOf = (at: Date): Buffer =>
  der(
    tags.time,
    Buffer.from(
      `${at
        .toISOString()
        .replace(/[-:T]|\..*/g, "")
        .slice(2)}Z`,
    ),
  );

/** RFC 5280 §4.1, no more of it than a TLS client looks at. */
export const selfSigned = (now: Date): Certificate => {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const hourMs = 3_600_000;
  const content = sequence(
    der(0xa0, der(tags.integer, Buffer.from([2]))),
    der(tags.integer, Buffer.from([1])),
    ecdsaWithSha256,
    commonName,
    sequence(timeOf(new Date(now.getTime() - hourMs)), timeOf(new Date(now.getTime() + hourMs))),
    commonName,
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, sequence(names)),
  );
  const signature = der(tags.bits, Buffer.from([0]), sign("sha256", content, privateKey));
  const base64 = sequence(content, ecdsaWithSha256, signature).toString("base64");
  const cert = `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`;
  return { cert, key: privateKey.export({ type: "pkcs8", format: "pem" }).toString() };
};
