import { expect, test } from "vitest";
import { replyOf } from "../src/http-connection.ts";

const answer = 'HTTP/1.1 200 OK\r\nETag: "3"\r\nContent-Length: 6\r\n\r\n{"é"}';

test("an answer is whole once all bytes of its body are there", () => {
  const bytes = Buffer.from(answer);
  for (let size = 0; size < bytes.length; size += 1) expect(replyOf(bytes.subarray(0, size))).toBeUndefined();
  expect(replyOf(bytes)).toMatchObject({ status: 200, etag: '"3"', body: Buffer.from('{"é"}') });
});

test("an answer that does not say its length is refused", () => {
  expect(replyOf(Buffer.from("HTTP/1.1 200 OK\r\n\r\n"))).toBeInstanceOf(Error);
});
