import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";

import { DEFAULT_NOT_BEFORE, isMoment, isNotBefore, startOf } from "../../rules/not-before.ts";

const MOMENTS = ["2030-01-31T00:00:00Z", "2030-01-31T23:59:59.000Z", "2028-02-29T12:00:00Z", "0001-01-01T00:00:00Z"];
const SPANS = ["-5m", "+24h", "-400d", "+0s", "-0d", "+999999s"];
const NEITHER = [
  ...[
    "",
    "now",
    "5m",
    "+5",
    "-m",
    "+5w",
    "+5M",
    "+ 5m",
    " +5m",
    "+5m ",
    "+5m\n",
    "--5m",
    "+5m5s",
    "+1.5h",
    "+1000000s",
  ],
  ...["2030-01-31", "2030-01-31T00:00Z", "2030-01-31T00:00:00", "2030-01-31 00:00:00Z", "2030-01-31T00:00:00+00:00"],
  ...["2030-01-31T00:00:00.001Z", "2030-1-31T00:00:00Z", "+002030-01-31T00:00:00Z", "2030-01-31T00:00:00z"],
  // No days and hours that a calendar and a clock have.
  ...["2030-02-29T00:00:00Z", "2030-02-30T00:00:00Z", "2030-04-31T00:00:00Z", "2030-01-32T00:00:00Z"],
  ...["2030-13-01T00:00:00Z", "2030-00-01T00:00:00Z", "2030-01-00T00:00:00Z", "2030-01-31T24:00:00Z"],
  ...["2030-01-31T00:60:00Z", "2030-01-31T00:00:60Z"],
];

describe("isMoment", () => {
  it.each(MOMENTS)("takes %s", (text) => {
    expect(isMoment(text)).toBe(true);
  });

  it.each([...SPANS, ...NEITHER])("refuses %j", (text) => {
    expect(isMoment(text)).toBe(false);
  });
});

describe("isNotBefore", () => {
  it.each([DEFAULT_NOT_BEFORE, ...MOMENTS, ...SPANS])("takes %s", (text) => {
    expect(isNotBefore(text)).toBe(true);
  });

  it.each(NEITHER)("refuses %j", (text) => {
    expect(isNotBefore(text)).toBe(false);
  });
});

describe("startOf", () => {
  const now = new Date("2028-02-29T12:34:56.789Z");

  it.each([
    ["2030-01-31T00:00:00Z", "2030-01-31T00:00:00.000Z"],
    ["2000-01-31T00:00:00.000Z", "2000-01-31T00:00:00.000Z"],
    ["-5m", "2028-02-29T12:29:56.000Z"],
    ["+0s", "2028-02-29T12:34:56.000Z"],
    ["-1s", "2028-02-29T12:34:55.000Z"],
    ["+4s", "2028-02-29T12:35:00.000Z"],
    ["+24h", "2028-03-01T12:34:56.000Z"],
    ["-366d", "2027-02-28T12:34:56.000Z"],
  ])("of %s is %s", (notBefore, start) => {
    expect(startOf(notBefore, now).toISOString()).toBe(start);
  });

  it("is a whole second at or before the span's end, whenever now is", () => {
    const spans = fc.tuple(fc.constantFrom("+", "-"), fc.nat(9999), fc.constantFrom("s", "m", "h", "d"));
    const unit = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
    const moments = fc.date({ min: new Date("2000-01-01"), max: new Date("2100-01-01"), noInvalidDate: true });
    fc.assert(
      fc.property(spans, moments, ([sign, amount, of], moment) => {
        const start = startOf(`${sign}${amount}${of}`, moment).getTime();
        const early = moment.getTime() + Number(`${sign}1`) * amount * unit[of] - start;
        expect([start % 1000, early >= 0, early < 1000]).toEqual([0, true, true]);
      }),
    );
  });
});
