// What is remembered, with and without a storage.
// @vitest-environment happy-dom
import { beforeEach, describe, expect, it, vi } from "vitest";
import { Store } from "../src/store.ts";
import { accepted } from "../src/uploads.ts";

beforeEach(() => localStorage.clear());

describe("the store", () => {
  it("keeps workgroups and servers apart", () => {
    const one = new Store(Store.prefix("https://a/", "support"));
    const other = new Store(Store.prefix("https://a/", "sales"));
    one.set("draft", "words");
    expect(one.get("draft")).toBe("words");
    expect(other.get("draft")).toBeNull();
    one.set("draft", null);
    expect(one.get("draft")).toBeNull();
  });

  it("keeps a form in its tab alone", () => {
    const store = new Store("p/");
    store.set("form", { name: "Mira" });
    expect(new Store("p/").get("form")).toEqual({ name: "Mira" });
    expect([localStorage.length, sessionStorage.length]).toEqual([0, 1]);
    store.set("form", null);
    expect(sessionStorage.length).toBe(0);
  });

  it("works in memory when storage is denied or full", () => {
    const denied = { getItem: () => { throw new Error("denied"); }, setItem: () => { throw new Error("full"); }, removeItem: () => { throw new Error("denied"); } } as unknown as Storage;
    for (const area of [denied, null]) {
      const store = new Store("p/", area);
      store.set("draft", "words");
      expect(store.get("draft")).toBe("words");
      store.set("draft", null);
      expect(store.get("draft")).toBeNull();
    }
  });

  it("survives what others wrote there", () => {
    localStorage.setItem("p/outbox", "{nonsense");
    expect(new Store("p/").get("outbox")).toBeNull();
  });

  it("hears of its own workgroup's changes in other tabs only", () => {
    const store = new Store("p/");
    const heard = vi.fn();
    store.watch(heard);
    for (const key of ["p/draft", "q/draft", null]) window.dispatchEvent(new StorageEvent("storage", { key, storageArea: localStorage }));
    expect(heard.mock.calls).toEqual([["draft"]]);
    store.close();
    window.dispatchEvent(new StorageEvent("storage", { key: "p/draft", storageArea: localStorage }));
    expect(heard).toHaveBeenCalledTimes(1);
  });
});

describe("accepted kinds of files", () => {
  it("by type, by family, by ending, or all", () => {
    const pdf = { name: "A.PDF", type: "application/pdf" };
    expect([["application/pdf"], ["application/*"], [".pdf"], ["pdf"], ["*"], []].map((types) => accepted(pdf, types))).toEqual([true, true, true, true, true, true]);
    expect(accepted(pdf, ["image/*", "text/plain"])).toBe(false);
    expect(accepted({ name: "x.exe", type: "" }, ["image/*"])).toBe(false);
  });
});
