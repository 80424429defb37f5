import pulumi from "@pulumi/eslint-plugin";
import tseslint from "typescript-eslint";

/** Who may import whom: the table in CONTRIBUTING.md. The command line has no use for what loads the Pulumi SDK. */
const LAYERS = {
  rules: [],
  resources: ["rules"],
  provider: ["rules"],
  components: ["resources", "rules"],
  lab: ["components", "rules", "config"],
  toolchain: ["rules"],
  cli: [
    ...["toolchain", "lab", "rules", "config", "bench", "provider/x509"],
    ...["components/strict-mustache", "components/template-files", "components/verify-errors"],
  ],
  bench: ["tests", "toolchain"],
};

const layers = Object.entries(LAYERS).map(([layer, allowed]) => {
  const others = [...Object.keys(LAYERS), "tests", "examples", "config"].filter((name) => name !== layer);
  const end = String.raw`(/|\.ts$)`;
  const regex = String.raw`^(\.\./)+` + `(?!(${allowed.join("|")})${end})(${others.join("|")})${end}`;
  const message = `${layer}/ may import ${allowed.join(", ") || "nothing of ours"}: see CONTRIBUTING.md`;
  return {
    files: [`${layer}/**/*.ts`],
    rules: { "no-restricted-imports": ["error", { patterns: [{ regex, message }] }] },
  };
});

export default tseslint.config(
  { ignores: ["node_modules/", "dist/", ".lab/"] },
  ...tseslint.configs.recommendedTypeChecked.map((config) => ({ ...config, files: ["**/*.ts"] })),
  {
    files: ["**/*.ts"],
    languageOptions: { parserOptions: { projectService: true } },
    plugins: { "@pulumi": pulumi },
    rules: {
      "@pulumi/no-output-in-template-literal": "error",
      "@pulumi/no-output-instance-in-template-literal": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
    },
  },
  ...layers,
);
