import { expect, test } from "vitest";
import { Problem } from "../src/lib/api";
import { deliver } from "../src/lib/letter";

const going = new AbortController().signal;

test("is sent again until the server answers", async () => {
  let tries = 0;
  const sent = () => (++tries < 3 ? Promise.reject(new TypeError("offline")) : Promise.resolve("taken"));
  expect(await deliver(sent, going, 1)).toBe("taken");
  expect(tries).toBe(3);
});

test("is sent again while the server cannot decide", async () => {
  const answers = [new Problem(503, "away", "")];
  const sent = () => (answers.length > 0 ? Promise.reject(answers.pop()) : Promise.resolve("taken"));
  expect(await deliver(sent, going, 1)).toBe("taken");
});

test("what the server says no to is not sent again", async () => {
  let tries = 0;
  const sent = () => Promise.reject((tries++, new Problem(409, "no", "already")));
  await expect(deliver(sent, going, 1)).rejects.toThrow("already");
  expect(tries).toBe(1);
});

test("ends with its page", async () => {
  const leaving = new AbortController();
  const sent = deliver(() => Promise.reject(new TypeError("offline")), leaving.signal, 10_000);
  await Promise.resolve();
  leaving.abort();
  await expect(sent).rejects.toThrow("offline");
});
