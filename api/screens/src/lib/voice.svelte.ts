/** The browser's voice for announcements. Only voices of the machine itself: others would send the address to a server. */
import { Announcer, type Saying, type Speaker } from "./announce";
import type { Language } from "./strings";
import { words } from "./words.svelte";

export class Voice {
  /** Whether there is a voice for the page's language. */
  available = $derived.by(() => pick(this.voices, words.language) !== null);
  private voices = $state.raw<readonly SpeechSynthesisVoice[]>([]);
  private utterance: SpeechSynthesisUtterance | null = null;
  private readonly synthesis = "speechSynthesis" in window ? window.speechSynthesis : null;
  private readonly announcer: Announcer;

  constructor(duck: (on: boolean) => void) {
    this.announcer = new Announcer(this.speaker(), duck);
  }

  start(): () => void {
    const look = () => (this.voices = this.synthesis?.getVoices() ?? []);
    look();
    this.synthesis?.addEventListener?.("voiceschanged", look);
    return () => {
      this.synthesis?.removeEventListener?.("voiceschanged", look);
      this.want([]);
    };
  }

  want(sayings: readonly Saying[]): void {
    this.announcer.want(words.language, sayings);
  }

  private speaker(): Speaker {
    return {
      speak: (text, language, ended) => {
        const voice = pick(this.voices, language);
        if (this.synthesis === null || voice === null) return false;
        // held here: one that is only in the queue may be collected, and then never says that it has ended
        this.utterance = new SpeechSynthesisUtterance(text);
        this.utterance.voice = voice;
        this.utterance.lang = voice.lang;
        this.utterance.rate = 0.9;
        this.utterance.onend = this.utterance.onerror = ended;
        this.synthesis.speak(this.utterance);
        return true;
      },
      cancel: () => this.synthesis?.cancel(),
    };
  }
}

function pick(voices: readonly SpeechSynthesisVoice[], language: Language): SpeechSynthesisVoice | null {
  const fitting = voices.filter((voice) => voice.localService && voice.lang.toLowerCase().replace("_", "-").startsWith(language));
  const plain = language === "zh" ? "zh-cn" : "en-gb";
  return fitting.find((voice) => voice.lang.toLowerCase().replace("_", "-") === plain) ?? fitting[0] ?? null;
}
