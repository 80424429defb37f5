import { describe, expect, it } from "@jest/globals";

import { isRevocationReason, REVOCATION_REASONS } from "../../rules/revocation-reasons.ts";

describe("a reason of revocation", () => {
  it("has the number that RFC 5280, 5.3.1 gives it", () => {
    expect(REVOCATION_REASONS).toEqual({
      unspecified: 0,
      keyCompromise: 1,
      cACompromise: 2,
      affiliationChanged: 3,
      superseded: 4,
      cessationOfOperation: 5,
      certificateHold: 6,
      privilegeWithdrawn: 9,
      aACompromise: 10,
    });
  });

  it.each(Object.keys(REVOCATION_REASONS))("may be %s", (reason) => {
    expect(isRevocationReason(reason)).toBe(true);
  });

  it.each(["", "removeFromCRL", "keycompromise", "KeyCompromise", "1", " superseded", "constructor", "__proto__"])(
    "may not be %j",
    (reason) => {
      expect(isRevocationReason(reason)).toBe(false);
    },
  );
});
