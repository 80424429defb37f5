import { describe, expect, it } from "@jest/globals";

import { verifyErrors } from "../../components/verify-errors.ts";

const { errors, other } = verifyErrors();

describe("templates/verify-errors.json", () => {
  it("explains every error that a client certificate can meet, once, by rising code", () => {
    expect(errors.map(({ code }) => code)).toEqual([
      2, 3, 7, 9, 10, 11, 12, 18, 19, 20, 21, 23, 25, 26, 32, 34, 35, 47, 48, 66, 67, 68,
    ]);
  });

  it("has other words for each", () => {
    const texts = errors.flatMap(({ text, olderText }) => [text, olderText ?? []].flat());

    expect(new Set(texts).size).toBe(texts.length);
  });

  it.each([...errors, { name: "any other error", ...other }])(
    "says the cause and the cure of $name in whole sentences",
    (error) => {
      expect([error.cause, error.cure]).toEqual([
        expect.stringMatching(/^[A-Z].+\.$/),
        expect.stringMatching(/^[A-Z].+\.$/),
      ]);
    },
  );
});
