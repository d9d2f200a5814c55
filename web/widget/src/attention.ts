// Gets the visitor's attention when a message comes and nobody looks: a short soft tone and the page's title. One tab rings, not all.
import type { Store } from "./store.ts";

const RING_SPREAD_MS = 200;

export class Attention {
  #title: string | null = null;
  #audio: AudioContext | null = null;
  readonly #back = (): void => {
    if (document.visibilityState === "visible") this.calm();
  };
  readonly #unlock = (): void => void this.#audio?.resume().catch(() => {});

  constructor(private readonly store: Store) {
    document.addEventListener("visibilitychange", this.#back);
    document.addEventListener("pointerdown", this.#unlock, { passive: true });
  }

  get muted(): boolean {
    return this.store.get("muted") === true;
  }

  mute(muted: boolean): void {
    this.store.set("muted", muted || null);
  }

  /** A message came that nobody saw. `mark` names it, so that only one tab rings for it. */
  call(mark: string, title: string): void {
    if (document.visibilityState === "hidden") {
      this.#title ??= document.title;
      document.title = `● ${title} · ${this.#title}`;
    }
    if (this.muted) return;
    setTimeout(() => {
      if (this.store.get("rung") === mark) return;
      this.store.set("rung", mark);
      this.#ring();
    }, Math.random() * RING_SPREAD_MS);
  }

  calm(): void {
    if (this.#title !== null) document.title = this.#title;
    this.#title = null;
  }

  stop(): void {
    document.removeEventListener("visibilitychange", this.#back);
    document.removeEventListener("pointerdown", this.#unlock);
    this.calm();
    void this.#audio?.close().catch(() => {});
  }

  /** Two soft notes, a third apart. Browsers stay silent until the page was touched once. */
  #ring(): void {
    try {
      this.#audio ??= new AudioContext();
      const audio = this.#audio;
      void audio.resume().catch(() => {});
      [659.3, 830.6].forEach((pitch, at) => {
        const start = audio.currentTime + at * 0.13;
        const tone = audio.createOscillator();
        const volume = audio.createGain();
        tone.frequency.value = pitch;
        volume.gain.setValueAtTime(0, start);
        volume.gain.linearRampToValueAtTime(0.09, start + 0.02);
        volume.gain.exponentialRampToValueAtTime(0.0005, start + 0.5);
        tone.connect(volume).connect(audio.destination);
        tone.start(start);
        tone.stop(start + 0.55);
      });
    } catch {
      // No sound here.
    }
  }
}
