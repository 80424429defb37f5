import { describe, expect, it } from "@jest/globals";

import { type ImageFacts, imageStatus, imageText } from "../../cli/image.ts";

const ID = `sha256:${"0123456789abcdef".repeat(4)}`;
const DIGEST = `nginx@sha256:${"f".repeat(64)}`;

const OFFICIAL: ImageFacts = {
  Id: ID,
  RepoDigests: [`mirror.example/nginx@sha256:${"e".repeat(64)}`, DIGEST],
  Config: { Env: ["PATH=/bin", "NGINX_VERSION=1.28.0"], Labels: { maintainer: "x" } },
};
const BUILT: ImageFacts = {
  Id: ID,
  RepoDigests: [],
  Config: {
    Env: ["PATH=/bin"],
    Labels: {
      "org.opencontainers.image.description": "built on this machine from Debian's nginx package",
      "org.opencontainers.image.version": "1.22.1-9+deb12u11",
    },
  },
};
const LOADED: ImageFacts = { Id: ID, RepoDigests: null, Config: { Env: null, Labels: null } };

describe("an image", () => {
  it.each<[string, string, ImageFacts, object, string]>([
    [
      "of a registry",
      "nginx:stable",
      OFFICIAL,
      { id: ID, digest: DIGEST, version: "1.28.0" },
      `nginx:stable: nginx 1.28.0, ${DIGEST}`,
    ],
    [
      "by its digest",
      DIGEST,
      OFFICIAL,
      { id: ID, digest: DIGEST, version: "1.28.0" },
      `${DIGEST}: nginx 1.28.0, ${DIGEST}`,
    ],
    [
      "of a registry with a port",
      "mirror.example:5000/nginx",
      { ...OFFICIAL, RepoDigests: [DIGEST] },
      { id: ID, digest: DIGEST, version: "1.28.0" },
      `mirror.example:5000/nginx: nginx 1.28.0, ${DIGEST}`,
    ],
    [
      "built by set-up",
      "nginx:stable",
      BUILT,
      { id: ID, version: "1.22.1-9+deb12u11", description: "built on this machine from Debian's nginx package" },
      "nginx:stable: nginx 1.22.1-9+deb12u11, built on this machine from Debian's nginx package, sha256:0123456789ab",
    ],
    ["of somebody who says nothing", "web:1", LOADED, { id: ID }, "web:1: of no registry, sha256:0123456789ab"],
  ])("%s is named so that it can be told from others", (_, name, facts, status, text) => {
    expect(imageStatus(name, facts)).toEqual({ name, ...status });
    expect(imageText(imageStatus(name, facts))).toBe(text);
  });

  it("that no container runs has its name alone", () => {
    expect(imageStatus("nginx:stable", undefined)).toEqual({ name: "nginx:stable" });
    expect(imageText({ name: "nginx:stable" })).toBe("nginx:stable");
  });
});
