import { hash, verify } from "@node-rs/argon2";

/** OWASP's first choice for Argon2id: 19 MiB, two passes, one lane. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** Hash of no password; checking against it takes as long as against a user's. */
const nobodys = hash(crypto.randomUUID(), cost);

/** Argon2id in PHC form, salted. */
export const hashPassword = (password: string): Promise<string> => hash(normalised(password), cost);

/** Whether a password is the one that was hashed; without a hash it takes the same time and is not. */
export const isPassword = async (password: string, hashed: string | undefined): Promise<boolean> => {
  const fits = await verify(hashed ?? (await nobodys), normalised(password));
  return fits && hashed !== undefined;
};

/** The same password whichever way its characters were composed on the keyboard (NIST SP 800-63B §3.1.1.2). */
const normalised = (password: string): string => password.normalize("NFKC");
