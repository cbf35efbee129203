import { describe, expect, it } from "vitest";
import { refuseWeakPassword } from "../../src/domain/user/password-weakness.ts";

const person = { name: "Li Wei", email: "li.wei@acme.example" };
const policy = { minLength: 8, maxLength: 200 };
const isWeak = (password: string) => refuseWeakPassword(password, person, "password", policy) !== undefined;

describe("a password", () => {
  it.each(["correct horse battery", "Tr0ub4dor&3", "青山绿水长流不息", "9Xq-72fL", "lantern0rchard"])(
    "that is hard to guess is taken: %s",
    (password) => {
      expect(isWeak(password)).toBe(false);
    },
  );
  it.each([
    "kxq7Z9!",
    "aaaaaaaaaaaa",
    "abababab12",
    "abcdefghij",
    "87654321",
    "19900101",
    "Password123!",
    "１２３４５６７８",
    "qwertyuiop",
    "woaini1314",
  ])("that is short, repetitive, a run, digits only or common is refused: %s", (password) => {
    expect(isWeak(password)).toBe(true);
  });
  it.each(["liwei2026!", "li.wei@acme.example", "Li.Wei1990"])(
    "that is the user's own name is refused: %s",
    (password) => {
      expect(isWeak(password)).toBe(true);
    },
  );
  it("is refused naming its field", () => {
    expect(refuseWeakPassword("12345678", person, "new_password", policy)).toMatchObject({
      reason: "PASSWORD_TOO_WEAK",
      violations: [{ field: "new_password" }],
    });
  });
});
