import { describe, expect, it } from "@jest/globals";

import { renewalIsDue, validityFrom } from "../../../provider/x509/validity.ts";

const NOW = new Date("2028-02-29T12:00:00.750Z");

describe("validityFrom", () => {
  it.each<[string, number, string | undefined, string, string]>([
    ["-5m", 24, undefined, "2028-02-29T11:55:00", "2028-03-01T11:55:00"],
    ["+0s", 1, undefined, "2028-02-29T12:00:00", "2028-02-29T13:00:00"],
    ["+24h", 24, undefined, "2028-03-01T12:00:00", "2028-03-02T12:00:00"],
    ["-400d", 24, undefined, "2027-01-25T12:00:00", "2027-01-26T12:00:00"],
    ["2030-01-31T00:00:00Z", 0.5, undefined, "2030-01-31T00:00:00", "2030-01-31T00:30:00"],
    ["+0s", 1 / 3, undefined, "2028-02-29T12:00:00", "2028-02-29T12:20:00"],
    ["+0s", 0.3333, undefined, "2028-02-29T12:00:00", "2028-02-29T12:20:00"],
    // No longer than its issuer.
    ["-5m", 24, "2028-03-01T11:55:01", "2028-02-29T11:55:00", "2028-03-01T11:55:00"],
    ["-5m", 24, "2028-03-01T11:54:59", "2028-02-29T11:55:00", "2028-03-01T11:54:59"],
    ["+1h", 24, "2028-02-29T13:00:01", "2028-02-29T13:00:00", "2028-02-29T13:00:01"],
    // Expired on purpose, below an issuer that has ended as well.
    ["-400d", 24, "2028-01-01T00:00:00", "2027-01-25T12:00:00", "2027-01-26T12:00:00"],
    ["-400d", 24, "2027-01-26T00:00:00", "2027-01-25T12:00:00", "2027-01-26T00:00:00"],
  ])("of one that begins at %s and has %d hours, below an end of %s", (notBefore, hours, issuerEnd, start, end) => {
    const validity = validityFrom(
      NOW,
      { notBefore, validityPeriodHours: hours },
      issuerEnd === undefined ? undefined : new Date(`${issuerEnd}Z`),
    );

    expect(validity).toEqual({ notBefore: new Date(`${start}Z`), notAfter: new Date(`${end}Z`) });
  });

  const ENDED = "the issuer has ended 2028-02-29T12:00:00.000Z: renew it, it can sign nothing that is valid";
  const LATE = (notBefore: string, end: string) =>
    `'notBefore' ${notBefore} is not before the end of the issuer, ${end}`;

  it.each([
    ["-5m", "2028-02-29T12:00:00.000Z", ENDED],
    ["+1h", "2028-02-29T12:00:00.000Z", ENDED],
    ["+1h", "2028-02-29T13:00:00.000Z", LATE("2028-02-29T13:00:00.000Z", "2028-02-29T13:00:00.000Z")],
    ["2030-01-31T00:00:00Z", "2029-01-01T00:00:00.000Z", LATE("2030-01-31T00:00:00.000Z", "2029-01-01T00:00:00.000Z")],
    ["-400d", "2027-01-25T12:00:00.000Z", LATE("2027-01-25T12:00:00.000Z", "2027-01-25T12:00:00.000Z")],
  ])("refuses one that begins at %s below an issuer that ends at %s", (notBefore, end, sentence) => {
    expect(() => validityFrom(NOW, { notBefore, validityPeriodHours: 24 }, new Date(end))).toThrow(sentence);
  });
});

describe("renewalIsDue", () => {
  const HOUR_MS = 3_600_000;
  const asked = { notBefore: "-5m", validityPeriodHours: 30, earlyRenewalHours: 10 };
  /** A moment so many hours from now. */
  const inHours = (hours: number) => NOW.getTime() + hours * HOUR_MS;

  it.each<[string, Partial<typeof asked>, number, number | undefined, boolean]>([
    ["the last part of its life is to come", {}, 10.001, undefined, false],
    ["the last part of its life begins", {}, 10, undefined, true],
    ["it has ended", {}, -1, undefined, true],
    ["it has not ended and is renewed after its end only", { earlyRenewalHours: 0 }, 0.001, undefined, false],
    ["it has ended and is renewed after its end only", { earlyRenewalHours: 0 }, 0, undefined, true],
    ["its issuer ends with it", {}, 5, 5, false],
    ["its issuer ends before it", {}, 5, 4, false],
    ["its issuer lives longer", {}, 5, 5.001, true],
    ["its issuer lives longer and it is too early", {}, 11, 100, false],
    ["it has fixed dates and has ended", { notBefore: "2028-01-01T00:00:00Z" }, -1, undefined, false],
    ["it was over when it was issued", { notBefore: "-400d" }, -400 * 24 + 30, undefined, false],
    ["it was over in the second in which it was issued", { notBefore: "-30h" }, -1, undefined, false],
    ["it was not quite over when it was issued", { notBefore: "-29h" }, -1, undefined, true],
    ["it is not yet valid", { notBefore: "+24h" }, 54, undefined, false],
    ["it was not yet valid when it was issued and ends soon", { notBefore: "+24h" }, 9, undefined, true],
  ])("when %s", (_, changes, left, issuerEnd, due) => {
    const end = issuerEnd === undefined ? undefined : new Date(inHours(issuerEnd));

    expect(renewalIsDue(NOW, { ...asked, ...changes }, inHours(left), end)).toBe(due);
  });
});
