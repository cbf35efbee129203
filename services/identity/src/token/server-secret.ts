import { createHmac, hkdfSync } from "node:crypto";
import { createSealing, type Sealing } from "../credential/sealing.ts";

/** What only this service's processes can make and read; all of it follows from the keys in their environment. */
export type ServerSecret = Sealing & {
  /** 256 bits that nobody else can work out from the same words, base64url. */
  mac(purpose: string, ...parts: readonly string[]): string;
};

/** The first key seals and signs; the others still open what they sealed before it took their place. */
export const openServerSecret = (keys: readonly Buffer[]): ServerSecret => {
  let known: { readonly sealing: Sealing; readonly macKey: Buffer } | undefined;
  const opened = () => (known ??= { sealing: createSealing(keys), macKey: macKeyOf(keys) });
  return {
    seal: (text, belongsTo) => opened().sealing.seal(text, belongsTo),
    open: (sealed, belongsTo) => opened().sealing.open(sealed, belongsTo),
    mac: (purpose, ...parts) => {
      const mac = createHmac("sha256", opened().macKey);
      // Each part with its length in front: no two lists of parts share their bytes by their seams.
      for (const part of [purpose, ...parts]) mac.update(`${Buffer.byteLength(part)}:${part}`);
      return mac.digest("base64url");
    },
  };
};

/** Another key than the one that seals, though both follow from one. */
const macKeyOf = ([current = Buffer.alloc(0)]: readonly Buffer[]): Buffer =>
  Buffer.from(hkdfSync("sha256", current, "keynode-identity", "mac", 32));
