import { describe, expect, it } from "@jest/globals";

import { isOwnPath, isSitePath, nearest, sitePath } from "../../rules/site-paths.ts";

describe("a site's path", () => {
  it.each([
    "/",
    "/admin",
    "/admin/",
    "/reports/2026-01/v1.2",
    "/.well-known",
    "/...",
    "/a..b",
    "/errorsx",
    "/a/errors",
    `/${"a".repeat(199)}`,
  ])("may be %s", (path) => {
    expect(isSitePath(path)).toBe(true);
  });

  it.each([
    ...["", "admin", "//", "/admin//", "//admin", "/a//b"],
    ...["/.", "/..", "/a/../b", "/a/./b", "/a/.."],
    ...["/%61dmin", "/a b", "/é", "/a;b", "/a?b", "/a#b", "/~a", "/a\\b", "/a\n", "/a{", '/a"', "/a$b", "/(a|b)"],
    ...["/errors", "/errors/", "/errors/403.html", `/${"a".repeat(200)}`],
  ])("may not be %j", (path) => {
    expect(isSitePath(path)).toBe(false);
  });

  it.each([
    ["/", "/"],
    ["/admin", "/admin"],
    ["/admin/", "/admin"],
  ])("%s is %s", (path, same) => {
    expect(sitePath(path)).toBe(same);
  });

  it("is the site's own at /whoami, with a slash or without, and not below", () => {
    const paths = ["/whoami", "/whoami/", "/whoami/x", "/WHOAMI", "/"];

    expect(paths.filter(isOwnPath)).toEqual(["/whoami", "/whoami/"]);
  });
});

describe("of several places", () => {
  it.each([
    ["/", "/"],
    ["/other", "/"],
    ["/administrator", "/"],
    ["/ADMIN", "/"],
    ["/admin", "/admin"],
    ["/admin/users", "/admin"],
    ["/admin/public", "/admin/public"],
    ["/admin/public/x", "/admin/public"],
    ["/admin/publicly", "/admin"],
  ])("it is the longest above %s: %s", (path, place) => {
    const places = ["/admin", "/", "/admin/public"].map((one) => ({ path: one }));

    expect(nearest(path, places)).toEqual({ path: place });
  });

  it("it may be none", () => {
    expect(nearest("/other", [{ path: "/admin" }])).toBeUndefined();
    expect(nearest("/", [{ path: "/admin" }])).toBeUndefined();
  });
});
