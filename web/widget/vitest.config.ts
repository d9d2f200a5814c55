// How the unit tests run: in node, except where a file asks for a page.
import { defineConfig } from "vitest/config";

export default defineConfig({ test: { include: ["test/**/*.test.ts"], environment: "node", restoreMocks: true } });
