import { describe, expect, it } from "@jest/globals";

import { clientNameProblems } from "../../rules/client-names.ts";

describe("clientNameProblems", () => {
  it("finds none in names that are all different", () => {
    expect(clientNameProblems(["a", "7", "alice@lab.test", "a-b_c.d", "constructor", "a".repeat(64)])).toEqual([]);
  });

  it("finds every name that is none, and every one that is there already", () => {
    expect(clientNameProblems(["bob", "", "Bob", "a/b", "bob"])).toEqual([
      [1, "must be 1 to 64 letters and digits, with ._@- in between, got ''"],
      [2, "must differ from the name of clients[0], capitals aside, got 'Bob': remove one"],
      [3, "must be 1 to 64 letters and digits, with ._@- in between, got 'a/b'"],
      [4, "must differ from the name of clients[0], capitals aside, got 'bob': remove one"],
    ]);
  });
});
