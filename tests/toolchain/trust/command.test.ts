import { describe, expect, it } from "@jest/globals";

import { asText, type Command, perform, withSudo } from "../../../toolchain/trust/command.ts";

const importing: Command = {
  program: "keytool",
  args: ["-importcert", "-alias", "mtls-lab dev root"],
  env: { STOREPASS: "change it" },
  input: { text: "-----BEGIN", what: "the certificate" },
};

describe("a command", () => {
  it.each<[string, Command, string]>([
    ["plain words", { program: "rm", args: ["-f", "/a/b.crt"] }, "rm -f /a/b.crt"],
    ["a space", { program: "certutil", args: ["-n", "a root"] }, "certutil -n 'a root'"],
    ["a quote", { program: "rm", args: ["it's"] }, "rm 'it'\\''s'"],
    ["what a shell would run", { program: "rm", args: ["$(id)"] }, "rm '$(id)'"],
    ["nothing", { program: "rm", args: [""] }, "rm ''"],
    [
      "variables and input",
      importing,
      "STOREPASS='change it' keytool -importcert -alias 'mtls-lab dev root' # reads the certificate",
    ],
    [
      "the rights of root",
      withSudo(importing),
      "STOREPASS='change it' sudo --preserve-env=STOREPASS keytool -importcert -alias 'mtls-lab dev root' " +
        "# reads the certificate",
    ],
    ["the rights of root, and no variables", withSudo({ program: "rm", args: ["a"] }), "sudo rm a"],
  ])("is shown as a shell takes it: with %s", (_, command, text) => {
    expect(asText(command)).toBe(text);
  });

  it("gets its input and its variables, and returns what it prints", async () => {
    const command = {
      program: "sh",
      args: ["-c", "cat; echo $WHO"],
      env: { WHO: "lab" },
      input: { text: "in\n", what: "" },
    };
    await expect(perform(command)).resolves.toBe("in\nlab\n");
  });

  it("that fails says so with the last line that it printed", async () => {
    const failing = { program: "sh", args: ["-c", "echo because >&2; exit 3"] };
    await expect(perform(failing)).rejects.toThrow("sh -c: because");
  });

  it("that reads no input ends well", async () => {
    const deaf = { program: "true", args: [], input: { text: "x".repeat(1 << 20), what: "" } };
    await expect(perform(deaf)).resolves.toBe("");
  });
});
